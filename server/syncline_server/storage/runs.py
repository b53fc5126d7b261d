"""Rows of ``runs``."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import peewee

from syncline_sdk import Trigger
from syncline_server.core.listing import RunFilter
from syncline_server.core.model import ACTIVE, Counts, Run, RunError, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.patience import Stall
from syncline_server.storage import bulk, jobs, options, run_pages
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import (
    from_micros,
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)
from syncline_server.storage.where import Where

_ACTIVE = ", ".join(f"'{state}'" for state in ACTIVE)
_RUNS = (
    "SELECT runs.*, (SELECT COUNT(*) FROM run_issues WHERE run_issues.workspace = runs.workspace"
    " AND run_issues.run_id = runs.id AND run_issues.resolve_time IS NULL) AS open_issue_count"
    " FROM runs"
)
# Asked for an order as well, SQLite would walk through all runs there ever were to have it.
_UNFINISHED = f"{_RUNS} WHERE state IN ({_ACTIVE})"
_ACTIVE_OF = f"{_UNFINISHED} AND workspace = ? AND provider = ?"
_CURRENT = (
    "SELECT 1 FROM runs WHERE id = ? AND attempt = ? AND state = 'RUNNING'"
    " AND NOT cancel_requested AND EXISTS (SELECT 1 FROM connections"
    " WHERE connections.workspace = runs.workspace AND connections.provider = runs.provider"
    " AND connections.generation = runs.generation AND connections.state = 'CONNECTED')"
)


class RequestIdTaken(Exception):  # noqa: N818 - named by what is the case
    """Another run of the workspace was stored under the same request id meanwhile."""


class Page(Protocol):
    """What one page adds to a run's counts."""

    fetched: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    is_further: bool | None


def insert(database: Database, run: Run) -> None:
    """Store a new run of a locked connection, whose scope has no active one.

    :raises RequestIdTaken: the transaction must be given up.
    """
    try:
        _insert(database, run)
    except peewee.IntegrityError as error:
        raise RequestIdTaken(run.request_id) from error


def _insert(database: Database, run: Run) -> None:
    database.execute(
        "INSERT INTO runs (id, workspace, provider, module, organisation_id, generation,"
        " trigger_kind, state, options, request_id, requested_by, create_time, full_read,"
        " accept_collapse) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.id,
            run.scope.connection.workspace,
            run.scope.connection.provider,
            run.scope.module,
            run.organisation_id,
            run.generation,
            run.trigger,
            run.state,
            options.to_json(run.options),
            run.request_id or None,
            run.requested_by,
            to_micros(run.create_time),
            run.full_read,
            run.accept_collapse,
        ),
    )


def get(database: Database, run_id: str, workspace: str | None = None) -> Run | None:
    """Return a run by id, only if it is this workspace's when one is given."""
    where, parameters = ("id = ?", [run_id])
    if workspace is not None:
        where, parameters = ("id = ? AND workspace = ?", [run_id, workspace])
    row = database.row(f"{_RUNS} WHERE {where}", parameters)
    return _from_row(row) if row else None


def lock(database: Database, run_id: str, workspace: str) -> Run | None:
    """Return a workspace's run and hold it until the transaction ends."""
    query = f"{_RUNS} WHERE id = ? AND workspace = ?" + database.for_update()
    row = database.row(query, (run_id, workspace))
    return _from_row(row) if row else None


def by_request(database: Database, workspace: str, request_id: str) -> Run | None:
    """Return the run a request id made, or None."""
    query = f"{_RUNS} WHERE workspace = ? AND request_id = ?"
    row = database.row(query, (workspace, request_id))
    return _from_row(row) if row else None


def active(database: Database, scope: Scope) -> Run | None:
    """Return the run that holds a scope, or None."""
    query = f"{_RUNS} WHERE workspace = ? AND provider = ? AND module = ? AND state IN ({_ACTIVE})"
    row = database.row(query, _scope(scope))
    return _from_row(row) if row else None


def newest(database: Database, scope: Scope) -> Run | None:
    """Return the newest run of a scope, or None."""
    query = f"{_RUNS} WHERE workspace = ? AND provider = ? AND module = ? ORDER BY id DESC LIMIT 1"
    row = database.row(query, _scope(scope))
    return _from_row(row) if row else None


def newest_unprompted(database: Database, scope: Scope, limit: int) -> list[Run]:
    """Return the newest runs of a scope that no webhook asked for, the newest first.

    Those of webhooks read a few records: they must not push back those that read the rest.
    """
    query = (
        f"{_RUNS} WHERE workspace = ? AND provider = ? AND module = ?"
        " AND trigger_kind <> 'WEBHOOK' ORDER BY id DESC LIMIT ?"
    )
    return [_from_row(row) for row in database.rows(query, (*_scope(scope), limit))]


