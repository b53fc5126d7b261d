"""Planning one run: the module's own run, with doors that decide and write nothing.

Whoever asked waits for it, so it reads within their patience, and what it does not come to is
estimated. Nothing is stored: no run, no count, no issue, no watermark.
"""

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import httpx
import structlog

from syncline_sdk import AccessLost, PluginError, RetryLater, RunFailed, RunStopped
from syncline_server.core import admission
from syncline_server.core.clock import Clock
from syncline_server.core.errors import (
    Blocker,
    FailedPrecondition,
    Reason,
    ResourceExhausted,
    Unavailable,
)
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow, Run, RunState, Settings
from syncline_server.core.plan import Plan
from syncline_server.engine.context import HostContext, OpenPlanDoors
from syncline_server.engine.execution import LoseAccess, OpenClient
from syncline_server.services import provider_refusals
from syncline_server.services.chain import Chain
from syncline_server.services.plans import Patience
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import connections, module_states
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

AT_ONCE: Final = 2
"""Plans a process makes at once at most: each holds a thread that answers calls."""
_BUSY: Final = timedelta(seconds=5)
_INTERRUPTIONS: Final = (RunStopped, RetryLater, httpx.HTTPError)
_READS: Final = frozenset({"GET", "HEAD"})


class _Wrote(PluginError):  # noqa: N818 - named by what was tried
    """The module tried to write at the provider."""


class Clockwatch:
    """Tells when to end, and remembers that it did."""

    def __init__(self, clock: Clock, patience: Patience) -> None:
        self._clock = clock
        self._end = clock() + patience.left
        self._is_awaited = patience.is_awaited
        self.has_ended = False

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return max((self._end - self._clock()).total_seconds(), 0.0)

    def __call__(self) -> bool:
        """Return whether it is time to end."""
        self.has_ended = self.has_ended or not self.left or not self._is_awaited()
        return self.has_ended


class Meter:
    """Counts a client's answered calls; lets none write, and none outlast the patience."""

    def __init__(self, watch: Clockwatch) -> None:
        self._watch = watch
        self.calls = 0
        self.met_write = False

    def before(self, request: httpx.Request) -> None:
        """Look at a call that is about to leave.

        :raises PluginError: it would write.
        """
        if request.method not in _READS:
            self.met_write = True
            raise _Wrote
        given = request.extensions.get("timeout", {})
        left = self._watch.left
        request.extensions["timeout"] = {
            part: min(left, seconds) if seconds else left for part, seconds in given.items()
        }

    def behind(self, _response: httpx.Response) -> None:
        """Count a call that was answered."""
        self.calls += 1


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """One plan while it is made."""

    connection: ConnectionRow
    settings: Settings
    rehearsal: Rehearsal
    watch: Clockwatch
    meter: Meter


