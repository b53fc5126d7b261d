"""The audit trail: every act leaves its entry, and people read them.

The first transaction of an act carries its entry, so a change that is stored has one, whatever is
killed when, and success costs no commit of its own. Refusals, and acts that wrote nothing, get
theirs afterwards. See decision 32.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from syncline_server.core.audit import (
    NO_WORKSPACE,
    REMOVED,
    SYSTEM,
    Act,
    Actor,
    Draft,
    Edit,
    Entry,
    Stage,
)
from syncline_server.core.clock import Clock
from syncline_server.core.denials import Denials, LeftOut
from syncline_server.core.errors import Refusal
from syncline_server.core.model import ConnectionState, Run
from syncline_server.core.names import Connection
from syncline_server.core.names import record as record_name
from syncline_server.storage import acts
from syncline_server.storage import audit as rows
from syncline_server.storage.acts import Acting
from syncline_server.storage.audit import EntryFilter
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

OK = "OK"
FAILED = "INTERNAL"
"""The code of what ended by a mistake of ours."""
HEADS_EVERY = timedelta(hours=1)
"""How often the heads of chains are to be told."""
MOST_REMOVED = 2_000
"""How many entries are removed at once: others wait with theirs meanwhile."""
_UNKNOWN = ""
_OMITTED = "RefusalsLeftOut"

log = structlog.get_logger(__name__)


class Trail:
    """Writes an entry for every act. Safe to share between threads.

    :param database: its transactions carry entries from now on.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._denials = Denials()
        self._waiting: list[LeftOut] = []
        self._lock = threading.Lock()
        database.before_commit(self._carry)

    def begin(self, act: Act) -> Acting:
        """Begin an act on this thread; :meth:`end` must follow there."""
        return acts.enter(act)

    def end(self, acting: Acting, code: str, reason: str = "") -> None:
        """End an act: write its entry if no transaction carried it, or how it ended otherwise.

        Never raises: the answer stands already. What cannot be written is in the log.

        :param code: the gRPC code it ended with.
        """
        acts.leave(acting)
        try:
            self._end(acting, code, reason)
        except Exception as error:  # noqa: BLE001 - the caller's answer must not change by this
            log.error(  # noqa: TRY400 - a text of the database might name values
                "audit entry lost",
                action="audit_entry_lost",
                method=acting.act.method,
                code=code,
                request_id=acting.act.request_id,
                why=type(error).__name__,
            )

    def look(self) -> None:
        """Write down how many refusals were left out, once their minute is over.

        :raises Unavailable: the database is away; what is not written waits for the next look.
        """
        now = self._clock()
        found = self._over(now)
        try:
            while found:
                self._write_down(found[0], now)
                del found[0]
        finally:
            with self._lock:
                self._waiting += found

    def tell_heads(self) -> None:
        """Write into the log how far each chain reaches that has grown within :data:`HEADS_EVERY`.

        A log that goes to another machine is where the owner of the database cannot undo it.
        """
        for chain, head in rows.heads(self._database, self._clock() - HEADS_EVERY).items():
            log.info(
                "audit head",
                action="audit_head",
                chain=chain or "-",
                number=head.number,
                hash=head.hash,
            )

    def page(
        self, workspace: str, wanted: EntryFilter, before: int, limit: int
    ) -> list[tuple[Entry, str]]:
        """Return a workspace's entries with their hashes, newest first.

        :param before: only those of lower numbers; 0 for the newest.
        """
        return rows.page(self._database, workspace, wanted, before, limit)

    def _write_down(self, left_out: LeftOut, now: datetime) -> None:
        act = replace(left_out.act, method=_OMITTED, names=(), request_id="")
        draft = Draft(act=act, time=to_micros(now), code=left_out.code, omitted=left_out.count)
        rows.note(self._database, draft)

    def _carry(self) -> None:
        acting = acts.current()
        if acting is None:
            return
        self._database.after_commit(acting.keep_edits())
        if acting.stage is not None:
            return
        stage = Stage.BEGUN if acting.goes_on else Stage.DONE
        code = _UNKNOWN if acting.goes_on else OK
        draft = acting.draft(to_micros(self._clock()), stage, code)
        rows.note(self._database, draft, acting)

    def _end(self, acting: Acting, code: str, reason: str) -> None:
        if acting.stage is Stage.DONE and code == OK:
            return
        stage = Stage.DONE if acting.stage is None else Stage.ENDED
        draft = acting.draft(to_micros(self._clock()), stage, code, reason)
        if code != OK:
            draft = replace(draft, edits=tuple(acting.kept.values()))
        if stage is Stage.DONE and code != OK and not self._admits(acting.act, code):
            return
        rows.note(self._database, draft)

    def _admits(self, act: Act, code: str) -> bool:
        with self._lock:
            now = self._clock()
            self._waiting += self._denials.over(now)
            return self._denials.admit(act, code, now)

    def _over(self, now: datetime) -> list[LeftOut]:
        with self._lock:
            found = [*self._waiting, *self._denials.over(now)]
            self._waiting.clear()
        return found


