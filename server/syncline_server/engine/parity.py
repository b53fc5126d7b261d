"""Comparing a module's records with the provider's: on demand, and by itself from time to time.

A comparison reads and writes nothing but its own result. It never runs while a run of its module
does, and one that a run came into is thrown away.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import httpx
import structlog

from syncline_sdk import (
    AccessLost,
    Census,
    CensusContext,
    ModuleSpec,
    PluginError,
    RetryLater,
    RunFailed,
    RunStopped,
    TakeCensus,
    Value,
)
from syncline_server.core import admission, option_values
from syncline_server.core.automatic import spread
from syncline_server.core.clock import Clock
from syncline_server.core.errors import (
    Blocker,
    FailedPrecondition,
    NotFound,
    Reason,
    Refusal,
    ResourceExhausted,
    Unavailable,
)
from syncline_server.core.model import (
    ConnectionRow,
    ConnectionState,
    ModuleState,
    Run,
)
from syncline_server.core.names import Scope
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import owned_under
from syncline_server.core.parity import Parity
from syncline_server.engine.execution import LoseAccess, OpenClient
from syncline_server.engine.planning import Clockwatch, Meter
from syncline_server.engine.timetable import Timetable
from syncline_server.services import provider_refusals
from syncline_server.services.books import Books
from syncline_server.services.chain import Chain
from syncline_server.services.comparing import choose_sample, compare
from syncline_server.services.plans import Patience
from syncline_server.storage import (
    acts,
    connections,
    erasures,
    module_states,
    parity_checks,
    runs,
)
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

_BUSY: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=1)
"""How long a comparison nobody waits for may take, waiting for the allowance included."""
_AGAIN: Final = timedelta(hours=1)
"""When one that came to nothing is tried again."""


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What a comparison stands on."""

    connection: ConnectionRow
    settings: Mapping[str, Value]
    """The module's, with defaults."""
    state: ModuleState
    newest: Run | None
    """The newest run of the module."""
    books: Books

    @property
    def mark(self) -> tuple[int, Run | None]:
        """What differs when something came in between."""
        return self.connection.generation, self.newest


