"""The invoices a pull refreshes: those linked to the run's organisation."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from syncline_sdk import InvoiceState, Issue, RecordKind
from syncline_server.core.link import Link
from syncline_server.core.model import Run
from syncline_server.core.organisations import of_run
from syncline_server.core.variance import variance
from syncline_server.services import named_invoices, second_chances
from syncline_server.services.collapses import find_collapse, hold_back
from syncline_server.services.journal import Journal, Tally
from syncline_server.storage import invoice_links, run_issues, run_pages
from syncline_server.storage.database import Database

_PAGE = 1_000
_MISSING = "INVOICE_MISSING"


class LinkedInvoiceSink:
    """``LinkedInvoices`` over a run's journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database
        self._organisation = of_run(journal.run)

    def ids(self) -> Iterator[str]:
        """Yield the provider's ids to refresh, in order."""
        return linked_ids(self._database, self._journal.run)

    def unseen(self) -> Sequence[str]:
        """Return the ids to refresh that this run has not stored yet."""
        done = run_pages.read(self._database, self._journal.run.id)
        return [id_ for id_ in self.ids() if id_ not in done]

    def holders(self) -> Sequence[str]:
        """Return what stands in the way of our invoices and that this run has not stored yet."""
        done = run_pages.read(self._database, self._journal.run.id)
        found = invoice_links.holders(self._database, self._organisation)
        return [id_ for id_ in found if id_ not in done]

    def store(self, states: Sequence[InvoiceState], *, cursor: str) -> None:
        """Store what the provider says now, and how it differs from what was sent."""
        latest = {state.id: state for state in states}
        with self._journal.page(cursor) as tally:
            links = invoice_links.of_remote(self._database, self._organisation, latest)
            tally.fetched += len(links)
            tally.judge(RecordKind.INVOICE, links)
            changed = [
                fresh
                for id_, link in links.items()
                if (fresh := refreshed(link, latest[id_], self._journal.run.id, tally))
            ]
            invoice_links.refreshed(self._database, self._organisation, list(links), tally.now)
            invoice_links.write(self._database, changed, tally.now)
            if self._is_remembered() and run_pages.add(
                self._database, self._journal.run.id, latest
            ):
                tally.is_further = True
            others = [state for id_, state in latest.items() if id_ not in links]
            second_chances.after_invoices(self._database, self._organisation, others, tally.now)

    def _is_remembered(self) -> bool:
        """Return whether the module asks what this run has not stored yet."""
        run = self._journal.run
        return bool(run.read_since is None or run.targets or named_invoices.of_run(run))

    def missing(self, ids: Sequence[str]) -> None:
        """Report linked invoices the provider no longer knows; none where that is most."""
        with self._journal.page() as tally:
            links = invoice_links.of_remote(self._database, self._organisation, ids)
            collapsed = find_missing(self._database, self._journal.run, links.keys())
            if collapsed is not None:
                hold_back(self._journal, tally, collapsed)
                return
            for link in links.values():
                if not self._journal.was_told(issue := _missing(link)):
                    tally.fetched += 1
                    tally.issue(issue, local_id=link.invoice_id)


def linked_ids(database: Database, run: Run) -> Iterator[str]:
    """Yield the provider's ids of the invoices a run refreshes, in order."""
    organisation = of_run(run)
    if run.targets:
        yield from sorted(invoice_links.linked(database, organisation, run.targets))
        return
    named = named_invoices.of_run(run)
    if named:
        links = invoice_links.of_invoices(database, organisation, named)
        yield from sorted(link.remote.id for link in links.values() if link.remote)
        return
    after = ""
    while found := invoice_links.remote_ids(database, organisation, after, _PAGE):
        yield from found
        after = found[-1]


def find_missing(database: Database, run: Run, ids: Collection[str]) -> Issue | None:
    """Return why so many missing invoices are not believed; None when they are.

    Those that somebody named are told as they are, and those that were told before count no more.
    """
    if run.targets or named_invoices.of_run(run):
        return None
    organisation = of_run(run)
    open_issues = run_issues.of_codes(database, organisation, RecordKind.INVOICE, [_MISSING])
    told = {issue.record_id for issue in open_issues}
    known = invoice_links.count_linked(database, organisation) - len(told)
    return find_collapse(run, RecordKind.INVOICE, known, known - len(set(ids) - told))


def refreshed(link: Link, state: InvoiceState, run_id: str, tally: Tally) -> Link | None:
    """Return a link as what the provider says now leaves it; None when nothing has changed."""
    if link.remote and state.lines is None:
        # This answer left the lines out: what is known of them stays.
        state = state._replace(lines=link.remote.lines)
    if state == link.remote:
        tally.unchanged += 1
        return None
    tally.updated += 1
    return replace(
        link,
        run_id=run_id,
        remote=state,
        variance=variance(link.parcel, state),
        refresh_time=tally.now,
    )


def _missing(link: Link) -> Issue:
    number = link.parcel.invoice.number
    return Issue(
        code=_MISSING,
        message=f"The provider no longer has invoice {number}.",
        action="Find out who deleted it there; it stays linked and is not sent again.",
        kind=RecordKind.INVOICE,
        record_id=link.remote.id if link.remote else "",
        record_name=number,
    )
