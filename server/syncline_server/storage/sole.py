"""Being the only server that executes runs on a database, where no folder lock can say so."""

import contextlib
from collections.abc import Iterator

from syncline_server.storage.database import Database

_ADVISORY_LOCK = 7_310_002


class DatabaseTaken(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """Another server executes runs on this database."""


@contextlib.contextmanager
def sole_server(database: Database) -> Iterator[None]:
    """Hold the database around the block; the lock goes with its connection, also in a crash.

    SQLite needs none: its data folder is held. Should the connection break while the block runs,
    another server may start; the fence of each run's attempt number keeps the two apart.

    :raises DatabaseTaken: another process holds it.
    """
    if database.is_sqlite:
        yield
        return
    with database.engine.connection_context():
        if not database.tuples("SELECT pg_try_advisory_lock(?)", (_ADVISORY_LOCK,))[0][0]:
            raise DatabaseTaken(
                "another syncline-server executes runs on this database: stop it first"
            )
        try:
            yield
        finally:
            database.execute("SELECT pg_advisory_unlock(?)", (_ADVISORY_LOCK,))
