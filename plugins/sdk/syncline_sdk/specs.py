"""What a plugin declares: modules, manual steps, toggles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from syncline_sdk.census import TakeCensus
from syncline_sdk.context import RunContext
from syncline_sdk.creating import ContactCreator, ItemCreator
from syncline_sdk.options import Option, Setting, Value
from syncline_sdk.provider import Provider
from syncline_sdk.records import RecordKind


class Direction(StrEnum):
    """Which way records move."""

    PULL = "PULL"  # from the provider to us
    PUSH = "PUSH"  # from us to the provider


@dataclass(frozen=True, kw_only=True)
class Toggle:
    """A switch a person sees. Modules that name the same toggle are switched together."""

    name: str
    """Lower snake case."""
    title: str
    """For example "Sync Contacts"."""


@dataclass(frozen=True, kw_only=True)
class OwnedField:
    """One field of our mapped records that is the provider's while a module is on."""

    name: str
    """Customers: name, code, email, active, phone, address. Products: sku, name, tax_code,
    stock_quantity, default_price."""
    setting: str = ""
    """The module's BOOLEAN or CHOICE setting that can leave the field to us; empty: none can."""
    unless: Value = None
    """The value of that setting with which the field stays ours."""


@dataclass(frozen=True, kw_only=True)
class ModuleSpec:
    """One sync module: a node of its provider's dependency chain, with the function that runs it.

    ``requires``: turning this on turns those on, they cannot be turned off while this is on, and
    they must be complete before this runs. ``after``: where those are on, they must be complete
    before this runs; they are neither turned on nor locked.
    """

    provider: str
    name: str
    """Lower snake case, unique among the provider's modules and steps."""
    title: str
    direction: Direction
    kind: RecordKind
    """What it moves."""
    toggle: Toggle
    cooldown: timedelta
    """How long after an accepted manual trigger the next one is refused."""
    run: Callable[[RunContext], None]
    """Does the work; may be called again for the same run after a crash."""
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    options: tuple[Option, ...] = ()
    owned: tuple[OwnedField, ...] = ()
    """The fields of our records that the provider owns while this module is on, in the order in
    which people are told of them; for a pull module of contacts or items.

    The server holds to it, and tells it to people. Every other field of the records is ours.
    """
    takes_targets: bool = False
    """Whether ``run`` can read the records in ``ctx.targets`` alone; for a pull module.

    Without it, what a webhook tells makes an ordinary run of the module.
    """
    creates: ContactCreator | ItemCreator | None = None
    """Creates one record at the provider when somebody creates it here while this module is on.

    For a pull module of contacts or items, with the creator of its kind. Without it, creating such
    a record here is refused while the module is on.
    """
    census: TakeCensus | None = None
    """Tells in a few calls what the provider has, so that it can be compared with what is here.

    For a pull module. Without it nothing is compared.
    """


@dataclass(frozen=True, kw_only=True)
class ManualStep:
    """A node of the chain that a person completes by settling mappings.

    It is on while everything it requires is on, and complete when that has completed and no
    mapping of ``settles`` is unmapped or needs review.
    """

    provider: str
    name: str
    title: str
    settles: RecordKind
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """Everything one plugin adds."""

    providers: tuple[Provider, ...] = ()
    modules: tuple[ModuleSpec, ...] = ()
    steps: tuple[ManualStep, ...] = ()
