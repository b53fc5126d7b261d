from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncline_server.core.automatic import is_due
from syncline_server.core.names import Connection, Scope

THEN = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def scope(workspace: str = "acme") -> Scope:
    """Return the contacts of a workspace."""
    return Scope(Connection(workspace, "books"), "contacts")


def test_module_that_never_ran_is_due() -> None:
    """The first automatic run does not wait for an interval to pass."""
    assert is_due(scope(), HOUR, None, THEN)


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_time_comes_within_a_tenth_behind_the_interval(workspace: str) -> None:
    """Nothing is due before its interval has passed, everything a tenth of it later."""
    assert not is_due(scope(workspace), HOUR, THEN, THEN + HOUR - timedelta(seconds=1))
    assert is_due(scope(workspace), HOUR, THEN, THEN + HOUR * 1.1)


def test_workspaces_do_not_march_in_step() -> None:
    """Of many workspaces with one interval only some are due in the middle of the spread."""
    at = THEN + HOUR * 1.05
    due = [is_due(scope(f"workspace-{number}"), HOUR, THEN, at) for number in range(200)]

    assert 50 < sum(due) < 150