class Planner:
    """Makes plans, each in the thread that asks for it."""

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        *,
        database: Database,
        chain: Chain,
        clock: Clock,
        make_id: MakeId,
        open_client: OpenClient,
        open_doors: OpenPlanDoors,
        lose_access: LoseAccess,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._make_id = make_id
        self._open_client = open_client
        self._open_doors = open_doors
        self._lose_access = lose_access
        self.places = threading.BoundedSemaphore(at_once)
        """Who has one of these may hold a thread that answers calls."""

    def plan(self, run: Run, patience: Patience) -> Plan:
        """Return what an admitted run would do, as far as patience allows to find out.

        :param run: not stored; it has no id.
        :raises ResourceExhausted: enough plans are being made.
        :raises FailedPrecondition: the provider refuses, access to it is gone, the ground has
            changed since the run was admitted, or the module writes at the provider.
        :raises Unavailable: the provider cannot answer now.
        """
        if not self.places.acquire(blocking=False):
            raise ResourceExhausted(
                Reason.QUOTA, "Enough plans are being made now; repeat in a moment.", _BUSY
            )
        try:
            return self._made(run, patience)
        finally:
            self.places.release()

    def _made(self, run: Run, patience: Patience) -> Plan:
        connection, settings = self._ground(run)
        begun = self._begun(run, connection)
        watch = Clockwatch(self._clock, patience)
        attempt = _Attempt(
            connection=connection,
            settings=settings,
            rehearsal=Rehearsal(self._database, begun, self._clock, patience.is_awaited),
            watch=watch,
            meter=Meter(watch),
        )
        complete = self._rehearse(attempt)
        calls = attempt.meter.calls
        log.info("planned", action="planned", module=begun.scope.module, calls=calls)
        return attempt.rehearsal.sketch.plan(calls, begun.read_since, complete=complete)

    def _ground(self, run: Run) -> tuple[ConnectionRow, Settings]:
        """Return what the run stands on.

        :raises FailedPrecondition: it is not what it was when the run was admitted.
        """
        key = run.scope.connection
        catalogue = self._chain.provider(key)
        connection = connections.get(self._database, key)
        settings = settings_rows.get(self._database, key)
        facts = self._chain.facts(connection, settings)
        admission.refuse_unready(catalogue, facts, run.scope.module)
        if connection.generation != run.generation:
            raise provider_refusals.not_connected(key, catalogue.provider.title)
        return connection, settings

    def _begun(self, run: Run, connection: ConnectionRow) -> Run:
        """Return the run as it would be at its start."""
        states = module_states.of_connection(self._database, connection)
        known = None if run.full_read else states.get(run.scope.module)
        return replace(
            run,
            id=self._make_id(),
            state=RunState.RUNNING,
            attempt=1,
            read_since=self._chain.read_since(known),
            start_time=self._clock(),
        )

    def _rehearse(self, attempt: _Attempt) -> bool:
        """Let the module run, and return whether it came to its end."""
        try:
            self._call(attempt)
        except Exception as error:
            if attempt.meter.met_write:
                raise self._unplannable(attempt) from error
            if isinstance(error, _INTERRUPTIONS) and attempt.watch():
                return False
            raise self._refusal(attempt, error) from error
        if attempt.meter.met_write:
            raise self._unplannable(attempt)
        return not attempt.watch.has_ended

    def _call(self, attempt: _Attempt) -> None:
        module = self._chain.module(attempt.rehearsal.run.scope)
        with self._open_client(attempt.connection, attempt.watch, urgent=True) as http:
            http.event_hooks = {
                "request": [attempt.meter.before],
                "response": [attempt.meter.behind],
            }
            module.run(
                HostContext(
                    log=attempt.rehearsal,
                    http=http,
                    doors=self._open_doors(attempt.rehearsal),
                    module=module,
                    settings=attempt.settings,
                    clock=self._clock,
                    should_stop=attempt.watch,
                )
            )

    def _refusal(self, attempt: _Attempt, error: Exception) -> Exception:
        """Return what to raise for an error; what is none of a plugin's is a bug and stays it."""
        key = attempt.connection.key
        title = self._chain.provider(key).provider.title
        if isinstance(error, AccessLost):
            self._lose_access(key, attempt.connection.generation, error.message)
            return provider_refusals.reconnect_required(key, title, error.message)
        if isinstance(error, RunFailed | RunStopped):
            self._ground(attempt.rehearsal.run)
        if isinstance(error, RunFailed):
            return provider_refusals.refused(key, title, error)
        if not isinstance(error, PluginError | httpx.HTTPError):
            return error
        if isinstance(error, RetryLater):
            return Unavailable(Reason.PROVIDER_UNAVAILABLE, error.message, error.after)
        return Unavailable(Reason.PROVIDER_UNAVAILABLE, f"{title} cannot be asked now.")

    def _unplannable(self, attempt: _Attempt) -> FailedPrecondition:
        module = self._chain.module(attempt.rehearsal.run.scope)
        blocker = Blocker(
            reason=Reason.NOT_PLANNABLE,
            subject=module.name,
            title=module.title,
            description="Start it to see what it does.",
        )
        message = (
            f"What {module.title} would do cannot be shown: it writes at the provider as it runs."
        )
        return FailedPrecondition(message, [blocker])
