"""Our totals beside those of the simulator, which computes as Xero publishes it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from syncline_sdk import LineAmounts, OutgoingLine
from syncline_server.core.export_check import ContactStanding, ExportFacts
from syncline_server.core.invoice import Freight, FreightState, Invoice, Line, computed
from syncline_server.core.outgoing import Parcel, parcel
from syncline_xero_simulator.books.invoice import InvoiceLine, LineAmountTypes
from syncline_xero_simulator.rules import arithmetic
from syncline_xero_simulator.switches import Switches

RATES = {code: Decimal(rate) for code, rate in (("none", 0), ("low", "5"), ("odd", "12.5"))}
RATES |= {"gst": Decimal(15), "fine": Decimal("8.4375")}
FACTS = ExportFacts(
    contact=ContactStanding.MAPPED,
    contact_id="c1",
    tax_types={code: code.upper() for code in RATES},
)
KINDS = {
    LineAmounts.EXCLUSIVE: LineAmountTypes.EXCLUSIVE,
    LineAmounts.INCLUSIVE: LineAmountTypes.INCLUSIVE,
    LineAmounts.NO_TAX: LineAmountTypes.NO_TAX,
}
SWITCHES = Switches()


def _rated(line: Line, kind: LineAmounts) -> Line:
    if kind is LineAmounts.NO_TAX:
        return replace(line, tax_code_id=None)
    return replace(line, tax_rate=RATES[line.tax_code_id or ""])


def _rated_freight(freight: Freight, kind: LineAmounts) -> Freight:
    if kind is LineAmounts.NO_TAX or freight.tax_code_id is None:
        return replace(freight, tax_code_id=None)
    return replace(freight, tax_rate=RATES[freight.tax_code_id])


LINES = st.builds(
    Line,
    description=st.just("Widget"),
    quantity=st.decimals(0, 99_999, places=4),
    unit_price=st.decimals(-99_999, 99_999, places=4),
    discount_percent=st.one_of(st.just(Decimal(0)), st.decimals(0, 100, places=2)),
    tax_code_id=st.sampled_from(sorted(RATES)),
)
FREIGHTS = st.one_of(
    st.just(Freight()),
    st.builds(
        Freight,
        state=st.just(FreightState.FIXED),
        amount=st.decimals(0, 9_999, places=2),
        tax_code_id=st.sampled_from(sorted(RATES)),
    ),
)


def sent(lines: list[Line], freight: Freight, kind: LineAmounts) -> Parcel:
    """Return an invoice of ours as it is sent, with the amounts we computed."""
    invoice = Invoice(
        workspace="acme",
        id="inv1",
        number="N-1",
        customer_id="kerr",
        currency="NZD",
        invoice_date=date(2026, 10, 1),
        line_amounts=kind,
        lines=tuple(_rated(line, kind) for line in lines),
        freight=_rated_freight(freight, kind),
    )
    return parcel(computed(invoice), FACTS, "attempt", "key")


def as_xero(line: OutgoingLine, kind: LineAmounts) -> InvoiceLine:
    """Return a line as the simulator prices it."""
    priced = InvoiceLine(
        line_item_id="",
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_rate=line.discount_rate or None,
    )
    amount = arithmetic.line_amount(priced, SWITCHES)
    rate = RATES[line.tax_type.lower()] if line.tax_type else Decimal(0)
    tax = arithmetic.line_tax(amount, rate, KINDS[kind], SWITCHES)
    return replace(priced, line_amount=amount, tax_amount=tax)


@given(
    lines=st.lists(LINES, min_size=1, max_size=6),
    freight=FREIGHTS,
    kind=st.sampled_from(LineAmounts),
)
def test_totals_are_xeros_to_the_cent(
    lines: list[Line], freight: Freight, kind: LineAmounts
) -> None:
    """Discounts, four decimals, negative prices, freight, tax on top, within or none."""
    ours = sent(lines, freight, kind)

    theirs = [as_xero(line, kind) for line in ours.invoice.lines]

    sums = arithmetic.totals(theirs, KINDS[kind])
    assert list(ours.amounts) == [(line.line_amount, line.tax_amount) for line in theirs]
    assert ours.totals == (sums.sub_total, sums.total_tax, sums.total)
