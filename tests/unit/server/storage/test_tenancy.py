"""Every statement says whose rows it means."""

from collections.abc import Mapping
from typing import Final

import pytest

from statements import statements
from syncline_server.storage.database import Database

_OF_A_ROW: Final = "names a row by the id that was read, with its workspace, before"
_BY_THE_CLOCK: Final = "a timer looks at every workspace, and no caller's word gets there"
_HOLDERS: Final = "who holds an organisation or a grant is the one question about all workspaces"
_ERASED: Final = "an erasure is the operators', and is looked for under its workspace by callers"
_STATE: Final = "the state is the secret; whose it is, is compared before it is used up"

EXCEPTIONS: Final[Mapping[str, str]] = {
    "budgets.lock_all": _BY_THE_CLOCK,
    "changes.forget": _BY_THE_CLOCK,
    "connections.connected": _BY_THE_CLOCK,
    "connections.held_elsewhere": _HOLDERS,
    "connections.holder": _HOLDERS,
    "connections.holders": _HOLDERS,
    "connections.of_grant": _HOLDERS,
    "connections.with_expired_candidates": _BY_THE_CLOCK,
    "consents.find": _STATE,
    "consents.forget": _BY_THE_CLOCK,
    "consents.use": _STATE,
    "cooldowns.running": _BY_THE_CLOCK,
    "creations.abandoned": _BY_THE_CLOCK,
    "creations.forget_done": _BY_THE_CLOCK,
    "creations.locked": _OF_A_ROW,
    "creations.remove": _OF_A_ROW,
    "creations.save": _OF_A_ROW,
    "database.snapshot": "reads nothing: it begins a transaction",
    "erasures.add_counts": _ERASED,
    "erasures.begun_since": _BY_THE_CLOCK,
    "erasures.every_open": _BY_THE_CLOCK,
    "erasures.finish": _ERASED,
    "erasures.lock_open": _ERASED,
    "grants.delete_unused": _HOLDERS,
    "run_history.delete": _BY_THE_CLOCK,
    "run_history.ended": _BY_THE_CLOCK,
    "run_history.not_in_use": _BY_THE_CLOCK,
    "run_issues.add": _OF_A_ROW,
    "run_issues.close": _OF_A_ROW,
    "run_issues.of_one_run": _OF_A_ROW,
    "run_issues.told": _OF_A_ROW,
    "runs.add_page": _OF_A_ROW,
    "runs.collapse": _OF_A_ROW,
    "runs.end": _OF_A_ROW,
    "runs.get": _OF_A_ROW,
    "runs.hold_current": _OF_A_ROW,
    "runs.is_current": _OF_A_ROW,
    "runs.park": _OF_A_ROW,
    "runs.request_cancel": _OF_A_ROW,
    "runs.requeue": _OF_A_ROW,
    "runs.running": _BY_THE_CLOCK,
    "runs.set_total": _OF_A_ROW,
    "runs.set_watermark": _OF_A_ROW,
    "runs.start": _OF_A_ROW,
    "runs.take_up": _OF_A_ROW,
    "runs.unfinished": _BY_THE_CLOCK,
    "runs.without_job": _BY_THE_CLOCK,
    "settings.with_intervals": _BY_THE_CLOCK,
    "webhook_events.records": _OF_A_ROW,
    "webhook_events.settle": _OF_A_ROW,
    "webhook_events.waiting_connections": _BY_THE_CLOCK,
}
"""Functions that ask about rows of whatever workspace, each with the reason why it may."""


@pytest.fixture
def owners(database: Database) -> dict[str, str]:
    """By table, the column that says whose a row is; tables without one are left out."""
    columns = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
    if not database.is_sqlite:
        columns = (
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
        )
    held = set(database.tuples(columns))
    found = {
        table: owner
        for owner in ("run_id", "organisation_id", "workspace")
        for table, column in held
        if column == owner
    }
    # One organisation has one budget, whichever workspace it is connected to.
    return {**found, "budgets": "(?:workspace|organisation_id)"}


def test_every_statement_says_whose_rows_it_means(owners: dict[str, str]) -> None:
    """Each binds the workspace of every table that has one, or is an exception with a reason."""
    assert owners["invoices"] == "workspace"
    found = list(statements())

    unbound: dict[str, list[str]] = {}
    for each in found:
        if each.unbound(owners):
            unbound.setdefault(each.function, []).append(each.sql)

    assert len(found) > 200
    assert {name: sql for name, sql in unbound.items() if name not in EXCEPTIONS} == {}
    assert EXCEPTIONS.keys() - unbound.keys() == set()
