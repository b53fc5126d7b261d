"""One invoice: ours beside the provider's, and what keeps it from being sent."""

from decimal import Decimal

import pytest

from browsing import Page, Surfer
from invoicing import complete_chain, confirmed, linked, stock, unlinked, unmap_tax
from syncline_sdk import InvoiceLine
from syncline_server.core.invoice import Freight, FreightState, InvoiceStage
from syncline_server.core.model import PushState
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOME = "/workspaces/acme/integrations/ledger"
THEIR_LINE = InvoiceLine(
    description="Widget <i>",
    quantity=Decimal("2.0000"),
    unit_amount=Decimal(10),
    line_amount=Decimal(20),
    tax_amount=Decimal(3),
    tax_type="OUTPUT2",
    item_code="W1",
)


@pytest.fixture
def ready(server: Served) -> Served:
    """A server whose chain is complete, with what invoices refer to."""
    complete_chain(server.wired)
    stock(server.wired)
    return server


def shown(surfer: Surfer, id_: str) -> Page:
    """Open the page of an invoice."""
    return surfer.open(f"{HOME}/invoices/{id_}")


def test_both_sides_stand_side_by_side(ready: Served, surfer: Surfer) -> None:
    """Fields and lines that differ are marked on both sides, with the difference in a sentence."""
    extra = THEIR_LINE._replace(description="Call-out fee")
    changes = {"reference": "Theirs", "total": Decimal(46), "lines": (THEIR_LINE, extra)}
    linked(ready.wired, "one", **changes)

    page = shown(surfer, "one")

    assert page.words(".badge") == ["Confirmed", "Linked", "Differs"]
    assert "The total in Ledger is 34.50 NZD more than here." in page.text
    marked = page.words(".sides tr.differs")
    assert marked == [
        "Reference None Differs: Theirs",
        "Total 11.50 NZD Differs: 46.00 NZD",
    ]
    ours, theirs, alone = page.words(".lines tbody tr")
    assert ours.startswith("Line 1 Here Differs: Widget Differs: 1 10.00 GST")
    assert theirs.startswith("Line 1 Ledger Differs: Widget <i> Differs: 2 10.00 GST")
    assert alone.startswith("Line 2 Ledger only Call-out fee")


def test_invoice_that_is_the_same_says_so(ready: Served, surfer: Surfer) -> None:
    """Nothing is marked where nothing differs, and each line stands once."""
    linked(ready.wired, "one")

    page = shown(surfer, "one")

    assert "Both sides say the same." in page.text
    assert "Kerr Ltd · 11.50 NZD here" in page.text
    assert page.words(".facts dt")[:4] == [
        "In Ledger",
        "Paid in Ledger",
        "Credited in Ledger",
        "Still due in Ledger",
    ]
    assert "Due date" in page.words(".sides tbody th")
    assert not page.html.select(".differs")
    assert page.words(".lines tbody tr") == ["Line 1 Both Widget 1 10.00 GST 10.00 1.50"]


def test_invoice_that_was_not_sent_has_one_side(ready: Served, surfer: Surfer) -> None:
    """There is no column of the provider's; it says that it can go."""
    freight = Freight(state=FreightState.FIXED, amount=Decimal(20), tax_code_id="gst")
    confirmed(ready.wired, "one", freight=freight)

    page = shown(surfer, "one")

    assert page.words(".sides th[scope=col]") == ["Field", "Here"]
    assert "Nothing keeps it from being pushed." in page.text
    assert page.words(".lines tbody tr")[-1] == "Line 2 Freight 1 20.00 GST 20.00"


def test_blocked_invoice_has_every_reason_with_its_fix(ready: Served, surfer: Surfer) -> None:
    """A draft without a tax mapping says both."""
    confirmed(ready.wired, "one", stage=InvoiceStage.DRAFT)
    unmap_tax(ready.wired)

    page = shown(surfer, "one")

    assert page.words(".badge") == ["Draft"]
    first, second = page.words(".reasons li")
    assert first == "The invoice is still a draft. Confirm the invoice."
    assert "Not mapped to a tax type: GST." in second
    assert page.one(".reasons a")["href"] == f"{HOME}/tax-mapping"


def test_refused_invoice_says_why(ready: Served, surfer: Surfer) -> None:
    """The provider's own words are shown, and that it can be pushed again."""
    unlinked(ready.wired, "one", PushState.REJECTED, "The due date is missing.")

    page = shown(surfer, "one")

    assert "Ledger says: The due date is missing." in page.text
    assert "then push it again" in page.text


def test_invoice_is_shown_before_anything_is_connected(server: Served, surfer: Surfer) -> None:
    """Our own side needs no provider."""
    stock(server.wired)
    confirmed(server.wired, "one")

    page = shown(surfer, "one")

    assert (page.status, page.words("h1")) == (200, ["N-one"])
    assert not page.html.select(".reasons")


def test_unknown_invoice_is_no_page(surfer: Surfer) -> None:
    """An invoice that is not there is 404."""
    assert shown(surfer, "nothing").status == 404
