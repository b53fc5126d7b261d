"""Faults on order."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.faults import ConnectionDroppedError


def _order(driver: SimulatorDriver, kind: str, **members: object) -> None:
    driver.control("POST", "faults", {"kind": kind, **members})


@pytest.mark.parametrize(
    ("kind", "status", "part"),
    [
        ("error-500", 500, "unexpected error"),
        ("error-502", 502, "Bad Gateway"),
        ("error-504", 504, "Gateway Timeout"),
        ("maintenance", 503, "currently offline for maintenance"),
        ("unavailable", 503, "temporarily unavailable"),
        ("organisation-offline", 503, "The Organisation is offline"),
        ("unauthorised", 401, "AuthorizationUnsuccessful"),
        ("token-expired", 401, "TokenExpired"),
        ("forbidden", 403, "AuthenticationUnsuccessful"),
        ("not-found", 404, "cannot be found"),
    ],
)
def test_a_fault_answers_once_in_xeros_stead(
    xero: SimulatorDriver, kind: str, status: int, part: str
) -> None:
    """The ordered number of calls is hit, then all is well."""
    _order(xero, kind)
    hit = xero.call("GET", "Organisation")

    assert status == hit.status_code
    assert part in hit.text
    assert xero.call("GET", "Organisation").status_code == 200


@pytest.mark.parametrize(
    ("kind", "retry_after"),
    [
        ("limit-minute", "30"),
        ("limit-day", "66975"),
        ("limit-concurrent", None),
        ("limit-appminute", None),
        ("limit-unknown", None),
    ],
)
def test_limits_can_be_faked(xero: SimulatorDriver, kind: str, retry_after: str | None) -> None:
    """Each kind names its limit; only minute and day say when to come back."""
    _order(xero, kind)
    hit = xero.call("GET", "Organisation")

    assert (429, kind.removeprefix("limit-")) == (
        hit.status_code,
        hit.headers["X-Rate-Limit-Problem"],
    )
    assert retry_after == hit.headers.get("Retry-After")


def test_a_connection_dropped_before_changes_nothing(xero: SimulatorDriver) -> None:
    """The call never happened."""
    _order(xero, "drop-before", method="PUT", path="contacts")
    with pytest.raises(ConnectionDroppedError):
        xero.call("PUT", "Contacts", {"Name": "Kauri"})

    assert xero.get("Contacts", where='Name=="Kauri"')["Contacts"] == []


def test_a_connection_dropped_after_has_changed_everything(xero: SimulatorDriver) -> None:
    """The call happened, its answer is lost, and its key replays it."""
    headers = {"Idempotency-Key": "k"}
    _order(xero, "drop-after", method="PUT", path="contacts")
    with pytest.raises(ConnectionDroppedError):
        xero.call("PUT", "Contacts", {"Name": "Kauri"}, headers)

    assert len(xero.get("Contacts", where='Name=="Kauri"')["Contacts"]) == 1
    assert xero.call("PUT", "Contacts", {"Name": "Kauri"}, headers).status_code == 200


def test_a_lost_refresh_answer_can_be_asked_for_again(xero: SimulatorDriver) -> None:
    """Faults reach the token endpoint too; the grace window helps out."""
    _order(xero, "drop-after", path="/connect/token")
    with pytest.raises(ConnectionDroppedError):
        xero.refresh()

    assert xero.refresh().status_code == 200


def test_a_delay_waits_on_the_clock(xero: SimulatorDriver) -> None:
    """The seconds are spent before the answer."""
    _order(xero, "delay", seconds="2.5")

    assert xero.call("GET", "Organisation").status_code == 200
    assert xero.waits == [2.5]


def test_a_delayed_call_is_under_way(xero: SimulatorDriver) -> None:
    """While it is slow it holds one of the places, and others are served or refused."""
    xero.allow(concurrent=1)
    during: list[int] = []

    def meanwhile(_seconds: float) -> None:
        during.append(xero.call("GET", "Organisation").status_code)

    xero.clock._wait = meanwhile
    _order(xero, "delay")
    slow = xero.call("GET", "Organisation").status_code
    count = xero.control("GET", "counters")["tenants"][xero.tenant_id]

    assert (slow, during) == (200, [429])
    assert count["max_concurrent"] == 2


def test_held_calls_are_under_way_until_their_fault_is_cancelled(xero: SimulatorDriver) -> None:
    """What passes first is not held; all that come behind it are, and go on at once."""
    _order(xero, "hold", path="Organisation", skip=1)
    passed = xero.call("GET", "Organisation")
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(xero.call, "GET", "Organisation") for _ in range(2)]
        while _running(xero) < len(held):
            assert not any(call.done() for call in held)
        (fault,) = xero.control("GET", "faults")["faults"]
        xero.control("DELETE", f"faults/{fault['id']}")
        statuses = [call.result(60).status_code for call in held]

    assert (passed.status_code, statuses) == (200, [200, 200])


def _running(xero: SimulatorDriver) -> int:
    tenants = xero.control("GET", "counters")["tenants"].values()
    return sum(count["running"] for count in tenants)


def test_json_can_be_cut_or_broken(xero: SimulatorDriver) -> None:
    """The status says 200, the body cannot be parsed."""
    for kind in ("truncated-json", "malformed-json"):
        _order(xero, kind)
        answer = xero.call("GET", "Organisation")
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()


def test_pages_can_lie(xero: SimulatorDriver) -> None:
    """An empty page and a pagination that promises one page more."""
    _order(xero, "empty-page")
    empty = xero.get("Contacts", page=1)
    _order(xero, "lying-pagination")
    lying = xero.get("Contacts", page=1)

    assert (empty["Contacts"], empty["pagination"]["itemCount"]) == ([], 29)
    assert (lying["pagination"]["pageCount"], len(lying["Contacts"])) == (2, 29)


def test_fields_can_be_patched(xero: SimulatorDriver) -> None:
    """Every record carries the ordered values, unknown enum values for one."""
    _order(xero, "patch-fields", path="TaxRates", fields={"Status": "RETIRED"})

    assert {"RETIRED"} == {rate["Status"] for rate in xero.get("TaxRates")["TaxRates"]}


def test_a_sync_can_be_disconnected_in_the_middle(xero: SimulatorDriver) -> None:
    """After the skipped calls the connection is gone."""
    _order(xero, "disconnect", skip=1)
    statuses = [xero.call("GET", "Contacts", page=page).status_code for page in (1, 2)]

    assert statuses == [200, 403]
    assert xero.connections() == []


def test_faults_hit_only_whom_they_mean(fresh: SimulatorDriver) -> None:
    """Method, path and organisation narrow a fault; null counts without end."""
    fresh.connect("Harbour Goods Ltd", "Southern Cross")
    first, second = (found["tenantId"] for found in fresh.connections())
    _order(
        fresh, "error-500", method="get", path="ITEMS", organisation="Southern Cross", count=None
    )
    statuses = {}
    for tenant in (first, second):
        fresh.tenant_id = tenant
        statuses[tenant] = [fresh.call("GET", path).status_code for path in ("Items", "Contacts")]

    assert {first: [200, 200], second: [500, 200]} == statuses
    assert fresh.call("GET", "Items").status_code == 500


def test_faults_are_listed_and_cancelled(xero: SimulatorDriver) -> None:
    """One by its number, or all."""
    _order(xero, "error-500", count=3)
    _order(xero, "maintenance")
    xero.call("GET", "Organisation")
    left = [(fault["id"], fault["count"]) for fault in xero.control("GET", "faults")["faults"]]

    assert left == [(1, 2), (2, 1)]
    xero.control("DELETE", "faults/1")
    assert "there is no fault" in xero.control("DELETE", "faults/1", status=404)["error"]
    assert xero.control("DELETE", "faults") == {"faults": []}


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, "kind is missing"),
        ({"kind": "explode"}, "kind must be one of"),
        ({"kind": "delay", "second": 1}, "unknown member second"),
        ({"kind": "delay", "count": 0}, "count must be 1 or more"),
        ({"kind": "delay", "skip": -1}, "skip must be a whole number"),
        ({"kind": "delay", "seconds": "soon"}, "seconds must be a number"),
        ({"kind": "hold", "count": 1}, "hold takes no count and no seconds"),
        ({"kind": "hold", "seconds": 5}, "hold takes no count and no seconds"),
        ({"kind": "patch-fields", "fields": []}, "fields must be an object"),
        ({"kind": "delay", "organisation": "Nobody"}, "there is no organisation"),
    ],
)
def test_a_malformed_order_says_what_is_wrong(
    xero: SimulatorDriver, body: dict[str, object], part: str
) -> None:
    """Nothing is ordered, and the message names the member."""
    answer = xero.http.post("/simulator/faults", json=body)

    assert answer.status_code in (400, 404)
    assert part in answer.json()["error"]
    assert xero.control("GET", "faults")["faults"] == []


def test_an_error_after_the_change_has_changed_everything(xero: SimulatorDriver) -> None:
    """The call happened, and its answer says that Xero failed."""
    _order(xero, "error-500-after", method="PUT", path="contacts")

    assert xero.call("PUT", "Contacts", {"Name": "Kauri"}).status_code == 500
    assert len(xero.get("Contacts", where='Name=="Kauri"')["Contacts"]) == 1


@pytest.mark.parametrize(("headers", "made"), [({}, 2), ({"Idempotency-Key": "k"}, 1)])
def test_a_call_can_arrive_twice(xero: SimulatorDriver, headers: dict[str, str], made: int) -> None:
    """Only its key keeps a Xero that takes everything from having two."""
    xero.switch(duplicates_refused=False)
    _order(xero, "repeated", method="PUT", path="contacts")

    assert xero.call("PUT", "Contacts", {"Name": "Kauri"}, headers).status_code == 200
    assert len(xero.get("Contacts", where='Name=="Kauri"')["Contacts"]) == made


@pytest.mark.parametrize("refused", [True, False])
def test_what_is_taken_is_refused_or_there_twice(xero: SimulatorDriver, refused: bool) -> None:  # noqa: FBT001 - a case
    """One switch decides it for contacts, items and invoices alike."""
    xero.switch(duplicates_refused=refused)
    contact = {"Name": "Kauri", "ContactNumber": "K1"}
    for _ in range(2):
        xero.call("PUT", "Contacts", contact, summarizeErrors="false")
        xero.call("PUT", "Items", {"Code": "NEW"}, summarizeErrors="false")
        xero.put_invoice(InvoiceNumber="OV-1")

    held = xero.control_organisation("GET", "records")
    made = 1 if refused else 2
    assert [one["number"] for one in held["contacts"]].count("K1") == made
    assert [one["code"] for one in held["items"]].count("NEW") == made
    assert [one["number"] for one in held["invoices"]].count("OV-1") == made


def test_a_person_adds_an_invoice_in_xero(xero: SimulatorDriver) -> None:
    """It has the number it was given, once."""
    draft = xero.draft(InvoiceNumber="theirs")
    added = xero.control_organisation("POST", "invoices", draft)

    assert added["InvoiceNumber"] == "theirs"
    again = xero.control_organisation("POST", "invoices", draft, status=400)
    assert again["error"] == "Invoice # must be unique."


def test_renewals_are_counted_per_person(xero: SimulatorDriver) -> None:
    """Answered or not; an exchange of a code or an unknown token renews nobody's grant."""
    xero.refresh()
    _order(xero, "drop-after", path="connect/token")
    with pytest.raises(ConnectionDroppedError):
        xero.refresh()
    xero.refresh("unknown")

    (counted,) = xero.control("GET", "counters")["renewals"].values()
    assert counted == {"calls": 2, "running": 0, "max_concurrent": 1}
    xero.control("DELETE", "counters")
    (counted,) = xero.control("GET", "counters")["renewals"].values()
    assert counted == {"calls": 0, "running": 0, "max_concurrent": 0}
