"""Asking for a run: everything is checked and written in one transaction, the engine's job too.

A crash before the commit leaves nothing; a crash behind it leaves a QUEUED row, which the engine
executes, at its next start at the latest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from syncline_sdk import Direction, ModuleSpec, Trigger, Value
from syncline_server.core import admission, option_values
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.clock import Clock
from syncline_server.core.errors import AlreadyExists, InvalidArgument, Reason, Violation
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow, Run, RunState
from syncline_server.core.names import Scope, record
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.services.chain import Chain
from syncline_server.storage import acts, connections, cooldowns, runs
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

Accepted = Callable[[Run, datetime], None]
"""Has a run executed that is queued in the current transaction, once that commits.

Told when its scope's cooldown ends, too. Never waits for the run.
"""


@dataclass(frozen=True, kw_only=True)
class TriggerRequest:
    """A caller's wish to run a module."""

    scope: Scope
    options: Mapping[str, object]
    options_path: str = "options"
    """Where the options stand in the request, for the paths of violations."""
    caller: str
    request_id: str = ""
    """The same id returns the run of the first call; empty asks for no such memory."""
    full_read: bool = False
    """Read everything, whatever changed."""
    accept_collapse: bool = False
    """Believe the provider that most of what is known here is gone."""
    validate_only: bool = False
    """Check everything, change nothing."""


class Syncs:
    """Accepts manual triggers."""

    def __init__(
        self,
        *,
        database: Database,
        chain: Chain,
        clock: Clock,
        make_id: MakeId,
        accepted: Accepted,
        notify: Notify,
    ) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._make_id = make_id
        self._accepted = accepted
        self._notify = notify

    def trigger(self, request: TriggerRequest) -> Run:
        """Accept a run and return it QUEUED.

        :raises NotFound: no such module.
        :raises InvalidArgument: an option does not fit its declaration, or what is for pulls was
            asked of a push.
        :raises AlreadyExists: the request id belongs to a run of another module.
        :raises FailedPrecondition, Aborted, ResourceExhausted: see ``core.admission``.
        """
        _refuse_reading(request, self._chain.module(request.scope))
        catalogue = self._chain.provider(request.scope.connection)
        declared = catalogue.options(request.scope.module)
        options = option_values.checked(declared, request.options, request.options_path)
        try:
            return self._decide(catalogue, request, options)
        except runs.RequestIdTaken:
            # By another connection of the workspace, just now: this time it is known.
            return self._decide(catalogue, request, options)

    def _decide(
        self, catalogue: ProviderCatalogue, request: TriggerRequest, options: dict[str, Value]
    ) -> Run:
        with self._database.transaction():
            known = self._known(request)
            if known:
                return known
            row = connections.lock(self._database, request.scope.connection, self._clock())
            # Two calls with one id may both have looked before either was stored.
            known = self._known(request)
            return known or self._admit(catalogue, row, request, options)

    def _known(self, request: TriggerRequest) -> Run | None:
        if not request.request_id:
            return None
        workspace = request.scope.connection.workspace
        run = runs.by_request(self._database, workspace, request.request_id)
        if run and run.scope != request.scope:
            name = record(workspace, "runs", run.id)
            message = f"This request id has started {name}: use a new one."
            raise AlreadyExists(Reason.REQUEST_ID_REUSED, message, name)
        return run

    def _admit(
        self,
        catalogue: ProviderCatalogue,
        row: ConnectionRow,
        request: TriggerRequest,
        options: dict[str, Value],
    ) -> Run:
        now = self._clock()
        settings = settings_rows.get(self._database, row.key)
        active = runs.active(self._database, request.scope)
        asked = admission.Request(
            scope=request.scope,
            now=now,
            active_run_id=active.id if active else None,
            cooldown_end=cooldowns.ends(self._database, row.key).get(request.scope.module),
        )
        cooldown_end = admission.admit(catalogue, self._chain.facts(row, settings), asked)
        run = Run(
            id="" if request.validate_only else self._make_id(),
            scope=request.scope,
            organisation_id=row.organisation_id,
            generation=row.generation,
            trigger=Trigger.MANUAL,
            state=RunState.QUEUED,
            options=options,
            full_read=request.full_read,
            accept_collapse=request.accept_collapse,
            request_id=request.request_id,
            requested_by=request.caller,
            create_time=now,
        )
        if not request.validate_only:
            runs.insert(self._database, run)
            acts.mention(str(run.scope))
            acts.mention(record(row.key.workspace, "runs", run.id))
            cooldowns.begin(self._database, run.scope, cooldown_end)
            self._accepted(run, cooldown_end)
            self._database.after_commit(lambda: self._notify(ConnectionChanged(row.key)))
        return run


def _refuse_reading(request: TriggerRequest, module: ModuleSpec) -> None:
    wishes = {"full_read": request.full_read, "accept_collapse": request.accept_collapse}
    asked = [name for name, wanted in wishes.items() if wanted]
    if asked and module.direction is Direction.PUSH:
        text = f"does not fit the module {module.name}: it reads nothing to store"
        raise InvalidArgument([Violation(field=name, description=text) for name in asked])
