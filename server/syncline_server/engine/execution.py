"""Executing one run: begin an attempt, call the module, write down how it ended.

Every step is decided by the row, so a run may be executed by anybody, at any time, any number of
times: an attempt that is not the current one finds out at its first write.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import httpx
import structlog

from syncline_sdk import AccessLost, Direction, RetryLater, RunFailed, RunStopped, Trigger
from syncline_server.core import admission, patience, readiness
from syncline_server.core.clock import Clock
from syncline_server.core.errors import (
    FailedPrecondition,
    NotFound,
    ResourceExhausted,
    Unavailable,
)
from syncline_server.core.model import (
    ConnectionRow,
    Run,
    RunError,
    RunState,
    Settings,
)
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify, RunChanged
from syncline_server.core.patience import Stall
from syncline_server.core.webhooks import MOST_TARGETS
from syncline_server.engine.context import HostContext, OpenDoors
from syncline_server.services.chain import Chain
from syncline_server.services.journal import Journal
from syncline_server.services.settlement import settle_behind
from syncline_server.storage import connections, module_states, run_issues, runs, webhook_events
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

_UNEXPECTED = RunError(
    code="MODULE_CRASHED",
    message="The module stopped with an unexpected error; what it had stored is kept.",
    action="Start it again. If it happens again, give this run's name to the operator.",
)


class OpenClient(Protocol):
    """Opens the authorised client of a connection."""

    def __call__(
        self, row: ConnectionRow, stop: Callable[[], bool], *, urgent: bool
    ) -> httpx.Client:
        """Open it.

        :param stop: tells whether the run should stop.
        :param urgent: whether its calls go before those that are not.
        """


LoseAccess = Callable[[Connection, int, str], object]
"""Marks a connection of this generation RECONNECT_REQUIRED, with the reason."""


class Execution:
    """Executes runs, one call each."""

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        *,
        database: Database,
        chain: Chain,
        clock: Clock,
        open_client: OpenClient,
        open_doors: OpenDoors,
        lose_access: LoseAccess,
        notify: Notify,
    ) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._open_client = open_client
        self._open_doors = open_doors
        self._lose_access = lose_access
        self._notify = notify

    def execute(self, run_id: str, stopping: Callable[[], bool]) -> Run | None:
        """Execute a run if it is queued or due, and return it as it is afterwards.

        :param stopping: whether the process wants to end; the run is then queued again.
        """
        begun = self._begin(run_id)
        if begun is None:
            return runs.get(self._database, run_id)
        run, connection, settings = begun
        with structlog.contextvars.bound_contextvars(run=run.id, module=run.scope.module):
            self._work(run, connection, settings, stopping)
        self._tell(run)
        return runs.get(self._database, run_id)

    def _begin(self, run_id: str) -> tuple[Run, ConnectionRow, Settings] | None:
        """Check the ground once more and start the next attempt, in one transaction."""
        with self._database.transaction():
            known = runs.get(self._database, run_id)
            if known is None or not self._is_due(known):
                return None
            connection = connections.lock(self._database, known.scope.connection, self._clock())
            # Read again: whoever held the connection may have started it, or ended it.
            run = runs.get(self._database, run_id)
            if run is None or not self._is_due(run):
                return None
            settings = settings_rows.get(self._database, run.scope.connection)
            refusal = self._refusal(run, connection, settings)
            self._database.after_commit(lambda: self._tell(run))
            if refusal:
                runs.end(self._database, run, *refusal)
                return None
            started = self._start(run, connection)
            return (started, connection, settings) if started else None

    def _start(self, run: Run, connection: ConnectionRow) -> Run | None:
        """Start an attempt; a run's first one takes over what waits for its module."""
        is_first = run.attempt == 0
        if is_first and run.is_whole:
            webhook_events.claim(self._database, run)
        run = replace(run, targets=self._targets(run))
        states = module_states.of_connection(self._database, connection)
        known = None if run.full_read else states.get(run.scope.module)
        since = self._chain.read_since(known)
        if run.targets:
            # However old its last full reading is: these records are read by themselves.
            since = known.watermark if known else None
        started = runs.start(self._database, run, self._clock(), since)
        if started and is_first and run.is_whole:
            # Others may leave out what was settled.
            module_states.wakened(self._database, run)
        return started and replace(started, targets=run.targets)

    def _targets(self, run: Run) -> tuple[str, ...]:
        """Return the only records to read; none when an ordinary run reads them as well."""
        if run.trigger is not Trigger.WEBHOOK or not self._chain.module(run.scope).takes_targets:
            return ()
        found = webhook_events.records(self._database, run, MOST_TARGETS + 1)
        return found if len(found) <= MOST_TARGETS else ()

    def _is_due(self, run: Run) -> bool:
        if run.state is RunState.WAITING:
            return run.wake_time is None or run.wake_time <= self._clock()
        return run.state is RunState.QUEUED

    def _refusal(
        self, run: Run, connection: ConnectionRow, settings: Settings
    ) -> tuple[RunState, datetime, RunError | None] | None:
        now = self._clock()
        if connection.generation != run.generation or run.cancel_requested:
            return RunState.CANCELLED, now, None
        if patience.is_deadly(run.stall):
            log.error("run gave up", action="run_stalled", run=run.id, deaths=run.stall.deaths)
            return RunState.FAILED, now, _deadly(run.stall)
        try:
            module = self._chain.module(run.scope)
            facts = self._chain.facts(connection, settings)
            admission.refuse_unready(self._chain.provider(connection.key), facts, module.name)
        except (FailedPrecondition, NotFound) as refusal:
            blockers = refusal.blockers if isinstance(refusal, FailedPrecondition) else ()
            error = RunError(code=refusal.reason, message=refusal.message, blockers=blockers)
            return RunState.FAILED, now, error
        return None

    def _work(
        self,
        run: Run,
        connection: ConnectionRow,
        settings: Settings,
        stopping: Callable[[], bool],
    ) -> None:
        journal = Journal(self._database, run, self._clock, self._notify)
        log.info("run started", action="run_started", attempt=run.attempt)
        try:
            self._call(journal, connection, settings, stopping)
            self._succeed(run)
        except RunStopped:
            self._stop(run, stopping)
        except RetryLater as later:
            self._park(run, later.message, later.after)
        except AccessLost as lost:
            self._lose_access(connection.key, run.generation, lost.message)
            title = self._chain.provider(connection.key).provider.title
            self._fail(run, _access_lost(connection.key, title, lost.message))
        except RunFailed as failed:
            error = RunError(code=failed.code, message=failed.message, action=failed.action)
            self._fail(run, error)
        except (Unavailable, ResourceExhausted) as later:
            self._park(run, later.message, later.retry_after)
        except Exception:  # a module may fail in any way; it fails its own run only
            log.exception("run crashed", action="run_crashed")
            self._fail(run, _UNEXPECTED)

    def _call(
        self,
        journal: Journal,
        connection: ConnectionRow,
        settings: Settings,
        stopping: Callable[[], bool],
    ) -> None:
        module = self._chain.module(journal.run.scope)

        def should_stop() -> bool:
            return stopping() or not journal.may_go_on()

        urgent = module.direction is Direction.PUSH
        with self._open_client(connection, should_stop, urgent=urgent) as http:
            module.run(
                HostContext(
                    log=journal,
                    http=http,
                    doors=self._open_doors(journal),
                    module=module,
                    settings=settings,
                    clock=self._clock,
                    should_stop=should_stop,
                )
            )

    def _succeed(self, run: Run) -> None:
        with self._database.transaction():
            now = self._clock()
            if not runs.hold_current(self._database, run):
                raise RunStopped
            newest = runs.get(self._database, run.id) or run
            state = RunState.PARTIAL if newest.issue_count else RunState.SUCCEEDED
            if newest.collapsed:
                module_states.collapse(self._database, newest, now)
            else:
                self._achieve(replace(newest, targets=run.targets), now)
            runs.end(self._database, run, state, now)
            log.info("run ended", action="run_ended", state=state, issues=newest.issue_count)

    def _achieve(self, run: Run, now: datetime) -> None:
        if not run.targets:
            module_states.succeed(self._database, run, now)
        webhook_events.settle(self._database, run, now)
        settle_behind(self._database, run, now)
        if run.reads_everything:
            gone = run_issues.without_record(self._database, run)
            run_issues.close(self._database, gone, f"Run {run.id} found it settled.", now)

    def _fail(self, run: Run, error: RunError) -> None:
        with self._database.transaction():
            runs.end(self._database, run, RunState.FAILED, self._clock(), error)
        log.warning("run failed", action="run_failed", code=error.code)

    def _park(self, run: Run, reason: str, asked: timedelta | None) -> None:
        """Let a run wait, unless it has waited long enough without getting any further."""
        now = self._clock()
        with self._database.transaction():
            newest = runs.get(self._database, run.id) or run
            stall = newest.stall
            over = patience.is_over(stall, now) and not newest.cancel_requested
            pause = patience.pause_of(asked, stall, f"{run.id}/{stall.parks}")
            if over:
                runs.end(self._database, run, RunState.FAILED, now, _stalled(stall, reason))
            elif not runs.park(self._database, run, now + pause, reason, now):
                runs.end(self._database, run, RunState.CANCELLED, now)
        if over:
            log.warning("run gave up", action="run_stalled", reason=reason, parks=stall.parks)
        else:
            seconds = pause.total_seconds()
            log.info("run waits", action="run_waits", reason=reason, seconds=seconds)

    def _stop(self, run: Run, stopping: Callable[[], bool]) -> None:
        """End as cancelled, or go back into the queue when only this process is ending."""
        with self._database.transaction():
            newest = runs.get(self._database, run.id)
            if newest and stopping() and not newest.cancel_requested:
                runs.requeue(self._database, run)
            else:
                runs.end(self._database, run, RunState.CANCELLED, self._clock())
        log.info("run stopped", action="run_stopped")

    def _tell(self, run: Run) -> None:
        self._notify(RunChanged(run.scope.connection, run.id))
        self._notify(ConnectionChanged(run.scope.connection))


def _stalled(stall: Stall, reason: str) -> RunError:
    return RunError(
        code="RUN_STALLED",
        message=f"It was taken up {stall.parks} times without getting any further. {reason}",
        action="Look at the provider's status page, then start it again. If it ends so again, give "
        "this run's name to the operator.",
    )


def _deadly(stall: Stall) -> RunError:
    return RunError(
        code="RUN_STALLED",
        message=f"The process that executed it died {stall.deaths} times without getting any "
        "further; it is taken for the cause.",
        action="Have the operator look whether the servers have enough memory, then start it again."
        " If it ends so again, give this run's name to the operator.",
    )


def _access_lost(connection: Connection, title: str, message: str) -> RunError:
    found = readiness.access_lost(connection, title)
    return RunError(code=found.reason, message=message, action=found.description, blockers=(found,))
