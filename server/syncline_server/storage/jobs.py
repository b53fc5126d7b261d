"""Rows of Procrastinate's ``procrastinate_jobs``: who executes which run in fleet mode.

A job only says "execute this run"; the run's row says whether that is so. Every run that is queued
has one, made in the transaction that queues it, and it is deleted when it has been carried out.
PostgreSQL only.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from syncline_server.storage.database import APPLICATION, Database

QUEUE: Final = "runs"
TASK: Final = "syncline.execute"
_ADVISORY_LOCK: Final = 7_310_002
# The same name keeps a second job from waiting (queueing_lock) and from being carried out beside
# the first (lock).
_KEY: Final = "'run/' ||"


def insert(database: Database, run_ids: Collection[str]) -> None:
    """Have runs executed, once the transaction commits; those that wait already stay as they are.

    Its triggers tell the workers.
    """
    database.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
        f" SELECT ?, ?, {_KEY} id, {_KEY} id, jsonb_build_object('run', id)"
        " FROM unnest(?::text[]) AS id"
        " ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING",
        (QUEUE, TASK, list(run_ids)),
    )


def take_turn(database: Database) -> bool:
    """Return whether nobody else looks for what is left behind; nobody will until we commit."""
    return bool(database.tuples("SELECT pg_try_advisory_xact_lock(?)", (_ADVISORY_LOCK,))[0][0])


def forget_dead(database: Database, silence: timedelta) -> None:
    """Forget workers that gave no sign of life for so long, and the jobs they had.

    Deleted, not handed on: should such a worker come back, there is nothing it could finish.
    """
    seconds = silence.total_seconds()
    database.tuples("SELECT procrastinate_prune_stalled_workers_v1(?)", (seconds,))
    database.execute(
        "DELETE FROM procrastinate_jobs"
        " WHERE queue_name = ? AND status = 'doing' AND worker_id IS NULL",
        (QUEUE,),
    )


def cut_off_silent(database: Database, silence: timedelta) -> None:
    """End our connections on which PostgreSQL waits for the rest of a batch for so long.

    Their process is frozen, and they hold whatever their transaction has locked. A transaction
    that waits between two statements PostgreSQL ends by itself; one that waits for what belongs to
    a statement it takes for busy (postgresql.org/docs/current/monitoring-stats.html, ClientRead).
    """
    database.tuples(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user"
        " AND application_name = ?"
        " AND pid <> pg_backend_pid() AND state = 'active' AND wait_event = 'ClientRead'"
        " AND query_start < clock_timestamp() - make_interval(secs => ?)",
        (APPLICATION, silence.total_seconds()),
    )


def lacked_by(column: str) -> str:
    """Return a condition that holds for a run, by its id's column, that has no job."""
    return (
        "NOT EXISTS (SELECT 1 FROM procrastinate_jobs"
        f" WHERE lock = {_KEY} {column} AND status IN ('todo', 'doing'))"
    )
