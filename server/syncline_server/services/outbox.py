"""The invoices a push sends, each exactly once: every step is a row before it is an act."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from syncline_sdk import InvoiceState, Issue, OutgoingInvoice, RecordKind
from syncline_server.core import export_check, outgoing
from syncline_server.core.export_check import ExportFacts, ExportReason
from syncline_server.core.identifiers import MakeId
from syncline_server.core.invoice import Invoice
from syncline_server.core.link import Link
from syncline_server.core.model import HELD, PushState
from syncline_server.core.organisations import of_run
from syncline_server.core.variance import variance
from syncline_server.services import export_facts, named_invoices
from syncline_server.services.journal import Journal, Tally
from syncline_server.storage import creations, invoice_links, invoices

_UNKNOWN = (PushState.SENT, PushState.UNCERTAIN)
_UNDECIDED = (PushState.PENDING, *_UNKNOWN)


class Outbox:
    """An ``InvoiceOutbox`` over a run's journal.

    The run's cursor is the invoice id up to which its invoices were looked at. A run that is taken
    up again goes on behind it, beginning with what it had prepared and not sent.

    :param make_id: makes attempt ids and idempotency keys.
    """

    def __init__(self, journal: Journal, make_id: MakeId) -> None:
        self._journal = journal
        self._database = journal.database
        self._organisation = of_run(journal.run)
        self._make_id = make_id
        self._after = journal.run.cursor or ""
        self._named = named_invoices.of_run(journal.run)
        self._looked_at: set[str] = set()
        self._again: set[str] = set()
        self._left_open = 0
        self._total_told = journal.run.counts.total > 0

    def unresolved(self) -> Sequence[OutgoingInvoice]:
        """Return attempts of this organisation that were sent and have no verdict.

        When a call left that was only announced is not known: it waits for its budget first. But
        who announced it is gone or stopped by now, so this is the last moment at which it got a
        ticket. It is written down: what is waited for from then on begins once, whoever dies.
        """
        with self._journal.page() as tally:
            links = invoice_links.unresolved(self._database, self._organisation)
            moved = {
                link.invoice_id: replace(
                    link, push_state=PushState.UNCERTAIN, update_time=tally.now
                )
                for link in links
                if link.push_state is PushState.SENT or _is_ahead(link, tally.now)
            }
            invoice_links.write(self._database, moved.values(), tally.now)
        self._left_open = len(links)
        known = [moved.get(link.invoice_id, link) for link in links]
        return [replace(link.parcel.invoice, sent_time=link.update_time) for link in known]

    def prepare(self, limit: int) -> Sequence[OutgoingInvoice]:
        """Write attempts for the next invoices that nothing blocks, and return them."""
        self._tell_total()
        batch: list[OutgoingInvoice] = []
        while len(batch) < limit:
            room = limit - len(batch)
            if again := self._unsent(room):
                self._again.update(again)
                batch += self._write_attempts(again, cursor=None)
            elif upcoming := self._upcoming(room):
                self._after = upcoming[-1]
                # What an earlier run left open and proved absent is among them once more.
                fresh = [id_ for id_ in upcoming if id_ not in self._again]
                batch += self._write_attempts(fresh, cursor=self._after)
            else:
                break
        return batch

    def _tell_total(self) -> None:
        """Write down how many invoices there will be, once: an attempt that follows knows it."""
        if not self._total_told:
            self._total_told = True
            fresh = len(self._named) or invoices.count_to_push(self._database, self._organisation)
            self._journal.total(self._left_open + fresh)

    def sent(self, invoices: Sequence[OutgoingInvoice]) -> None:
        """Record that these are about to be sent."""
        ids = [invoice.attempt_id for invoice in invoices]
        self._move(ids, (PushState.PENDING,), PushState.SENT)

    def uncertain(self, attempt_ids: Sequence[str]) -> None:
        """Record that the outcome is not known."""
        self._move(attempt_ids, _UNKNOWN, PushState.UNCERTAIN)

    def absent(self, attempt_id: str) -> None:
        """Record that it was never created; the next batch takes it up under a new attempt."""
        self._move([attempt_id], _UNKNOWN, PushState.PENDING)
        self._looked_at.discard(attempt_id)

    def failing(self, attempt_id: str, *, others_went: bool) -> None:
        """Record that the provider fails on this one, which was proved absent; it stays so."""
        with self._journal.page() as tally:
            (link,) = self._attempts([attempt_id], (PushState.PENDING,))
            parcel = outgoing.failed_once_more(link.parcel, tally.now, others_went=others_went)
            invoice_links.write(self._database, [replace(link, parcel=parcel)], tally.now)

    def linked(self, attempt_id: str, state: InvoiceState) -> None:
        """Record that the provider holds this invoice, and link it."""
        with self._journal.page() as tally:
            (link,) = self._attempts([attempt_id], _UNKNOWN)
            self._count(link, tally)
            others = invoice_links.of_remote(self._database, self._organisation, [state.id])
            if state.id in others:
                number = others[state.id].parcel.invoice.number
                message = f"The provider's invoice is linked to our invoice {number} already."
                self._reject(link, "INVOICE_LINKED_TWICE", message, tally)
            else:
                self._link(link, state, tally)

    def rejected(self, attempt_id: str, code: str, message: str, *, holder: str = "") -> None:
        """Record that the provider refused it and holds nothing."""
        with self._journal.page() as tally:
            (link,) = self._attempts([attempt_id], _UNDECIDED)
            self._count(link, tally)
            self._reject(replace(link, holder_id=holder), code, message, tally)

    def _unsent(self, limit: int) -> list[str]:
        """Return invoices this run prepared and did not send: it died, or they proved absent."""
        run_id = self._journal.run.id
        links = [
            link
            for link in invoice_links.unsent(self._database, self._organisation, run_id)
            if link.attempt_id not in self._looked_at
        ][:limit]
        self._looked_at |= {link.attempt_id for link in links}
        return [link.invoice_id for link in links]

    def _upcoming(self, limit: int) -> list[str]:
        if self._named:
            return [id_ for id_ in self._named if id_ > self._after][:limit]
        return invoices.to_push(self._database, self._organisation, self._after, limit)

    def _write_attempts(self, ids: Sequence[str], cursor: str | None) -> list[OutgoingInvoice]:
        """Look at invoices, and write an attempt for each that can go.

        :param cursor: None when this run has counted them before.
        """
        organisation = self._organisation
        with self._journal.page(cursor) as tally:
            # What is settled at this moment is either seen here, or sees what is met here.
            creations.wait_turn(self._database, organisation)
            if cursor is not None:
                tally.fetched += len(ids)
            found = invoices.by_ids(self._database, organisation.workspace, ids, lock=True)
            links = invoice_links.of_invoices(self._database, organisation, ids)
            facts = export_facts.gather(self._database, organisation, found.values())
            made = []
            for id_ in ids:
                if id_ not in found:
                    _block(tally, id_, id_, [export_check.unknown(id_)])
                elif attempt := self._attempt(found[id_], facts[id_], links.get(id_), tally):
                    made.append(attempt)
            invoice_links.write(self._database, made, tally.now)
            # An attempt is none before it has a verdict: an outage would look like getting on.
            tally.is_further = cursor is not None and tally.skipped > 0
        self._looked_at |= {link.attempt_id for link in made}
        return [link.parcel.invoice for link in made]

    def _attempt(
        self, invoice: Invoice, facts: ExportFacts, known: Link | None, tally: Tally
    ) -> Link | None:
        if not (known and known.push_state is PushState.REJECTED):
            tally.judge(RecordKind.INVOICE, [invoice.id])
        if known and known.push_state in HELD:
            tally.skipped += 1
            return None
        provider = self._organisation.provider
        if reasons := export_check.reasons(provider, invoice, facts):
            _block(tally, invoice.id, invoice.number, reasons)
            return None
        attempt_id = self._make_id()
        parcel = outgoing.parcel(invoice, facts, attempt_id, self._make_id())
        if known and self._would_be_refused_again(known, parcel):
            tally.skipped += 1
            return None
        if known and known.push_state is PushState.PENDING:
            parcel = outgoing.with_failures_of(parcel, known.parcel)
        tally.judge(RecordKind.INVOICE, [invoice.id])
        return Link(
            organisation=self._organisation,
            invoice_id=invoice.id,
            push_state=PushState.PENDING,
            attempt_id=attempt_id,
            run_id=self._journal.run.id,
            parcel=parcel,
        )

    def _would_be_refused_again(self, known: Link, parcel: outgoing.Parcel) -> bool:
        return (
            known.push_state is PushState.REJECTED
            and not self._named
            and outgoing.same_content(known.parcel, parcel)
        )

    def _move(
        self, attempt_ids: Sequence[str], allowed: Collection[PushState], to: PushState
    ) -> None:
        with self._journal.page() as tally:
            links = self._attempts(attempt_ids, allowed)
            for link in links:
                self._count(link, tally)
            run_id = self._journal.run.id
            moved = [replace(link, push_state=to, run_id=run_id) for link in links]
            invoice_links.write(self._database, moved, tally.now)

    def _attempts(self, ids: Sequence[str], allowed: Collection[PushState]) -> list[Link]:
        """Return the links of these attempts.

        :raises ValueError: one of them is not the newest of its invoice, or not in an allowed
            state; the module breaks the outbox's rules.
        """
        found = invoice_links.of_attempts(self._database, self._organisation, ids)
        for id_ in ids:
            if id_ not in found or found[id_].push_state not in allowed:
                raise ValueError(f"attempt {id_} may not get this verdict now")
        return [found[id_] for id_ in ids]

    def _count(self, link: Link, tally: Tally) -> None:
        """Count an invoice that an earlier run left open, once."""
        if link.run_id != self._journal.run.id:
            tally.fetched += 1

    def _link(self, link: Link, state: InvoiceState, tally: Tally) -> None:
        linked = replace(
            link,
            push_state=PushState.LINKED,
            run_id=self._journal.run.id,
            remote=state,
            variance=variance(link.parcel, state),
            link_time=tally.now,
            refresh_time=tally.now,
        )
        invoice_links.write(self._database, [linked], tally.now)
        tally.judge(RecordKind.INVOICE, [link.invoice_id])
        tally.created += 1

    def _reject(self, link: Link, code: str, message: str, tally: Tally) -> None:
        refused = replace(
            link,
            push_state=PushState.REJECTED,
            parcel=outgoing.without_failures(link.parcel),
            run_id=self._journal.run.id,
            refusal_code=code,
            refusal_message=message,
        )
        invoice_links.write(self._database, [refused], tally.now)
        action = (
            "Mend what it complains about. It is sent again by itself once the invoice, its"
            " contact, a tax type of it or the module's settings change; else push it by name."
        )
        reason = ExportReason(code=code, message=message, action=action)
        number = link.parcel.invoice.number
        tally.issue(_issue(link.invoice_id, number, reason), local_id=link.invoice_id)


def _is_ahead(link: Link, now: datetime) -> bool:
    """Return whether a link was stored later than now: by a clock that was put back since."""
    return link.update_time is not None and link.update_time > now


def _block(tally: Tally, invoice_id: str, number: str, reasons: Sequence[ExportReason]) -> None:
    tally.skipped += 1
    for reason in reasons:
        tally.remark(_issue(invoice_id, number, reason), local_id=invoice_id)


def _issue(invoice_id: str, number: str, reason: ExportReason) -> Issue:
    return Issue(
        code=reason.code,
        message=reason.message,
        action=reason.action,
        kind=RecordKind.INVOICE,
        record_id=invoice_id,
        record_name=number,
    )
