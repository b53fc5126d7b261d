"""Rate limits and counters."""

import pytest

from simulator_driver import NOON, SimulatorDriver
from syncline_xero_simulator.config import Allowances
from syncline_xero_simulator.limits import Limit, Limits
from syncline_xero_simulator.switches import Switches

_TENANT = "a-tenant"


def test_every_answer_carries_what_is_left(xero: SimulatorDriver) -> None:
    """The three headers count down, on refusals too."""
    first = xero.call("GET", "Organisation").headers
    second = xero.call("GET", "Contacts/nosuch").headers

    assert int(first["X-MinLimit-Remaining"]) == int(second["X-MinLimit-Remaining"]) + 1
    assert int(first["X-DayLimit-Remaining"]) == int(second["X-DayLimit-Remaining"]) + 1
    assert int(first["X-AppMinLimit-Remaining"]) == int(second["X-AppMinLimit-Remaining"]) + 1


def test_the_minute_limit_says_when_to_come_back(xero: SimulatorDriver) -> None:
    """After `Retry-After` seconds the window is a new one."""
    xero.allow(minute=2)
    for _ in range(2):
        xero.call("GET", "Organisation")
    refused = xero.call("GET", "Organisation")
    xero.clock.advance(int(refused.headers["Retry-After"]))

    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "minute")
    assert xero.call("GET", "Organisation").status_code == 200


def test_the_day_limit_outlasts_the_minute(xero: SimulatorDriver) -> None:
    """The day's refusal tells a long time."""
    xero.allow(day=1)
    xero.call("GET", "Organisation")
    xero.clock.advance(120)
    refused = xero.call("GET", "Organisation")

    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert int(refused.headers["Retry-After"]) > 0


def test_the_app_minute_has_no_retry_after_unless_switched(xero: SimulatorDriver) -> None:
    """Its name and header can be changed."""
    xero.allow(app_minute=0)
    plain = xero.call("GET", "Organisation")
    xero.switch(retry_after_on_app_minute=True, app_minute_problem="app-minute")
    told = xero.call("GET", "Organisation")

    assert plain.headers["X-Rate-Limit-Problem"] == "appminute"
    assert "Retry-After" not in plain.headers
    assert told.headers["X-Rate-Limit-Problem"] == "app-minute"
    assert "Retry-After" in told.headers


@pytest.mark.parametrize(("told", "seconds"), [(False, None), (True, 1)])
def test_six_at_once_are_one_too_many(told: bool, seconds: int | None) -> None:  # noqa: FBT001 - a parameter of the table
    """The sixth call under way is refused until one leaves."""
    limits = Limits(Allowances())
    switches = Switches(retry_after_on_concurrent=told)
    for _ in range(5):
        assert limits.enter(_TENANT, NOON, switches) is None
    refused = limits.enter(_TENANT, NOON, switches)
    limits.leave(_TENANT)

    assert refused is not None
    assert (Limit.CONCURRENT, seconds) == (refused.limit, refused.retry_after)
    assert limits.enter(_TENANT, NOON, switches) is None


def test_refused_calls_may_count() -> None:
    """With the switch a refusal uses up allowance too."""
    limits = Limits(Allowances(minute=1, day=10))
    switches = Switches(refused_calls_count=True)
    for _ in range(3):
        limits.enter(_TENANT, NOON, switches)

    assert limits.remaining(_TENANT, NOON).day == 7


def test_tenants_do_not_share_windows(fresh: SimulatorDriver) -> None:
    """One organisation's use leaves the other's alone."""
    fresh.allow(minute=1)
    fresh.connect("Harbour Goods Ltd", "Southern Cross")
    first, second = (found["tenantId"] for found in fresh.connections())
    statuses = []
    for tenant in (first, first, second):
        fresh.tenant_id = tenant
        statuses.append(fresh.call("GET", "Organisation").status_code)

    assert statuses == [200, 429, 200]


def test_counters_tell_what_clients_called(xero: SimulatorDriver) -> None:
    """Calls are counted by tenant, endpoint and status, refused ones too, until reset."""
    xero.allow(minute=2)
    for path in ("Contacts", "Contacts/nosuch", "Items"):
        xero.call("GET", path)
    count = xero.control("GET", "counters")["tenants"][xero.tenant_id]

    assert count["endpoints"] == {"GET Contacts": 1, "GET Contacts/{key}": 1, "GET Items": 1}
    assert count["statuses"] == {"200": 1, "404": 1, "429": 1}
    assert (count["calls"], count["max_calls_in_a_minute"], count["max_concurrent"]) == (3, 3, 1)
    assert count["calls_by_minute"] == [3]
    xero.clock.advance(60)
    xero.call("GET", "Items")
    count = xero.control("GET", "counters")["tenants"][xero.tenant_id]
    assert count["calls_by_minute"] == [3, 1]
    assert xero.control("DELETE", "counters")["tenants"] == {}


def test_limits_can_be_changed_and_reset(xero: SimulatorDriver) -> None:
    """The control API sets allowances and forgets use; nonsense is refused."""
    xero.control("POST", "limits", {"minute": 1})
    xero.call("GET", "Organisation")
    refused = xero.call("GET", "Organisation").status_code
    xero.control("POST", "limits", {"reset": True})

    assert refused == 429
    assert xero.call("GET", "Organisation").status_code == 200
    xero.control("POST", "limits", {"minute": -1}, status=400)
    xero.control("POST", "limits", {"minutes": 5}, status=400)
