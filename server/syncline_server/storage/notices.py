"""Notices between the processes on one PostgreSQL, by its NOTIFY and LISTEN.

They are told after the commit, on connections of their own, and may be lost: rows stay the truth.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from syncline_server.core.errors import Reason, Unavailable
from syncline_server.core.names import Connection
from syncline_server.core.notices import (
    AnythingChanged,
    ConnectionChanged,
    Notice,
    RunChanged,
    WorkspaceChanged,
)
from syncline_server.storage.database import Database

_CHANNEL: Final = "syncline_notices"
_LOOK_SECONDS: Final = 0.5
# A database that vanished without a word is missed within a minute, not after two hours.
_CONNECTING: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class _Told(msgspec.Struct, omit_defaults=True):
    """What goes over the channel; far below PostgreSQL's 8,000 bytes."""

    teller: str
    workspace: str
    provider: str = ""
    run: str = ""


def tell(database: Database, teller: str, notices: Collection[Notice]) -> None:
    """Tell the other processes.

    :param teller: id of this process, by which it knows its own words again.
    :raises Unavailable: the database does not answer.
    """
    payloads = [_payload(teller, each) for each in notices]
    with database.transaction():
        # What is lost with the power is nobody's who could still be told.
        database.execute("SET LOCAL synchronous_commit = off")
        database.tuples(
            "SELECT pg_notify(?, told) FROM unnest(?::text[]) AS told", (_CHANNEL, payloads)
        )


def heard(url: str, teller: str, is_over: Callable[[], bool]) -> Iterator[Notice]:
    """Yield what others tell from now on; first that anything may have changed until now.

    :param teller: id of this process, whose own words are left out.
    :param is_over: asked twice a second; true ends it.
    :raises Unavailable: the database is away.
    """
    try:
        conninfo = make_conninfo(url, **_CONNECTING)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(f"LISTEN {_CHANNEL}")
            yield AnythingChanged()
            while not is_over():
                for each in connection.notifies(timeout=_LOOK_SECONDS):
                    if notice := _notice(each.payload, teller):
                        yield notice
    except psycopg.Error as error:
        raise Unavailable(Reason.DATABASE_UNAVAILABLE, "Nothing can be heard now.") from error


def _payload(teller: str, notice: Notice) -> str:
    match notice:
        case WorkspaceChanged(workspace):
            told = _Told(teller, workspace)
        case ConnectionChanged(connection):
            told = _Told(teller, connection.workspace, connection.provider)
        case RunChanged(connection, run_id):
            told = _Told(teller, connection.workspace, connection.provider, run_id)
        case AnythingChanged():
            told = _Told(teller, "")
    return msgspec.json.encode(told).decode()


def _notice(payload: str, teller: str) -> Notice | None:
    try:
        told = msgspec.json.decode(payload, type=_Told)
    except msgspec.MsgspecError:  # somebody else's, or a later version's
        return AnythingChanged()
    if told.teller == teller:
        return None
    if not told.workspace:
        return AnythingChanged()
    if not told.provider:
        return WorkspaceChanged(told.workspace)
    connection = Connection(told.workspace, told.provider)
    return RunChanged(connection, told.run) if told.run else ConnectionChanged(connection)
