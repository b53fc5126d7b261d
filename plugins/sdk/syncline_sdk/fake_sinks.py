"""The sinks of the test kit: where a module's records go, kept in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from syncline_sdk.errors import RunStopped
from syncline_sdk.records import Contact, InvoiceState

R = TypeVar("R")
S = TypeVar("S", Contact, InvoiceState)


@dataclass
class Stopper:
    """Counts context calls, and ends the run at one of them when told to."""

    at: int | None = None
    """The number of the context call that raises ``RunStopped``; None never does."""
    calls: int = 0

    def check(self) -> None:
        """Count one call.

        :raises RunStopped: when it is the one to stop at, and at every later one.
        """
        self.calls += 1
        if self.at is not None and self.calls >= self.at:
            raise RunStopped


@dataclass
class FakePageSink(Generic[S]):
    """A ``PageSink`` that keeps every page and its cursor."""

    stopper: Stopper = field(default_factory=Stopper)
    pages: list[tuple[list[S], str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Ids the host knows; a run without a watermark is asked about those it has not stored."""
    gone: list[str] = field(default_factory=list)
    """Ids told to have vanished, or to be missing."""

    @property
    def records(self) -> list[S]:
        """Every record stored, in order, repeats included."""
        return [record for page, _ in self.pages for record in page]

    @property
    def cursor(self) -> str | None:
        """The cursor stored last."""
        return self.pages[-1][1] if self.pages else None

    def store(self, records: Sequence[S], *, cursor: str) -> None:
        """Keep one page."""
        self.stopper.check()
        self.pages.append((list(records), cursor))

    def unseen(self) -> list[str]:
        """Return the known ids that were neither stored nor told to have vanished."""
        self.stopper.check()
        met = {record.id for record in self.records}.union(self.gone)
        return [id_ for id_ in self.known if id_ not in met]

    def vanished(self, ids: Sequence[str]) -> None:
        """Keep ids the provider has no more."""
        self.stopper.check()
        self.gone.extend(ids)


@dataclass
class FakeListSink(Generic[R]):
    """A ``ListSink`` that keeps every list it was given."""

    stopper: Stopper = field(default_factory=Stopper)
    lists: list[list[R]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Ids the module named as present but not readable."""

    @property
    def records(self) -> list[R]:
        """The list given last; empty when none was."""
        return self.lists[-1] if self.lists else []

    def replace(self, records: Sequence[R], *, unreadable: Sequence[str] = ()) -> None:
        """Keep the whole list."""
        self.stopper.check()
        self.lists.append(list(records))
        self.unreadable = list(unreadable)


@dataclass
class FakeLinkedInvoices(FakePageSink[InvoiceState]):
    """``LinkedInvoices`` over a list of ids."""

    linked: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """Invoices that hold numbers of ours."""

    def ids(self) -> Iterator[str]:
        """Yield the linked ids in order."""
        self.stopper.check()
        yield from self.linked

    def unseen(self) -> list[str]:
        """Return the linked ids that were not stored."""
        self.stopper.check()
        met = {record.id for record in self.records}
        return [id_ for id_ in self.linked if id_ not in met]

    def holders(self) -> list[str]:
        """Return the foreign ids that were not stored."""
        self.stopper.check()
        met = {record.id for record in self.records}
        return [id_ for id_ in self.foreign if id_ not in met]

    def missing(self, ids: Sequence[str]) -> None:
        """Keep ids the provider no longer knows."""
        self.stopper.check()
        self.gone.extend(ids)