@contextmanager
def acting_as(trail: Trail, act: Act) -> Iterator[None]:
    """Have the block be an act: a command's, for example.

    What it changes carries the entry; what it refuses is written down, too.
    """
    acting = trail.begin(act)
    try:
        yield
    except Refusal as refusal:
        trail.end(acting, _code(refusal), refusal.reason)
        raise
    except BaseException:
        trail.end(acting, FAILED)
        raise
    trail.end(acting, OK)


def _code(refusal: Refusal) -> str:
    """Return the gRPC code that a refusal's class is called after."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(refusal).__name__).upper()


def record(
    database: Database,
    actor: Actor,
    method: str,
    now: datetime,
    *edits: Edit,
    names: tuple[str, ...] = (),
) -> None:
    """Write an entry that belongs to no workspace with the current transaction.

    In a transaction of its own when there is none. Never say anything secret.

    :param method: what was done, for example ``WithdrawToken``.
    :param edits: fields with what they held before and hold now.
    :param names: what it was done to.
    """
    act = Act(actor=actor, method=method, workspace=NO_WORKSPACE, names=names)
    rows.note(database, Draft(act=act, time=to_micros(now), edits=edits))


def remove(
    database: Database,
    actor: Actor,
    workspace: str,
    before: datetime | None,
    reason: str,
    now: datetime,
) -> int:
    """Remove a workspace's oldest entries so that the rest stays verifiable; return how many went.

    At most :data:`MOST_REMOVED`, to be repeated while there are. One transaction, the caller's if
    there is one; what is left says who removed what and why, and is never removed by the same call.

    :param workspace: its id; ``core.audit.NO_WORKSPACE`` for what belongs to none.
    :param before: up to the first entry of this time; None removes all there are.
    :param reason: for people; no secrets and no customer's data.
    """
    with database.transaction():
        through = (
            rows.head(database, workspace).number
            if before is None
            else rows.number_before(database, workspace, before)
        )
        through = min(through, rows.checkpoint(database, workspace).number + MOST_REMOVED)
        act = Act(actor=actor, method=REMOVED, workspace=workspace)
        return rows.remove_through(database, through, act, reason, now)


def run_started(database: Database, run: Run) -> None:
    """Write with the current transaction that a run was started without a caller."""
    workspace = run.scope.connection.workspace
    names = (str(run.scope), record_name(workspace, "runs", run.id))
    act = Act(actor=SYSTEM, method="StartRun", workspace=workspace, names=names)
    edits = (("trigger", "", run.trigger),)
    rows.note(database, Draft(act=act, time=to_micros(run.create_time), edits=edits))


def access_lost(database: Database, connection: Connection, reason: str, now: datetime) -> None:
    """Write with the current transaction that a provider does not let a connection in any more.

    :param reason: as people are shown it.
    """
    act = Act(
        actor=SYSTEM, method="LoseAccess", workspace=connection.workspace, names=(str(connection),)
    )
    edits: tuple[Edit, ...] = (
        ("state", ConnectionState.CONNECTED, ConnectionState.RECONNECT_REQUIRED),
        ("state_reason", "", reason),
    )
    rows.note(database, Draft(act=act, time=to_micros(now), edits=edits))
