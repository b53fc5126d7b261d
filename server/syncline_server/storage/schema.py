"""Bringing a database to the schema this version works with."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import peewee
from playhouse.migrations import Runner

from syncline_server.core.errors import Reason, Unavailable
from syncline_server.storage.database import Database

_MIGRATIONS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 7_310_001
_NOT_REACHED = (
    "the database cannot be reached: is it running, and does SYNCLINE_DATABASE_URL lead to it?"
)


def migrate(database: Database) -> list[str]:
    """Apply what is missing, in order, each in a transaction; return the names applied.

    Several processes may call it at once: one works, the others wait and find nothing to do.

    :raises Unavailable: the database does not answer.
    """
    with _connected(database), _alone(database):
        return list(_runner(database).up())


def pending(database: Database) -> list[str]:
    """Return the names of migrations this database still lacks.

    :raises Unavailable: the database does not answer.
    """
    with _connected(database):
        return [step.name for step in _runner(database).status() if not step.applied]


def _runner(database: Database) -> Runner:
    return Runner(database.engine, str(_MIGRATIONS))


@contextlib.contextmanager
def _connected(database: Database) -> Iterator[None]:
    """Hold a connection; this is where an operator learns that the URL leads nowhere."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(database.engine.connection_context())
        except (peewee.OperationalError, peewee.InterfaceError) as error:
            # The driver's text is kept from the message: it may repeat parts of the URL.
            raise Unavailable(Reason.DATABASE_UNAVAILABLE, _NOT_REACHED) from error
        yield


@contextlib.contextmanager
def _alone(database: Database) -> Iterator[None]:
    if database.is_sqlite:
        # The data folder belongs to one server process; see serving.
        yield
        return
    database.execute("SELECT pg_advisory_lock(?)", (_ADVISORY_LOCK,))
    try:
        yield
    finally:
        database.execute("SELECT pg_advisory_unlock(?)", (_ADVISORY_LOCK,))
