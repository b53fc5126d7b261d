"""Whether a run may be accepted, and later begin. One order of refusals for everybody.

Not connected → reconnect required → module off → prerequisites incomplete → run active → cooling
down. The first four are told all at once.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline_sdk import ModuleSpec
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import Aborted, FailedPrecondition, Reason, ResourceExhausted
from syncline_server.core.names import Scope, record
from syncline_server.core.readiness import ChainFacts, blockers

_SHORTEST_WAIT = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A manual trigger, with what the rows say about its scope."""

    scope: Scope
    now: datetime
    active_run_id: str | None
    cooldown_end: datetime | None


def admit(catalogue: ProviderCatalogue, facts: ChainFacts, request: Request) -> datetime:
    """Accept a manual trigger and return when the cooldown it starts will end.

    :raises FailedPrecondition: the chain is not ready; every blocker is listed.
    :raises Aborted: a run of the scope is active; it is named.
    :raises ResourceExhausted: the scope is cooling down; the time left is told.
    """
    refuse_unready(catalogue, facts, request.scope.module)
    _refuse_while_active(request)
    _refuse_while_cooling(request)
    return request.now + _module(catalogue, request.scope.module).cooldown


def refuse_unready(catalogue: ProviderCatalogue, facts: ChainFacts, module: str) -> None:
    """Refuse a run whose ground is not there; asked again when it starts.

    :raises FailedPrecondition: with every blocker.
    """
    found = blockers(catalogue, facts, module)
    if found:
        advice = " ".join(blocker.description for blocker in found)
        title = _module(catalogue, module).title
        raise FailedPrecondition(f"{title} cannot run yet. {advice}", found, {"module": module})


def run_active(scope: Scope, run_id: str) -> Aborted:
    """Return the refusal while a run of the scope is active; it is named."""
    run = record(scope.connection.workspace, "runs", run_id)
    return Aborted(
        Reason.RUN_ACTIVE,
        f"{scope.module} is running already: watch {run}, or cancel it.",
        run,
        {"run": run, "module": scope.module},
    )


def _module(catalogue: ProviderCatalogue, name: str) -> ModuleSpec:
    return catalogue.modules[name]


def _refuse_while_active(request: Request) -> None:
    if request.active_run_id:
        raise run_active(request.scope, request.active_run_id)


def _refuse_while_cooling(request: Request) -> None:
    if request.cooldown_end and request.cooldown_end > request.now:
        left = max(request.cooldown_end - request.now, _SHORTEST_WAIT)
        seconds = math.ceil(left.total_seconds())
        raise ResourceExhausted(
            Reason.COOLDOWN,
            f"{request.scope.module} was synced just now; try again in {seconds} s.",
            left,
            {"module": request.scope.module, "end_time": request.cooldown_end.isoformat()},
        )
