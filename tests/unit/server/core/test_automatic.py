from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_sdk import Trigger
from syncline_server.core.automatic import failures, next_time
from syncline_server.core.model import Run, RunState
from syncline_server.core.names import Connection, Scope

THEN = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def scope(workspace: str = "acme") -> Scope:
    """Return the contacts of a workspace."""
    return Scope(Connection(workspace, "books"), "contacts")


def ended(state: RunState = RunState.SUCCEEDED, generation: int = 1) -> Run:
    """Return a run that was made THEN and ended an hour later."""
    return Run(
        id="run",
        scope=scope(),
        organisation_id="kauri",
        generation=generation,
        trigger=Trigger.AUTOMATIC,
        state=state,
        create_time=THEN,
        end_time=THEN + HOUR,
    )


FAILED = ended(RunState.FAILED)


def wait_after(*newest: Run, interval: timedelta = HOUR) -> timedelta:
    """Return how long after THEN a module is due, without its share of the spread."""
    due = next_time(scope(), interval, newest, generation=1)
    plain = next_time(scope(), interval, [ended()], generation=1)
    assert due is not None
    assert plain is not None
    spread = (plain - THEN) / interval
    began = HOUR if newest[0].state is RunState.FAILED else timedelta()
    return began + (due - THEN - began) / spread


def test_module_that_never_ran_is_due() -> None:
    """The first automatic run does not wait for an interval to pass."""
    assert next_time(scope(), HOUR, [], generation=1) is None


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_time_comes_within_a_tenth_behind_the_interval(workspace: str) -> None:
    """Nothing is due before its interval has passed, everything a tenth of it later."""
    due = next_time(scope(workspace), HOUR, [ended()], generation=1)

    assert due is not None
    assert THEN + HOUR <= due <= THEN + HOUR * 1.1


def test_workspaces_do_not_march_in_step() -> None:
    """Of many workspaces with one interval only some are due in the middle of the spread."""
    at = THEN + HOUR * 1.05
    due = [
        next_time(scope(f"workspace-{number}"), HOUR, [ended()], generation=1)
        for number in range(200)
    ]

    assert 50 < sum(each is not None and each <= at for each in due) < 150


@pytest.mark.parametrize(
    ("interval", "failed", "wait"),
    [
        (MINUTE, 1, MINUTE * 2),
        (MINUTE, 4, MINUTE * 16),
        (MINUTE, 6, MINUTE * 32),
        (HOUR, 2, HOUR * 4),
        (HOUR, 3, HOUR * 6),
        (timedelta(days=1), 5, timedelta(days=1)),
    ],
)
def test_failures_in_a_row_make_it_wait_longer(
    interval: timedelta, failed: int, wait: timedelta
) -> None:
    """The wait doubles with each, up to a bound, and begins when the last one ended."""
    newest = [FAILED] * failed

    assert abs(wait_after(*newest, interval=interval) - (HOUR + wait)) < timedelta(seconds=1)


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.PARTIAL, RunState.CANCELLED])
def test_a_run_that_did_not_fail_ends_the_row(state: RunState) -> None:
    """What failed before it counts no more."""
    assert failures([FAILED, FAILED, ended(state), FAILED], 1) == 2
    assert failures([ended(state), FAILED], 1) == 0
    assert wait_after(ended(state), FAILED) == HOUR


def test_failures_of_an_earlier_connection_are_forgotten() -> None:
    """After connecting again the interval is the usual one."""
    newest = [FAILED, replace(FAILED, generation=0)]

    assert failures(newest, 1) == 1
    assert failures(newest, 2) == 0