class ParityChecks:
    """Makes comparisons.

    :param interval: how often each module is compared by itself; zero never.
    :param places: shared with plans: each comparison that a caller waits for takes one.
    """

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        *,
        database: Database,
        chain: Chain,
        clock: Clock,
        open_client: OpenClient,
        lose_access: LoseAccess,
        notify: Notify,
        timetable: Timetable,
        interval: timedelta,
        places: threading.BoundedSemaphore,
    ) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._open_client = open_client
        self._lose_access = lose_access
        self._notify = notify
        self._timetable = timetable
        self._interval = interval
        self._places = places
        self._stopping = threading.Event()

    def check(self, scope: Scope, patience: Patience) -> Parity:
        """Compare one module now and return what differs.

        :raises NotFound: no such module.
        :raises FailedPrecondition: the module cannot be compared, is not ready or has not succeeded
            yet, or has to read first what changed; or the provider refuses, or access is gone.
        :raises Aborted: a run of the module is active.
        :raises ResourceExhausted: enough plans and comparisons are being made.
        :raises Unavailable: the provider cannot answer now, or not in time.
        """
        acts.mention(str(scope))
        acts.go_on()
        if not self._places.acquire(blocking=False):
            message = "Enough plans and comparisons are being made now; repeat in a moment."
            raise ResourceExhausted(Reason.QUOTA, message, _BUSY)
        try:
            return self._checked(scope, patience)
        finally:
            self._places.release()

    def look(self) -> None:
        """Begin whatever is due, aside from what must not wait for it."""
        if not self._interval:
            return
        for row in connections.connected(self._database):
            try:
                self._look_at(row)
            except Exception:  # one workspace must not keep those behind it from theirs
                log.exception("look failed", action="parity_look_failed", connection=str(row.key))

    def stop(self) -> None:
        """Ask what is under way to end."""
        self._stopping.set()

    def _look_at(self, row: ConnectionRow) -> None:
        try:
            catalogue = self._chain.provider(row.key)
        except NotFound:  # its plugin is not installed any more
            return
        organisation = _organisation(row)
        enabled = self._chain.facts(row, settings_rows.get(self._database, row.key)).enabled
        states = module_states.of_connection(self._database, row)
        known = parity_checks.of_organisation(self._database, organisation)
        busy = {run.scope.module for run in runs.active_of(self._database, row.key)}
        for name in [each for each in catalogue.modules if each in enabled and each not in busy]:
            since = known[name].begin_time if name in known else None
            complete = states[name].complete_time if name in states else None
            if catalogue.modules[name].census is None or complete is None:
                continue
            scope, now = Scope(row.key, name), self._clock()
            due = (since or complete) + spread(scope, self._interval) <= now
            if due and parity_checks.claim(self._database, organisation, name, since, now):
                call = partial(self._by_itself, scope, organisation, now)
                self._timetable.aside(f"parity/{scope}", call)

    def _by_itself(self, scope: Scope, organisation: Organisation, begun: datetime) -> None:
        patience = Patience(left=_LONGEST, is_awaited=lambda: not self._stopping.is_set())
        try:
            self._checked(scope, patience)
        except Refusal as refusal:
            later = self._clock() - self._interval + min(_AGAIN, self._interval)
            parity_checks.put_back(self._database, organisation, scope.module, begun, later)
            reason = refusal.reason
            log.info("not compared", action="parity_refused", scope=str(scope), reason=reason)
        except Exception:  # a plugin may fail in any way; the next one is tried when it is due
            log.exception("comparison crashed", action="parity_crashed", scope=str(scope))

    def _checked(self, scope: Scope, patience: Patience) -> Parity:
        module = self._chain.module(scope)
        if module.census is None:
            raise _not_comparable(module)
        ground = self._ground(scope, module)
        known = parity_checks.of_organisation(self._database, ground.books.organisation)
        before = known.get(scope.module)
        suspected = before.parity.differences if before and before.parity else ()
        walked_to = before.walked_to if before else ""
        sample, walked_to = choose_sample(ground.books, module.kind, suspected, walked_to)
        census = self._take(module.census, ground, sample, patience)
        compared = compare(ground.books, module.kind, census, sample)
        # Behind the last look at our side: a run may begin between any two.
        if self._ground(scope, module).mark != ground.mark:
            message = "A run or another connection came in between; repeat it."
            raise Unavailable(Reason.PROVIDER_UNAVAILABLE, message)
        if sample and (census.unreadable | census.changed).issuperset(sample):
            # No look at anything: what differed last time is not forgotten for it.
            raise _nothing_comparable(module)
        parity = Parity(
            check_time=self._clock(),
            compared=compared.records,
            differences=compared.differences,
        )
        organisation = ground.books.organisation
        with self._database.transaction():
            erasures.keep_out(self._database, organisation.workspace)
            parity_checks.save(self._database, organisation, scope.module, parity, walked_to)
        self._tell(scope, parity)
        return parity

    def _tell(self, scope: Scope, parity: Parity) -> None:
        self._notify(ConnectionChanged(scope.connection))
        log.info(
            "compared",
            action="compared",
            scope=str(scope),
            compared=parity.compared,
            differences=len(parity.differences),
        )

    def _ground(self, scope: Scope, module: ModuleSpec) -> _Ground:
        """Return what the comparison stands on.

        :raises FailedPrecondition: the module is not ready, or has brought nothing yet.
        :raises Aborted: a run of it is active.
        """
        key = scope.connection
        row = connections.get(self._database, key)
        settings = settings_rows.get(self._database, key)
        facts = self._chain.facts(row, settings)
        admission.refuse_unready(self._chain.provider(key), facts, scope.module)
        newest = runs.newest(self._database, scope)
        if newest and newest.end_time is None:
            raise admission.run_active(scope, newest.id)
        state = module_states.of_connection(self._database, row).get(scope.module)
        if state is None or state.complete_time is None:
            raise _nothing_here(module)
        settable = {each.name: each for each in module.settings}
        values = option_values.filled(settable, settings.options)
        books = Books(
            database=self._database,
            organisation=_organisation(row),
            fields=owned_under(module, values),
        )
        return _Ground(connection=row, settings=values, state=state, newest=newest, books=books)

    def _take(
        self,
        take: TakeCensus,
        ground: _Ground,
        sample: tuple[str, ...],
        patience: Patience,
    ) -> Census:
        """Ask the provider.

        :raises FailedPrecondition: it refuses, or access to it is gone.
        :raises Unavailable: it cannot answer now, or not in time.
        """
        watch = Clockwatch(self._clock, patience)
        meter = Meter(watch)
        try:
            with self._open_client(ground.connection, watch, urgent=False) as http:
                http.event_hooks = {"request": [meter.before], "response": [meter.behind]}
                return take(
                    CensusContext(
                        http=http,
                        settings=ground.settings,
                        organisation_id=ground.connection.organisation_id,
                        since=ground.state.watermark or ground.state.full_read_time,
                        sample=sample,
                    )
                )
        except (PluginError, httpx.HTTPError) as error:
            raise self._refusal(ground.connection, error) from error

    def _refusal(self, row: ConnectionRow, error: Exception) -> Exception:
        title = self._chain.provider(row.key).provider.title
        if isinstance(error, AccessLost):
            self._lose_access(row.key, row.generation, error.message)
            return provider_refusals.reconnect_required(row.key, title, error.message)
        if isinstance(error, RunStopped):
            now = connections.get(self._database, row.key)
            if (now.generation, now.state) != (row.generation, ConnectionState.CONNECTED):
                return provider_refusals.not_connected(row.key, title)
            return Unavailable(Reason.PROVIDER_UNAVAILABLE, f"{title} did not answer in time.")
        if isinstance(error, RunFailed):
            return provider_refusals.refused(row.key, title, error)
        if isinstance(error, RetryLater):
            return Unavailable(Reason.PROVIDER_UNAVAILABLE, error.message, error.after)
        return Unavailable(Reason.PROVIDER_UNAVAILABLE, f"{title} cannot be asked now.")


def _organisation(row: ConnectionRow) -> Organisation:
    return Organisation(row.key.workspace, row.key.provider, row.organisation_id)


def _not_comparable(module: ModuleSpec) -> FailedPrecondition:
    blocker = Blocker(
        reason=Reason.NOT_COMPARABLE,
        subject=module.name,
        title=module.title,
        description="Its plugin does not tell what the provider has.",
    )
    return FailedPrecondition(f"{module.title} cannot be compared.", [blocker])


def _nothing_here(module: ModuleSpec) -> FailedPrecondition:
    blocker = Blocker(
        reason=Reason.PREREQUISITE_INCOMPLETE,
        subject=module.name,
        title=module.title,
        description=f"Sync {module.title} first.",
    )
    return FailedPrecondition(f"{module.title} has brought nothing to compare yet.", [blocker])


def _nothing_comparable(module: ModuleSpec) -> FailedPrecondition:
    blocker = Blocker(
        reason=Reason.PREREQUISITE_INCOMPLETE,
        subject=module.name,
        title=module.title,
        description=f"Sync {module.title} again, and compare then.",
    )
    message = f"Too much changed since the last run of {module.title} to compare anything."
    return FailedPrecondition(message, [blocker])
