"""Where a pull module puts what it read.

Each call is one transaction together with the run's cursor and counts: after a crash the run goes
on behind the last page that was stored. Every call may raise :class:`syncline_sdk.RunStopped`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from syncline_sdk.records import InvoiceState

R_contra = TypeVar("R_contra", contravariant=True)


class PageSink(Protocol[R_contra]):
    """Takes records page by page."""

    def store(self, records: Sequence[R_contra], *, cursor: str) -> None:
        """Store one page.

        Records are matched, created, updated or found unchanged by the server; what it cannot
        settle becomes an issue and the page goes on. The same record may come again.

        :param records: at most a few thousand, in the order the provider gave them.
        :param cursor: whatever the module needs to go on behind this page; it comes back as
            ``ctx.cursor`` when the run is taken up again.
        """

    def unseen(self) -> Sequence[str]:
        """Return the ids of known records that this run, which reads everything, has not stored.

        Ask behind the last page, read exactly these at the provider, store those it has and tell
        the others with :meth:`vanished`: a page that lies makes nothing vanish that way. Nothing
        for a run with a watermark. Nothing as well where most of what is known is missing: then
        the list is not believed, and the run achieves nothing unless a person says it is so.
        """

    def vanished(self, ids: Sequence[str]) -> None:
        """Tell known records that the provider, asked for them by id, has no more.

        Their mappings stay and need review, until the provider has them again.
        """


class ListSink(Protocol[R_contra]):
    """Takes a list that is always complete."""

    def replace(self, records: Sequence[R_contra], *, unreadable: Sequence[str] = ()) -> None:
        """Store the whole list; records known before and missing now have vanished.

        Where most of what is known is missing the list is not believed: nothing of it is stored,
        and the run achieves nothing unless a person says it is so.

        :param records: the complete list, each record once.
        :param unreadable: ids (tax types for tax rates) of records the provider still has but
            whose data could not be read. They have not vanished: what is stored of them stays.
        """


class LinkedInvoices(Protocol):
    """The invoices of this workspace that are linked to the connected organisation."""

    def ids(self) -> Iterator[str]:
        """Yield the provider's ids to refresh, in a stable order.

        All linked ones, or the linked ones among those the trigger named or the run's targets.
        """

    def unseen(self) -> Sequence[str]:
        """Return those of :meth:`ids` that this run has not stored yet, in the same order."""

    def holders(self) -> Sequence[str]:
        """Return foreign invoices that this run has not stored yet and that hold numbers of ours.

        A verdict named them. A run without a watermark reads them by id and stores them with the
        others: whoever changed one may have given up the number, and ours is sent once more then.
        They are not linked, so none of them is missing.
        """

    def store(self, states: Sequence[InvoiceState], *, cursor: str) -> None:
        """Store what the provider says now; of invoices without a link nothing is kept."""

    def missing(self, ids: Sequence[str]) -> None:
        """Report linked invoices the provider no longer knows; each becomes an issue.

        Say all of them in one call, at the end. Where they are most of what is linked, the
        provider's answers are not believed: then there is one issue, and the run achieves nothing
        unless a person says it is so.
        """
