"""An invoice in the provider's terms, as it is sent and remembered."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from syncline_sdk import OutgoingInvoice, OutgoingLine
from syncline_server.core.export_check import ExportFacts
from syncline_server.core.invoice import FREIGHT_DESCRIPTION, Freight, Invoice, Line
from syncline_server.core.money import Amount, Totals


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What was sent, with the amounts we computed for it."""

    invoice: OutgoingInvoice
    amounts: tuple[Amount, ...]
    """One for each line, freight behind the others."""
    totals: Totals


def parcel(invoice: Invoice, facts: ExportFacts, attempt_id: str, key: str) -> Parcel:
    """Return an invoice ready to send.

    :param facts: under which nothing blocks the invoice.
    :param key: idempotency key of this attempt.
    """
    lines = [_line(line, facts) for line in invoice.lines]
    amounts = [Amount(line.line_amount, line.tax_amount) for line in invoice.lines]
    if invoice.has_freight:
        freight = _freight_line(invoice.freight)
        lines.append(_line(freight, facts)._replace(freight=True))
        amounts.append(Amount(freight.line_amount, freight.tax_amount))
    return Parcel(
        invoice=OutgoingInvoice(
            attempt_id=attempt_id,
            idempotency_key=key,
            number=invoice.number,
            contact_id=facts.contact_id,
            currency=invoice.currency,
            invoice_date=invoice.invoice_date,
            due_date=invoice.due_date,
            line_amounts=invoice.line_amounts,
            reference=invoice.reference,
            lines=tuple(lines),
            total=invoice.totals.total,
        ),
        amounts=tuple(amounts),
        totals=invoice.totals,
    )


def same_content(one: Parcel, other: Parcel) -> bool:
    """Return whether two parcels say the same, whatever attempts they were made for."""
    return _without_attempt(one) == _without_attempt(other)


def _line(line: Line, facts: ExportFacts) -> OutgoingLine:
    return OutgoingLine(
        description=line.description,
        quantity=line.quantity,
        unit_amount=line.unit_price,
        discount_rate=line.discount_percent,
        tax_type=facts.tax_types[line.tax_code_id] if line.tax_code_id else "",
        item_code=facts.item_codes[line.product_id] if line.product_id else "",
    )


def _freight_line(freight: Freight) -> Line:
    amount = freight.amount or Decimal(0)
    return Line(
        description=FREIGHT_DESCRIPTION,
        quantity=Decimal(1),
        unit_price=amount,
        tax_code_id=freight.tax_code_id,
        line_amount=amount,
        tax_amount=freight.tax_amount,
    )


def failed_once_more(sent: Parcel, now: datetime, *, others_went: bool) -> Parcel:
    """Return a parcel that the provider has failed on, now as well.

    :param others_went: whether it had taken others before; the first time counts.
    """
    known = sent.invoice
    invoice = replace(
        known,
        failures=known.failures + 1,
        failing_since=known.failing_since or now,
        others_went=known.others_went if known.failures else others_went,
    )
    return replace(sent, invoice=invoice)


def with_failures_of(made: Parcel, earlier: Parcel) -> Parcel:
    """Return a parcel with the failures of an earlier one, if that says the same."""
    if not same_content(made, earlier):
        return made
    known = earlier.invoice
    invoice = replace(
        made.invoice,
        failures=known.failures,
        failing_since=known.failing_since,
        others_went=known.others_went,
    )
    return replace(made, invoice=invoice)


def without_failures(sent: Parcel) -> Parcel:
    """Return a parcel as one that the provider never failed on."""
    invoice = replace(sent.invoice, failures=0, failing_since=None, others_went=False)
    return replace(sent, invoice=invoice)


def _without_attempt(sent: Parcel) -> Parcel:
    plain = without_failures(sent)
    return replace(plain, invoice=replace(plain.invoice, attempt_id="", idempotency_key=""))
