"""The control API itself, the page at / and the rest of what people do."""

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.control.routes import control_routes


def test_every_route_says_what_it_does_on_the_page(fresh: SimulatorDriver) -> None:
    """The page lists each route with its documentation."""
    page = fresh.http.get("/").text

    assert "Harbour Goods Ltd" in page
    assert all(route.text and route.path.replace("<", "&lt;") .replace(">", "&gt;") in page
               for route in control_routes())  # fmt: skip


def test_status_tells_what_runs_here(fresh: SimulatorDriver) -> None:
    """Organisations, users, app and time, but no secret."""
    status = fresh.control("GET", "status")

    assert status["now"] == "2026-10-01T12:00:00+00:00"
    assert [one["name"] for one in status["organisations"]] == [
        "Harbour Goods Ltd",
        "Southern Cross",
    ]
    assert "secret" not in str(status)


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "part"),
    [
        ("POST", "clock", b"{", 400, "Expecting property name"),
        ("POST", "clock", b"[]", 400, "must be a JSON object"),
        ("POST", "clock", b'{"advance_seconds": NaN}', 400, "NaN is not a number"),
        ("POST", "clock", b'{"advance_seconds": "soon"}', 400, "must be a number"),
        ("POST", "clock", b'{"advance_seconds": 1e12}', 400, "too large"),
        ("POST", "clock", b"", 400, "advance_seconds is missing"),
        ("POST", "nosuch", b"", 404, "there is no /simulator/nosuch"),
        ("DELETE", "clock", b"", 405, "use "),
        ("POST", "switches", b'{"nosuch": true}', 400, "there is no switch 'nosuch'"),
        ("POST", "switches", b'{"strict_rotation": 1}', 400, "takes true or false"),
        ("POST", "switches", b'{"failed_ids": "some"}', 400, "is one of"),
        ("POST", "consent", b"{}", 400, "authorize_url is missing"),
        ("POST", "consent", b'{"authorize_url": "/x?a=b"}', 400, "unauthorized_client"),
        ("POST", "access/revoke", b'{"user": "nobody"}', 404, "no such user"),
        ("POST", "access/revoke", b'{"connection_id": "x"}', 404, "no such connection"),
        ("POST", "organisations", b'{"name": "Harbour Goods Ltd"}', 400, "already"),
        ("POST", "organisations", b'{"name": "A", "country": "XX"}', 400, "country must be"),
        ("POST", "organisations", b'{"name": "A", "contacts": -1}', 400, "whole number"),
        ("POST", "organisations/nosuch/contacts", b"{}", 404, "there is no organisation"),
        ("POST", "organisations/Southern Cross/contacts", b"{}", 400, "Name cannot be empty"),
        ("GET", "organisations/Southern Cross/invoices/x", b"", 404, "there is no invoice"),
        (
            "POST",
            "organisations/Southern Cross/profile",
            b'{"forbidden_actions": ["Fly"]}',
            400,
            "must be a list of",
        ),
        (
            "POST",
            "organisations/Southern Cross/profile",
            b'{"year_lock_date": "soon"}',
            400,
            "must be a date",
        ),
    ],
)
def test_a_malformed_request_says_what_is_wrong(
    fresh: SimulatorDriver, method: str, path: str, content: bytes, status: int, part: str
) -> None:
    """The status fits and the message names the culprit."""
    answer = fresh.http.request(method, f"/simulator/{path}", content=content)

    assert status == answer.status_code
    assert part in answer.json()["error"]


def test_the_clock_moves_forwards(fresh: SimulatorDriver) -> None:
    """Offsets add up."""
    fresh.control("POST", "clock", {"advance_seconds": 60})
    moved = fresh.control("POST", "clock", {"advance_seconds": "0.5"})

    assert moved == {"now": "2026-10-01T12:01:00.500000+00:00", "offset_seconds": 60.5}


