"""Bodies that no client should send: every one is answered, none breaks the simulator."""

import json

import pytest

from simulator_driver import SimulatorDriver

_VALUES = (
    "1e30", "1e400", "NaN", 10**40, -1, "", None, [], {}, [None], True, "x" * 300, "9999-12-31",
    "0001-01-01T00:00:00+14:00", "/Date(999999999999999+0000)/", "\ud800", "\u0001", "<b>",
)  # fmt: skip
_MEMBERS = {
    "Contacts": ("Name", "ContactID", "EmailAddress", "Phones", "ContactPersons", "Discount"),
    "Items": ("Code", "Name", "SalesDetails", "IsSold"),
    "TaxRates": ("Name", "TaxComponents", "TaxType", "Status"),
    "Invoices": (
        "Type", "Contact", "LineItems", "Date", "InvoiceNumber", "CurrencyCode", "CurrencyRate",
        "Status", "LineAmountTypes", "SentToContact", "Total",
    ),
    "Lines": ("Quantity", "UnitAmount", "TaxAmount", "LineAmount", "DiscountRate", "TaxType"),
}  # fmt: skip


@pytest.mark.parametrize("endpoint", list(_MEMBERS))
def test_no_body_is_a_server_error(xero: SimulatorDriver, endpoint: str) -> None:
    """Each odd value in each member ends below 500, and lists can be read afterwards."""
    xero.allow(minute=10_000)
    draft = json.loads(json.dumps(xero.draft()))
    bases = {"Contacts": {"Name": "z"}, "Items": {"Code": "z"}, "TaxRates": {"Name": "z"}}
    for member in _MEMBERS[endpoint]:
        for value in _VALUES:
            body = {**bases.get(endpoint, draft), member: value}
            if endpoint == "Lines":
                body = {**draft, "LineItems": [{**draft["LineItems"][0], member: value}]}
            path = "Invoices" if endpoint == "Lines" else endpoint
            answer = xero.call("POST", path, content=json.dumps(body).encode())
            assert answer.status_code < 500, (member, value)

    assert all(xero.get(path, page=1) for path in ("Contacts", "Items", "Invoices"))


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("clock", "advance_seconds"),
        ("limits", "minute"),
        ("organisations", "contacts"),
        ("consent", "authorize_url"),
        ("webhooks", "url"),
        ("organisations/Southern Cross/profile", "period_lock_date"),
    ],
)
def test_no_control_body_breaks_the_simulator(
    fresh: SimulatorDriver, path: str, member: str
) -> None:
    """Each odd value is taken or refused with a reason."""
    for value in _VALUES:
        body = {"name": "n", "kind": "delay", member: value}
        known = body if path == "organisations" else {member: value}
        content = json.dumps(known).encode()
        answer = fresh.http.post(f"/simulator/{path}", content=content)
        assert answer.status_code in (200, 400), (member, value)
        assert answer.status_code == 200 or answer.json()["error"]
