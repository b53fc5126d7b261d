from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import cast

from google.protobuf.json_format import MessageToDict

from syncline_sdk import InvoiceState
from syncline_server.core.link import Link
from syncline_server.core.model import PushState
from syncline_server.core.organisations import Organisation
from syncline_server.core.outgoing import Parcel
from syncline_server.core.variance import Difference, Variance
from syncline_server.rpc.messages.invoice_link import invoice_link

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SENT = Link(
    organisation=Organisation("acme", "xero", "kauri"),
    invoice_id="first",
    push_state=PushState.SENT,
    attempt_id="attempt",
    run_id="run",
    parcel=cast("Parcel", None),  # what was sent is no part of what callers see
)
HELD = InvoiceState(
    id="x-1",
    number="INV-1",
    status="AUTHORISED",
    contact_id="c-1",
    currency="NZD",
    subtotal=Decimal(100),
    total_tax=Decimal("15.0"),
    total=Decimal(115),
    amount_due=Decimal(0),
    amount_paid=Decimal(115),
    amount_credited=Decimal(0),
    fully_paid_date=date(2026, 10, 20),
)


def shown(link: Link) -> dict[str, object]:
    """Return a link as callers see it, by our field names."""
    found: dict[str, object] = MessageToDict(invoice_link(link), preserving_proto_field_name=True)
    return found


def test_link_that_is_under_way_tells_nothing_of_the_provider() -> None:
    """Until the provider holds it, only how far it is."""
    assert shown(SENT) == {
        "name": "workspaces/acme/connections/xero/invoiceLinks/first",
        "invoice": "workspaces/acme/invoices/first",
        "organisation": "kauri",
        "push_state": "PUSH_STATE_SENT",
    }


def test_link_tells_what_the_provider_holds() -> None:
    """Amounts with two decimals, dates as dates, the variance field by field."""
    variance = Variance(
        total_difference=Decimal("-1.5"),
        differences=(Difference(line_number=1, field="quantity", ours="3", theirs="2"),),
        summary="Line 1: quantity.",
    )
    linked = replace(
        SENT, push_state=PushState.LINKED, remote=HELD, variance=variance, link_time=NOON
    )

    found = shown(linked)

    assert found["provider_invoice_id"] == "x-1"
    assert found["provider_total_tax"] == "15.00"
    assert (found["amount_due"], found["amount_paid"]) == ("0.00", "115.00")
    assert found["fully_paid_date"] == "2026-10-20"
    assert found["link_time"] == "2026-10-01T12:00:00Z"
    assert found["variance"] == {
        "total_difference": "-1.50",
        "lines": [{"line_number": 1, "field": "quantity", "ours": "3", "theirs": "2"}],
        "summary": "Line 1: quantity.",
    }


def test_refused_link_tells_what_the_provider_said() -> None:
    """Who reads the link need not look for the run's issue."""
    refused = replace(
        SENT, push_state=PushState.REJECTED, refusal_code="TAKEN", refusal_message="It is taken."
    )

    assert shown(refused)["refusal"] == {"code": "TAKEN", "message": "It is taken."}