def test_switches_are_read_and_set(fresh: SimulatorDriver) -> None:
    """One changes, the others stay."""
    before = fresh.control("GET", "switches")
    after = fresh.control("POST", "switches", {"strict_rotation": True})

    assert {**before, "strict_rotation": True} == after


def test_an_organisation_can_be_added_and_connected(fresh: SimulatorDriver) -> None:
    """It has the wanted records at once."""
    wanted = {"name": "Third Ltd", "country": "GB", "contacts": 2, "items": 1, "invoices": 3}
    made = fresh.control("POST", "organisations", wanted)
    fresh.connect("Third Ltd")

    assert (made["tenant_id"], "GBP") == (fresh.tenant_id, made["base_currency"])
    assert len(fresh.get("Invoices")["Invoices"]) == 3
    assert len(fresh.control("GET", "organisations")["organisations"]) == 3


def test_a_demo_reset_changes_the_tenant_id(xero: SimulatorDriver) -> None:
    """The old id leads nowhere although the token still refreshes."""
    before = xero.tenant_id
    reset = xero.control_organisation("POST", "demo-reset")

    assert before == reset["old_tenant_id"] != reset["tenant_id"]
    assert xero.call("GET", "Organisation").status_code == 403
    assert xero.connections() == []
    assert xero.refresh().status_code == 200


def test_access_is_revoked_by_connection_organisation_or_person(fresh: SimulatorDriver) -> None:
    """Each ends what it names; the list of the control API keeps them as not live."""
    fresh.connect("Harbour Goods Ltd", "Southern Cross")
    first = fresh.connections()[0]["id"]
    fresh.control("POST", "access/revoke", {"connection_id": first})
    assert len(fresh.connections()) == 1
    fresh.control("POST", "access/revoke", {"organisation": "Southern Cross"})
    assert fresh.connections() == []
    fresh.connect()
    fresh.control("POST", "access/revoke", {"user": "mia@harbour.example"})

    assert fresh.refresh().json() == {"error": "invalid_grant"}
    listed = fresh.control("GET", "connections")["connections"]
    assert [found["live"] for found in listed] == [False, False]


def test_consent_can_be_denied_without_a_browser(fresh: SimulatorDriver) -> None:
    """The location carries the refusal."""
    query = "&".join(f"{name}={value}" for name, value in fresh.authorize_query().items())
    answer = fresh.control("POST", "consent", {"authorize_url": query, "deny": True})

    assert "error=access_denied" in answer["location"]


def test_people_edit_void_and_delete_invoices(xero: SimulatorDriver) -> None:
    """The control API follows the same status machine."""
    xero.put_invoice(InvoiceNumber="A")
    xero.put_invoice(InvoiceNumber="B", Status="AUTHORISED")
    edited = xero.control_organisation("POST", "invoices/A", {"Reference": "R"})
    deleted = xero.control_organisation("POST", "invoices/A/delete")
    voided = xero.control_organisation("POST", "invoices/B/void")
    refused = xero.control_organisation("POST", "invoices/A/approve", status=400)

    assert (
        edited["Reference"],
        deleted["Status"],
        voided["Status"],
        voided["AmountDue"],
    ) == ("R", "DELETED", "VOIDED", 0)
    assert "not of valid status" in refused["error"]


def test_bodies_with_wrong_types_are_a_post_data_problem(xero: SimulatorDriver) -> None:
    """The accounting API answers 400 number 14, or 17 where there is nothing to do."""
    for body in ([1], {"Contacts": 5}, {"Name": {}}, {"Name": "a", "Phones": "1"}, "text"):
        answer = xero.call("PUT", "Contacts", body).json()
        assert (answer["ErrorNumber"], answer["Type"]) == (14, "PostDataInvalidException")
    for nothing in ({"Contacts": []}, {}, []):
        assert xero.call("PUT", "Contacts", nothing).json()["ErrorNumber"] == 17
