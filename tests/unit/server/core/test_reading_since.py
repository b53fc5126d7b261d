from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncline_sdk import Trigger, Value
from syncline_server.core.model import ModuleState, Run, RunState
from syncline_server.core.names import Connection, Scope

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
READ = ModuleState(complete_time=NOON, watermark=NOON, full_read_time=NOON)


@pytest.mark.parametrize(
    ("state", "age", "expected"),
    [
        (READ, DAY - timedelta(seconds=1), NOON),
        (READ, DAY, None),
        (replace(READ, full_read_asked_time=NOON), timedelta(), None),
        (replace(READ, full_read_time=None), timedelta(), None),
        (replace(READ, watermark=None), timedelta(), None),
    ],
    ids=["young", "a day old", "asked for", "never read fully", "no watermark"],
)
def test_run_reads_changes_while_the_last_full_read_is_young(
    state: ModuleState, age: timedelta, expected: datetime | None
) -> None:
    """Everything is read when it is asked for, was never read, or was read too long ago."""
    assert state.read_since(NOON + age, DAY) == expected


@pytest.mark.parametrize(
    ("since", "watermark", "options", "everything"),
    [
        (None, NOON, {}, True),
        (None, None, {}, True),
        (None, None, {"invoices": ("one",)}, False),
        (None, NOON, {"window": "ALL_LINKED"}, True),
        (NOON, NOON, {}, False),
    ],
    ids=["pages", "list", "a few", "all by options", "changes"],
)
def test_run_reads_everything_if_it_leaves_nothing_unread(
    since: datetime | None,
    watermark: datetime | None,
    options: dict[str, Value],
    *,
    everything: bool,
) -> None:
    """One with options counts only if it moves the watermark all the same."""
    run = Run(
        id="run",
        scope=Scope(Connection("acme", "xero"), "contacts"),
        organisation_id="kauri",
        generation=1,
        trigger=Trigger.MANUAL,
        state=RunState.RUNNING,
        read_since=since,
        watermark=watermark,
        options=options,
        create_time=NOON,
    )

    assert run.reads_everything is everything
