"""One open database: pooled connections, transactions, SQL that both databases run.

SQLite (WAL) and PostgreSQL (psycopg 3) through peewee's connections. Hand-written SQL uses ``?``
for parameters on both.
"""

import contextlib
import operator
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import peewee
from playhouse.pool import (
    MaxConnectionsExceeded,
    PooledPostgresqlDatabase,
    PooledSqliteDatabase,
)

from syncline_server.core.errors import Reason, Unavailable
from syncline_server.core.notices import Notice, Notify

Row = Mapping[str, Any]
"""One row by column name."""

_BUSY_TIMEOUT: Final = 30_000
_READERS_WAIT: Final = 1_000
"""How long writers wait at most, in milliseconds, until nobody reads what the log still holds."""
_SQLITE_PRAGMAS: Final = (
    ("journal_mode", "wal"),
    # FULL: what was answered as accepted or linked survives a power cut.
    ("synchronous", "full"),
    # The default of 1,000 pages makes bulk pulls checkpoint with every page of records.
    ("wal_autocheckpoint", 16000),
    ("cache_size", -32 * 1024),
    # In milliseconds; for other processes such as a command beside the server. The argument of
    # peewee's constructor that is called timeout is the pool's.
    ("busy_timeout", _BUSY_TIMEOUT),
)
_POOL_WAIT_SECONDS: Final = 10
LONGEST_SILENCE: Final = timedelta(seconds=30)
"""How long a transaction on PostgreSQL may go without a word of its process."""
APPLICATION: Final = "syncline"
"""What connections to PostgreSQL are called there, which tells ours from those of people."""

Finish = Callable[["Database", Sequence[Any]], None]
"""Writes what a transaction gathered, as its last act."""


class _Gathered(threading.local):
    """What the current transaction of each thread gathered for its end."""

    def __init__(self) -> None:
        self.items: list[tuple[Finish, object, bool]] = []
        self.is_brief = False


