"""Where a plan's invoice states go: what would become of each link is told, and not written."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from syncline_sdk import InvoiceState, RecordKind
from syncline_server.core.link import Link
from syncline_server.core.organisations import of_run
from syncline_server.core.plan import PlanOutcome, PlanSample
from syncline_server.services.linked_invoices import find_missing, linked_ids, refreshed
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import invoice_links

_FIELDS: Final = {
    "amount_credited": "amount_credited",
    "amount_due": "amount_due",
    "amount_paid": "amount_paid",
    "fully_paid_date": "fully_paid_date",
    "number": "provider_number",
    "status": "provider_status",
    "subtotal": "provider_subtotal",
    "total": "provider_total",
    "total_tax": "provider_total_tax",
}
"""Fields of an invoice link on the wire, by those of the provider's invoice."""


class InvoicePlan:
    """``LinkedInvoices`` over a rehearsal."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._organisation = of_run(rehearsal.run)
        self._planned: dict[str, Link] = {}
        self._read: set[str] = set()

    def ids(self) -> Iterator[str]:
        """Yield the provider's ids to refresh, in order."""
        return linked_ids(self._rehearsal.database, self._rehearsal.run)

    def unseen(self) -> Sequence[str]:
        """Return the ids to refresh that have not been planned yet."""
        return [id_ for id_ in self.ids() if id_ not in self._read]

    def holders(self) -> Sequence[str]:
        """Return none: what is sent once more is no part of a pull's plan."""
        return ()

    def store(self, states: Sequence[InvoiceState], *, cursor: str) -> None:  # noqa: ARG002 - a plan is made in one go
        """Decide what the provider's invoices change, and tell it."""
        tally = self._rehearsal.page(len(states))
        latest = {state.id: state for state in states}
        self._read.update(latest)
        for id_, link in self._links(list(latest)).items():
            fresh = refreshed(link, latest[id_], self._rehearsal.run.id, tally)
            if fresh is not None:
                self._planned[id_] = fresh
                outcome = PlanOutcome.UPDATE
                self._rehearsal.sketch.add(outcome, partial(_sample, outcome, fresh, link))
        self._rehearsal.count(tally)

    def missing(self, ids: Sequence[str]) -> None:
        """Tell linked invoices the provider no longer knows."""
        self._rehearsal.page(len(ids))
        links = self._links(ids)
        collapsed = find_missing(self._rehearsal.database, self._rehearsal.run, links.keys())
        if collapsed is not None:
            self._rehearsal.issue(collapsed)
            return
        for link in links.values():
            outcome = PlanOutcome.FAIL
            self._rehearsal.sketch.add(outcome, partial(_sample, outcome, link, link))

    def _links(self, ids: Sequence[str]) -> dict[str, Link]:
        found = invoice_links.of_remote(self._rehearsal.database, self._organisation, ids)
        return {id_: self._planned.get(id_, link) for id_, link in found.items()}


def _sample(outcome: PlanOutcome, link: Link, before: Link) -> PlanSample:
    return PlanSample(
        outcome=outcome,
        kind=RecordKind.INVOICE,
        record_id=link.remote.id if link.remote else "",
        record_name=link.parcel.invoice.number,
        local_id=link.invoice_id,
        changed_fields=tuple(
            told
            for field, told in _FIELDS.items()
            if getattr(before.remote, field) != getattr(link.remote, field)
        ),
    )
