"""Xero's limits, as runs and callers meet them: whole servers against the simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local_stack import wait_until
from setting_up import set_up_chain
from simulator_driver import SimulatorDriver
from syncline.v1.integration_pb2 import Allowance
from syncline.v1.run_pb2 import Run
from syncline_xero_simulator import SigningKey
from whole_server import SharedTime, Whole, serving_it, simulated

MODULES = ("contacts", "items", "tax_rates")
HOUR = 3600


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def driver(signing_key: SigningKey) -> Iterator[SimulatorDriver]:
    """A simulated Xero."""
    with simulated(signing_key, contacts=30) as driver:
        yield driver


def set_up(whole: Whole) -> None:
    """Connect and complete the chain; an hour later everything may be started again."""
    whole.connect()
    set_up_chain(whole.workspace)
    whole.clock.advance(seconds=HOUR)
    whole.way.reads()


def are_waiting(whole: Whole, until: datetime) -> bool:
    """Return whether the runs of all modules are parked until then, as ListModules shows them."""
    runs = [whole.workspace.node(each).active_run for each in MODULES]
    return all(
        run.state == Run.STATE_WAITING
        and run.wake_time.ToDatetime(UTC) == until
        and run.wait_reason == "The provider's limit on calls in a day is reached."
        for run in runs
    )


def allowance(whole: Whole) -> Allowance:
    """Return the allowance as GetConnection shows it."""
    return whole.workspace.get_connection().allowance


def test_the_days_limit_parks_every_module_until_it_is_over(
    driver: SimulatorDriver, database_url: str, tmp_path: Path
) -> None:
    """All say why and until when, over a restart; nobody calls before, and then they go on."""
    clock = SharedTime(driver)
    with serving_it(database_url, tmp_path, driver, clock) as whole:
        set_up(whole)
        driver.control("POST", "limits", {"day": 0})
        runs = [whole.workspace.trigger(module) for module in MODULES]
        wait_until(lambda: allowance(whole).closed_by == Allowance.LIMIT_DAY, "it is closed")
        end = allowance(whole).closed_until_time.ToDatetime(UTC)
        assert end > clock() + timedelta(minutes=2)
        assert allowance(whole).day_remaining == 0
        wait_until(lambda: are_waiting(whole, end), "all wait")
        assert 1 <= whole.way.reads() <= len(MODULES)

    driver.control("POST", "limits", {"day": 5000, "reset": True})
    with serving_it(database_url, tmp_path, driver, clock) as whole:
        clock.advance(seconds=(end - clock()).total_seconds() - 1)
        assert are_waiting(whole, end)
        assert whole.way.reads() == 0
        clock.advance(seconds=1)
        for run in runs:
            *_, ended = whole.workspace.watch(run)
            assert ended.state == Run.STATE_SUCCEEDED
        assert not allowance(whole).HasField("closed_until_time")


def test_the_allowance_is_shown_to_callers(
    driver: SimulatorDriver, database_url: str, tmp_path: Path
) -> None:
    """GetConnection shows calls left, bytes read and, while it is closed, until when and why."""
    with serving_it(database_url, tmp_path, driver, SharedTime(driver)) as whole:
        assert not whole.workspace.get_connection().HasField("allowance")
        whole.connect()
        assert allowance(whole) == Allowance(minute_remaining=60)
        whole.clock.advance(seconds=90)
        set_up_chain(whole.workspace)
        calls = whole.way.reads()

        found = allowance(whole)
        assert found.minute_remaining == 60 - calls
        assert found.day_remaining == 5000 - calls
        assert found.day_told_time.ToDatetime(UTC) == whole.clock()
        assert found.month_bytes_read > 1000
        assert not found.HasField("closed_until_time")
