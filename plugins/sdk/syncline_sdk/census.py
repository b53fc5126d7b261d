"""What a module tells of the provider's records without pulling them, to be held against ours.

A census is a few calls, however many records there are, and it only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx

from syncline_sdk.options import Value
from syncline_sdk.records import InvoiceState, Record


@dataclass(frozen=True, kw_only=True)
class CensusContext:
    """What a census is given."""

    http: httpx.Client
    """As ``RunContext.http``; a write fails the census."""
    settings: Mapping[str, Value]
    """The module's declared settings, checked, with defaults filled in."""
    organisation_id: str
    since: datetime | None
    """Up to where the module's last run has read; None when that is not known."""
    sample: tuple[str, ...]
    """Ids of known records to look at one by one, a few dozen; empty for a module that always reads
    its whole list."""


@dataclass(frozen=True, kw_only=True)
class Census:
    """What a census found."""

    records: tuple[Record | InvoiceState, ...] = ()
    """Those of the sample that the provider has; all there are where ``complete``."""
    complete: bool = False
    """Whether ``records`` are all the module would bring."""
    unreadable: frozenset[str] = frozenset()
    """Ids (tax types for tax rates) of records that are there and could not be read."""
    changed: frozenset[str] = frozenset()
    """Ids of records that changed since ``CensusContext.since``: the next run brings them.

    Stock quantities need not count: they are not compared.
    """
    active: int | None = None
    """How many active records the provider counts; None when it does not say."""
    changed_count: int = 0
    """How many of all records changed since then, so that ``active`` may differ by as many."""


TakeCensus = Callable[[CensusContext], Census]
"""Reads and returns; raises what ``run`` may raise: :class:`syncline_sdk.RetryLater`, AccessLost,
RunFailed."""
