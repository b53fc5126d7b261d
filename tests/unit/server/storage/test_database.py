import threading
from datetime import timedelta
from pathlib import Path

import peewee
import pytest

from databases import PostgresqlServer, SqliteTemplate, opened
from syncline_server.core.errors import Unavailable
from syncline_server.storage.database import Database, open_database
from syncline_server.storage.schema import pending

COOLDOWN = "INSERT INTO cooldowns VALUES (?, ?, ?, ?)"


def test_committed_rows_are_seen(database: Database) -> None:
    """What a transaction wrote is there after it."""
    with database.transaction():
        database.execute(COOLDOWN, ("acme", "xero", "contacts", 5))

    assert database.rows("SELECT end_time FROM cooldowns") == [{"end_time": 5}]


def test_failed_transaction_leaves_nothing(database: Database) -> None:
    """An exception inside a transaction undoes all of it."""
    with pytest.raises(KeyError), database.transaction():
        database.execute(COOLDOWN, ("acme", "xero", "contacts", 5))
        raise KeyError

    assert database.rows("SELECT * FROM cooldowns") == []


def test_calls_after_commit_wait_for_it(database: Database) -> None:
    """A call registered in a transaction happens once, behind its commit."""
    calls: list[int] = []

    with database.transaction():
        database.after_commit(lambda: calls.append(len(database.rows("SELECT 1 AS one"))))
        assert calls == []

    assert calls == [1]


def test_calls_of_failed_transaction_never_happen(database: Database) -> None:
    """A call registered in a transaction that is undone is dropped."""
    calls: list[int] = []
    with pytest.raises(KeyError), database.transaction():
        database.after_commit(lambda: calls.append(1))
        raise KeyError

    assert calls == []


def test_text_that_cannot_be_stored_whole_is_stored_in_part(database: Database) -> None:
    """The character NUL, which PostgreSQL refuses, is left out there and stops nothing."""
    database.execute(COOLDOWN, ("acme", "xero", "con\0tacts", 5))
    with database.transaction():
        database.execute_many(COOLDOWN, [("acme", "xero", "it\0ems", 5)])

    found = {row["module"] for row in database.rows("SELECT module FROM cooldowns")}
    kept = "\0" if database.is_sqlite else ""
    assert found == {f"con{kept}tacts", f"it{kept}ems"}


def test_repeated_key_among_many_rows_is_an_integrity_error(database: Database) -> None:
    """Many rows fail with the same errors as one, whatever the driver calls them."""
    row = ("acme", "xero", "contacts", 5)

    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.execute_many(COOLDOWN, [row, row])


def test_schema_is_complete_after_migrating(database: Database) -> None:
    """A migrated database lacks no migration."""
    assert pending(database) == []


def test_unknown_database_url_is_refused() -> None:
    """A URL of another database is refused without repeating it."""
    with pytest.raises(ValueError, match="sqlite:/// or postgresql://") as refusal:
        open_database("mysql://root:hunter2@db/prod")

    assert "hunter2" not in str(refusal.value)


def test_sqlite_waits_for_other_processes(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """A command beside the server waits half a minute for its turn to write."""
    database = opened(sqlite_template.url(tmp_path))

    assert database.tuples("PRAGMA busy_timeout") == [(30_000,)]
    database.close()


def test_exhausted_pool_is_unavailable(database: Database) -> None:
    """When every connection is taken for too long the caller may retry; it is no bug of ours."""
    database.engine._max_connections = 1
    database.engine._wait_timeout = 0.01
    refusals: list[Exception] = []

    def ask() -> None:
        try:
            database.rows("SELECT 1 AS one")
        except Unavailable as refusal:
            refusals.append(refusal)

    with database.transaction():
        database.rows("SELECT 1 AS one")
        other = threading.Thread(target=ask)
        other.start()
        other.join(60)

    assert len(refusals) == 1


def test_looking_after_a_database_changes_no_rows(database: Database) -> None:
    """Renewing statistics is safe at any time and leaves every row as it was."""
    with database.transaction():
        database.execute_many(COOLDOWN, [("acme", "xero", f"m{n}", n) for n in range(500)])

    database.look_after()

    assert database.tuples("SELECT COUNT(*) FROM cooldowns") == [(500,)]


def test_who_falls_silent_in_a_transaction_holds_nobody_up(postgresql: PostgresqlServer) -> None:
    """PostgreSQL undoes the transaction of a process that is frozen in it, and others go on."""
    url = postgresql.empty()
    silent = open_database(url, silence=timedelta(milliseconds=50))
    other = open_database(url)
    silent.execute(COOLDOWN, ("acme", "xero", "contacts", 5))

    with pytest.raises(Unavailable), silent.transaction():
        silent.execute("UPDATE cooldowns SET end_time = 6")
        with other.transaction():
            other.execute("SET LOCAL lock_timeout TO '60s'")
            other.execute("UPDATE cooldowns SET end_time = 7")
        silent.rows("SELECT end_time FROM cooldowns")

    assert silent.rows("SELECT end_time FROM cooldowns") == [{"end_time": 7}]
    silent.close()
    other.close()