def last_ended(database: Database, scope: Scope) -> Run | None:
    """Return the run of a scope that ended last, or None."""
    query = (
        f"{_RUNS} WHERE workspace = ? AND provider = ? AND module = ?"
        " AND end_time IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
    row = database.row(query, _scope(scope))
    return _from_row(row) if row else None


def last_organisation(database: Database, connection: Connection) -> str:
    """Return the id of the organisation a connection's newest run worked on; empty for none."""
    query = (
        "SELECT organisation_id FROM runs WHERE workspace = ? AND provider = ?"
        " ORDER BY id DESC LIMIT 1"
    )
    row = database.row(query, (connection.workspace, connection.provider))
    return str(row["organisation_id"]) if row else ""


def unfinished(database: Database) -> list[Run]:
    """Return every active run, oldest first."""
    return _by_age(database.rows(_UNFINISHED))


def without_job(database: Database, now: datetime) -> list[Run]:
    """Return every active run that should be executed and has no job, oldest first; fleet only."""
    due = "(state <> 'WAITING' OR wake_time IS NULL OR wake_time <= ?)"
    query = f"{_UNFINISHED} AND {due} AND {jobs.lacked_by('runs.id')}"
    return _by_age(database.rows(query, (to_micros(now),)))


def running(database: Database, ids: Collection[str]) -> set[str]:
    """Return the ids of those of these runs that are being executed."""
    query = f"SELECT id FROM runs WHERE {bulk.among(database, 'id')} AND state = 'RUNNING'"
    return {row[0] for row in database.tuples(query, (bulk.members(database, ids),))}


def active_of(database: Database, connection: Connection) -> list[Run]:
    """Return every active run of a connection, oldest first."""
    return _by_age(database.rows(_ACTIVE_OF, (connection.workspace, connection.provider)))


def lock_active_of(database: Database, connection: Connection) -> list[Run]:
    """Return the same and hold them until the transaction ends."""
    # In order, as others lock many: two that wait for each other would both be undone.
    query = _ACTIVE_OF + ("" if database.is_sqlite else " ORDER BY id FOR UPDATE OF runs")
    return _by_age(database.rows(query, (connection.workspace, connection.provider)))


def page(
    database: Database, workspace: str, wanted: RunFilter, before: str, limit: int
) -> list[Run]:
    """Return runs of a workspace, newest first.

    :param before: the id the page ends before; empty for the first page.
    """
    where = Where("workspace = ?", workspace)
    for column, value in (("provider", wanted.provider), ("module", wanted.module)):
        where.one_of(column, (value,) if value else ())
    where.one_of("state", wanted.states)
    if before:
        where.add("id < ?", before)
    query = f"{_RUNS} WHERE {where} ORDER BY id DESC LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


def start(database: Database, run: Run, now: datetime, since: datetime | None) -> Run | None:
    """Begin the next attempt of a run that is queued or due; None when it is neither any more.

    :param since: the watermark a first attempt reads from; later ones keep the first one's.
    """
    moved = database.execute(
        "UPDATE runs SET state = 'RUNNING', attempt = attempt + 1, wake_time = NULL,"
        " wait_reason = '', start_time = COALESCE(start_time, ?),"
        " read_since = CASE WHEN attempt = 0 THEN ? ELSE read_since END"
        " WHERE id = ? AND attempt = ? AND state IN ('QUEUED', 'WAITING')",
        (to_micros(now), to_micros_or_none(since), run.id, run.attempt),
    )
    return get(database, run.id) if moved else None


def requeue(database: Database, run: Run) -> bool:
    """Put a running attempt back into the queue; False when it may not write any more."""
    return bool(
        database.execute(
            "UPDATE runs SET state = 'QUEUED' WHERE id = ? AND attempt = ? AND state = 'RUNNING'",
            (run.id, run.attempt),
        )
    )


def take_up(database: Database, run: Run) -> bool:
    """Put an attempt whose process has died back into the queue; False when it has not."""
    return bool(
        database.execute(
            "UPDATE runs SET state = 'QUEUED', stalled_deaths = stalled_deaths + 1"
            " WHERE id = ? AND attempt = ? AND state = 'RUNNING'",
            (run.id, run.attempt),
        )
    )


def park(database: Database, run: Run, wake: datetime, reason: str, now: datetime) -> bool:
    """Let a running attempt wait; False when it may not write any more."""
    return bool(
        database.execute(
            "UPDATE runs SET state = 'WAITING', wake_time = ?, wait_reason = ?,"
            " stalled_parks = stalled_parks + 1, stall_time = COALESCE(stall_time, ?)"
            " WHERE id = ? AND attempt = ? AND state = 'RUNNING' AND NOT cancel_requested",
            (to_micros(wake), reason, to_micros(now), run.id, run.attempt),
        )
    )


def end(
    database: Database, run: Run, state: RunState, now: datetime, error: RunError | None = None
) -> bool:
    """End a run in a final state; False when it has moved on since it was read.

    An attempt whose run went back into the queue has the number of the waiting one still, so the
    state is part of the fence.
    """
    ended = database.execute(
        "UPDATE runs SET state = ?, end_time = ?, error = ?, wake_time = NULL"
        f" WHERE id = ? AND attempt = ? AND state = ? AND state IN ({_ACTIVE})",
        (state, to_micros(now), _error_json(error), run.id, run.attempt, run.state),
    )
    if ended:
        run_pages.forget(database, run.id)
    return bool(ended)


def request_cancel(database: Database, run_id: str) -> bool:
    """Ask a running attempt to stop; False when it is not running."""
    return bool(
        database.execute(
            "UPDATE runs SET cancel_requested = TRUE WHERE id = ? AND state = 'RUNNING'",
            (run_id,),
        )
    )


def is_current(database: Database, run: Run) -> bool:
    """Return whether this attempt may still work."""
    return database.row(_CURRENT, (run.id, run.attempt)) is not None


def hold_current(database: Database, run: Run) -> bool:
    """Return whether this attempt may write, and keep that true until the transaction ends."""
    query = _CURRENT + ("" if database.is_sqlite else " FOR UPDATE")
    return database.row(query, (run.id, run.attempt)) is not None


def add_page(database: Database, run_id: str, tally: Page, cursor: str | None) -> None:
    """Add a page to a run's counts and move its cursor.

    Where the page does not say whether it gets the run further, another cursor does; where there is
    none, a record that is counted.
    """
    counts = (
        tally.fetched,
        tally.created,
        tally.updated,
        tally.unchanged,
        tally.skipped,
        tally.failed,
    )
    told = tally.is_further
    position = cursor or "" if told is None else ""
    further = (cursor is None and any(counts) if told is None else told, position, position)
    test = "? OR (? <> '' AND COALESCE(position, '') <> ?)"
    database.execute(
        "UPDATE runs SET fetched = fetched + ?, created = created + ?, updated = updated + ?,"
        " unchanged = unchanged + ?, skipped = skipped + ?, failed = failed + ?,"
        f" stalled_parks = CASE WHEN {test} THEN 0 ELSE stalled_parks END,"
        f" stall_time = CASE WHEN {test} THEN NULL ELSE stall_time END,"
        f" stalled_deaths = CASE WHEN {test} THEN 0 ELSE stalled_deaths END,"
        " position = COALESCE(?, position) WHERE id = ?",
        (*counts, *further, *further, *further, cursor, run_id),
    )


def collapse(database: Database, run_id: str) -> bool:
    """Write down that a run found most of what is known gone; False when it is known already."""
    query = "UPDATE runs SET collapsed = TRUE WHERE id = ? AND NOT collapsed"
    return bool(database.execute(query, (run_id,)))


def set_total(database: Database, run_id: str, total: int) -> None:
    """Write down how many records a run will fetch."""
    database.execute("UPDATE runs SET total = ? WHERE id = ?", (total, run_id))


def set_watermark(database: Database, run_id: str, until: datetime) -> None:
    """Write down the watermark a run will leave behind."""
    database.execute("UPDATE runs SET watermark = ? WHERE id = ?", (to_micros(until), run_id))


def _scope(scope: Scope) -> tuple[str, str, str]:
    return (scope.connection.workspace, scope.connection.provider, scope.module)


def _error_json(error: RunError | None) -> str | None:
    return None if error is None else msgspec.json.encode(error).decode()


def _error(text: str | None) -> RunError | None:
    return None if text is None else msgspec.json.decode(text, type=RunError)


def _by_age(rows: Sequence[Row]) -> list[Run]:
    return sorted(map(_from_row, rows), key=lambda run: run.id)


def _from_row(row: Row) -> Run:
    return Run(
        id=row["id"],
        scope=Scope(Connection(row["workspace"], row["provider"]), row["module"]),
        organisation_id=row["organisation_id"],
        generation=row["generation"],
        trigger=Trigger(row["trigger_kind"]),
        state=RunState(row["state"]),
        attempt=row["attempt"],
        counts=_counts(row),
        issue_count=row["issue_count"],
        open_issue_count=row["open_issue_count"],
        cursor=row["position"],
        read_since=from_micros_or_none(row["read_since"]),
        watermark=from_micros_or_none(row["watermark"]),
        options=options.from_json(row["options"]),
        full_read=bool(row["full_read"]),
        accept_collapse=bool(row["accept_collapse"]),
        collapsed=bool(row["collapsed"]),
        error=_error(row["error"]),
        request_id=row["request_id"] or "",
        requested_by=row["requested_by"],
        cancel_requested=bool(row["cancel_requested"]),
        wait_reason=row["wait_reason"],
        stall=Stall(
            parks=row["stalled_parks"],
            since=from_micros_or_none(row["stall_time"]),
            deaths=row["stalled_deaths"],
        ),
        create_time=from_micros(row["create_time"]),
        start_time=from_micros_or_none(row["start_time"]),
        end_time=from_micros_or_none(row["end_time"]),
        wake_time=from_micros_or_none(row["wake_time"]),
    )


def _counts(row: Row) -> Counts:
    names = ("total", "fetched", "created", "updated", "unchanged", "skipped", "failed")
    return Counts(**{name: row[name] for name in names})