class Database:
    """Rows in, rows out. Safe to share between threads, not across a fork.

    :param engine: a pooled peewee database.
    """

    def __init__(self, engine: peewee.Database) -> None:
        self.engine: Any = engine  # peewee's stubs leave most methods untyped
        self.is_sqlite = isinstance(engine, peewee.SqliteDatabase)
        # SQLite has one writer: waiting in line here is fairer than its own sleep-and-retry.
        self._writer = threading.RLock() if self.is_sqlite else contextlib.nullcontext()
        self._gathered = _Gathered()
        self._notify: Notify = lambda _notice: None
        self._closing: Callable[[], None] = lambda: None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction; on SQLite it holds the write lock from the start.

        Inside another transaction it is a savepoint of that. Raises :class:`Unavailable` when the
        database cannot be reached. Integrity errors come through as ``peewee.IntegrityError``.
        """
        with self._writer, self._connection(), self.engine.atomic():
            known = len(self._gathered.items)
            try:
                yield
                if self.engine.transaction_depth() == 1:
                    self._finish()
            except BaseException:
                del self._gathered.items[known:]
                raise

    @contextlib.contextmanager
    def brief_transaction(self) -> Iterator[None]:
        """Run the block as one transaction that a power cut may take back, with those like it.

        For what is written often and means nothing after such a pause: it waits for no disk. It
        stands inside no other. What other transactions wrote and others read is as in any.
        """
        with self._connection(), self._unhurried(), self._briefly(), self.transaction():
            if not self.is_sqlite:
                self.execute("SET LOCAL synchronous_commit TO OFF")
            yield

    @contextlib.contextmanager
    def _briefly(self) -> Iterator[None]:
        self._gathered.is_brief = True
        try:
            yield
        finally:
            self._gathered.is_brief = False

    @contextlib.contextmanager
    def _unhurried(self) -> Iterator[None]:
        """Let SQLite wait for the disk at its checkpoints only; see pragma_synchronous there."""
        if not self.is_sqlite:
            yield
            return
        self.engine.execute_sql("PRAGMA synchronous = normal")
        try:
            yield
        finally:
            self.engine.execute_sql("PRAGMA synchronous = full")

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call when the current transaction has committed; at once when there is none."""
        if self.engine.is_closed() or self.engine.transaction_depth() == 0:
            call()
        else:
            self.engine.after_commit(call)

    def at_the_end(self, finish: Finish, item: object, *, last: bool = False) -> None:
        """Have an item written as the last act of the current transaction, with all others.

        For what locks a row that every writer of a workspace wants: taken last, it is held for an
        instant, and nothing is waited for while it is. What a savepoint undoes is dropped.

        :param finish: called once with every item it was given, in order; the same function each
            time. In a transaction of its own when there is none.
        :param last: whether behind everything that is not, so that the locks of both are always
            taken in this order; the same for a function each time.
        """
        if self.engine.is_closed() or self.engine.transaction_depth() == 0:
            with self.transaction():
                self._gathered.items.append((finish, item, last))
        else:
            self._gathered.items.append((finish, item, last))

    def before_commit(self, closing: Callable[[], None]) -> None:
        """Have something called when a transaction is about to write what it gathered.

        It may add to that. Brief transactions are left out: they may be taken back.
        """
        self._closing = closing

    def listen(self, notify: Notify) -> None:
        """Have somebody told what :meth:`tell` tells."""
        self._notify = notify

    def tell(self, notice: Notice) -> None:
        """Tell whoever listens, when the current transaction has committed."""
        self.after_commit(lambda: self._notify(notice))

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._connection():
            cursor = self._run(query, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, query: str, parameters: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        found = self.rows(query, parameters)
        return found[0] if found else None

    def tuples(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query as plain tuples, for bulk reads."""
        with self._connection():
            return list(self._run(query, parameters).fetchall())

    def execute(self, query: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        with self._connection():
            return int(self._run(query, parameters).rowcount)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Run one statement for many rows of parameters, inside the current transaction.

        :returns: how many rows it touched in all.
        """
        statement = sql.replace("?", self.engine.param)
        # A bare cursor raises the driver's own errors; callers know peewee's.
        with self._connection(), peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # stubs
            cursor = self.engine.cursor()
            cursor.executemany(statement, [self._storable(row) for row in rows])
            return int(cursor.rowcount)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let everything the block reads be as it was at one moment, beside all writers.

        Nothing may be written in it. While it lasts SQLite's log only grows.
        """
        kind = "DEFERRED" if self.is_sqlite else "REPEATABLE READ"
        with self._connection(), self.engine.transaction(kind):
            if not self.is_sqlite:
                self.execute("SET TRANSACTION READ ONLY")
                # It holds nobody up, and whoever reads may take their time between two looks.
                self.execute("SET LOCAL idle_in_transaction_session_timeout TO 0")
            self.row("SELECT 1 AS one FROM erasures LIMIT 1")  # from here on it stands
            yield

    def scrub(self) -> bool:
        """Let nothing that was deleted linger in SQLite's files; False when readers are in the way.

        The file is written anew, and its log emptied into it; others wait with writing until then.
        On PostgreSQL that is its operator's: see ``docs/data.md``.
        See https://www.sqlite.org/lang_vacuum.html and pragma.html#pragma_wal_checkpoint.
        """
        if not self.is_sqlite:
            return True
        with self._writer, self._connection():
            self.execute("VACUUM")
            self.execute(f"PRAGMA busy_timeout = {_READERS_WAIT}")
            try:
                busy, _in_log, _moved = self.tuples("PRAGMA wal_checkpoint(TRUNCATE)")[0]
            finally:
                self.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}")
        return not busy

    def look_after(self) -> None:
        """Let the database renew what it knows of its tables, where it does not by itself.

        SQLite chooses indexes by statistics it only gathers when it is asked to; what has not
        changed much costs nothing. See https://www.sqlite.org/pragma.html#pragma_optimize.
        """
        if self.is_sqlite:
            self.execute("PRAGMA optimize")

    def for_update(self) -> str:
        """Return the SQL suffix that locks the rows a transaction read; SQLite needs none."""
        return "" if self.is_sqlite else " FOR UPDATE"

    def for_share(self) -> str:
        """Return the SQL suffix that keeps the rows a transaction read as they are.

        Others may do so at the same time; who wants to write them waits. SQLite needs none.
        """
        return "" if self.is_sqlite else " FOR SHARE"

    def queue_for(self, *name: str) -> None:
        """Wait for other transactions that queue for this name; they wait until this one ends.

        For what must be looked for before it is inserted; SQLite's transactions queue anyway.
        """
        if not self.is_sqlite:
            hashed = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))"
            self.tuples(hashed, ("/".join(name),))

    def queue_beside(self, *name: str) -> None:
        """Wait for those who queue for this name, not for others who queue beside each other.

        Who queues for it waits until this transaction ends.
        """
        if not self.is_sqlite:
            hashed = "SELECT pg_advisory_xact_lock_shared(hashtextextended(?, 0))"
            self.tuples(hashed, ("/".join(name),))

    def close(self) -> None:
        """Close every connection. Nothing may use the database afterwards."""
        self.engine.close_all()

    def _finish(self) -> None:
        if not self._gathered.is_brief:
            self._closing()
        by_finish: dict[Finish, list[object]] = {}
        for finish, item, _ in sorted(self._gathered.items, key=operator.itemgetter(2)):
            by_finish.setdefault(finish, []).append(item)
        self._gathered.items.clear()
        for finish, items in by_finish.items():
            finish(self, items)

    def _run(self, query: str, parameters: Sequence[object]) -> Any:
        statement = query.replace("?", self.engine.param)
        return self.engine.execute_sql(statement, self._storable(parameters))

    def _storable(self, parameters: Sequence[object]) -> Sequence[object]:
        """Return parameters without the one character that PostgreSQL's text cannot hold.

        Callers are refused it; a provider might send it, and must not stop a run by that.
        """
        if self.is_sqlite:
            return parameters
        return [each.replace("\0", "") if isinstance(each, str) else each for each in parameters]

    @contextlib.contextmanager
    def _connection(self) -> Iterator[None]:
        try:
            with self.engine.connection_context():
                yield
        except (peewee.OperationalError, peewee.InterfaceError, MaxConnectionsExceeded) as error:
            raise Unavailable(
                Reason.DATABASE_UNAVAILABLE, "The database cannot answer now; retry."
            ) from error


def open_database(
    url: str, *, connections: int = 40, silence: timedelta = LONGEST_SILENCE
) -> Database:
    """Open a database.

    :param url: ``sqlite:///path/to/file.db`` or ``postgresql://user:password@host/name``.
    :param connections: the most connections to hold at once.
    :param silence: how long a transaction on PostgreSQL may go without a statement before it is
        undone. A process that is frozen in one keeps its locks no longer than that.
    :raises ValueError: the URL is neither; its text is not repeated, it may hold a password.
    """
    if url.startswith("sqlite:///"):
        return Database(_open_sqlite(url.removeprefix("sqlite:///"), connections))
    if url.startswith(("postgresql://", "postgres://")):
        return Database(_open_postgresql(url, connections, silence))
    raise ValueError("a database URL starts with sqlite:/// or postgresql://")


def _open_sqlite(path: str, connections: int) -> Any:
    return PooledSqliteDatabase(
        path,
        pragmas=_SQLITE_PRAGMAS,
        lock_type="IMMEDIATE",
        timeout=_POOL_WAIT_SECONDS,
        max_connections=connections,
        check_same_thread=False,
    )


def _open_postgresql(url: str, connections: int, silence: timedelta) -> Any:
    milliseconds = silence // timedelta(milliseconds=1)
    url = url.replace("postgres://", "postgresql://", 1)
    return PooledPostgresqlDatabase(
        url,
        prefer_psycopg3=True,
        max_connections=connections,
        stale_timeout=300,
        timeout=_POOL_WAIT_SECONDS,
        # Before what the URL and PGAPPNAME say: see jobs.cut_off_silent.
        application_name=APPLICATION,
        # https://www.postgresql.org/docs/current/runtime-config-client.html
        options=f"-c idle_in_transaction_session_timeout={milliseconds}",
    )
