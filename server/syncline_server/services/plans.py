"""Telling what a trigger would do, without doing it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from syncline_sdk import Direction, RecordKind
from syncline_server.core.model import Run
from syncline_server.core.plan import Plan
from syncline_server.services.chain import Chain
from syncline_server.services.preflight import Preflight, PreflightAnswer
from syncline_server.services.syncs import Syncs, TriggerRequest


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long somebody waits for a plan."""

    left: timedelta
    is_awaited: Callable[[], bool]
    """Whether they are still there."""


MakePlan = Callable[[Run, Patience], Plan]
"""Tells what an admitted run of a module would do; ``app`` passes it in."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """The answer to what a trigger would do."""

    run: Run
    """Without an id; or the one the request id has started before."""
    plan: Plan | None = None
    preflight: PreflightAnswer | None = None
    """Instead of a plan, for a push of invoices."""


class Plans:
    """Answers triggers that only want to know."""

    def __init__(
        self, syncs: Syncs, chain: Chain, preflight: Preflight, make_plan: MakePlan
    ) -> None:
        self._syncs = syncs
        self._chain = chain
        self._preflight = preflight
        self._make_plan = make_plan

    def tell(self, request: TriggerRequest, patience: Patience) -> Told:
        """Tell what a trigger would do; nothing is changed.

        A request id that has started a run is answered with that run, and no plan: the trigger
        would start nothing.

        :raises NotFound, InvalidArgument, AlreadyExists, FailedPrecondition, Aborted,
            ResourceExhausted: the trigger would be refused; see ``Syncs.trigger``.
        :raises FailedPrecondition, ResourceExhausted, Unavailable: it would not, and still no plan
            can be made; see ``engine.planning``.
        """
        run = self._syncs.trigger(replace(request, validate_only=True))
        if run.id:
            return Told(run=run)
        module = self._chain.module(run.scope)
        if (module.direction, module.kind) == (Direction.PUSH, RecordKind.INVOICE):
            return self._preflighted(run, patience)
        return Told(run=run, plan=self._make_plan(run, patience))

    def _preflighted(self, run: Run, patience: Patience) -> Told:
        given = run.options.get("invoices")
        named = given if isinstance(given, tuple) else ()
        answer = self._preflight.check(run.scope.connection, named, patience.is_awaited)
        return Told(run=run, preflight=answer)
