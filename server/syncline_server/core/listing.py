"""What a caller of a list asks for, and the page that answers it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from syncline_server.core.errors import InvalidArgument, Violation
from syncline_server.core.invoice import InvoiceStage
from syncline_server.core.model import MappingState, PushState

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some records of a list, and where the next page begins."""

    records: tuple[T, ...]
    next: str = ""
    """Hand it in as ``after`` for the next page; empty on the last."""


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """Which customers, products or tax codes."""

    active_only: bool = False
    text: str = ""
    """What one of the names or codes contains, whatever its case."""


@dataclass(frozen=True, kw_only=True)
class InvoiceFilter:
    """Which invoices; empty means any."""

    stages: tuple[InvoiceStage, ...] = ()
    customer_id: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class MappingFilter:
    """Which mappings; empty means any."""

    states: tuple[MappingState, ...] = ()
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class LinkFilter:
    """Which invoice links; empty means any."""

    states: tuple[PushState, ...] = ()
    variance_only: bool = False


def page_of(found: Sequence[T], limit: int, position: Callable[[T], Sequence[str]]) -> Page[T]:
    """Return a page of what was found when one record more than ``limit`` was asked for.

    :param position: tells what places a record in its list.
    """
    if len(found) <= limit:
        return Page(records=tuple(found))
    records = tuple(found[:limit])
    return Page(records=records, next=json.dumps([*position(records[-1])]))


def placed(after: str, length: int) -> tuple[str, ...] | None:
    """Return the position a page begins behind, or None for the first page.

    :param length: how many parts a position of this list has.
    :raises InvalidArgument: ``after`` is not what a page of this list ended with.
    """
    if not after:
        return None
    try:
        parts = json.loads(after)
    except ValueError:
        parts = None
    if (
        isinstance(parts, list)
        and len(parts) == length
        and all(isinstance(part, str) for part in parts)
    ):
        return tuple(parts)
    raise InvalidArgument(
        [Violation(field="page_token", description="not a token that this list gave out")]
    )
