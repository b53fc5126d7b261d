"""A plan in the making on a connected organisation, and what it should come to."""

from dataclasses import replace

from running import KAURI, NOON, noon
from syncline_sdk import Trigger, Value
from syncline_server.core.model import Counts, Run, RunState
from syncline_server.core.names import Scope
from syncline_server.core.plan import PlanOutcome, Sketch
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import connections
from syncline_server.storage.database import Database


def rehearsing(
    database: Database, module: str, *, options: dict[str, Value] | None = None
) -> Rehearsal:
    """Return the rehearsal of a run that would start now."""
    run = Run(
        id="plan",
        scope=Scope(KAURI.connection, module),
        organisation_id=KAURI.id,
        generation=connections.get(database, KAURI.connection).generation,
        trigger=Trigger.MANUAL,
        state=RunState.RUNNING,
        attempt=1,
        options=options or {},
        create_time=NOON,
        start_time=NOON,
    )
    return Rehearsal(database, run, noon, lambda: True)


def as_counted(sketch: Sketch) -> Counts:
    """Return what a run counts that does what a plan says; what it fetches is not told."""
    of = sketch.counts
    return Counts(
        created=of[PlanOutcome.CREATE],
        updated=of[PlanOutcome.MATCH] + of[PlanOutcome.UPDATE] + of[PlanOutcome.ARCHIVE],
        unchanged=of[PlanOutcome.UNCHANGED],
        skipped=of[PlanOutcome.SKIP],
        failed=of[PlanOutcome.AMBIGUOUS] + of[PlanOutcome.REVIEW] + of[PlanOutcome.FAIL],
    )


def unfetched(counts: Counts) -> Counts:
    """Return a run's counts without what it fetched."""
    return replace(counts, fetched=0, total=0)


def told(sketch: Sketch) -> dict[str, int]:
    """Return the outcomes that a plan has."""
    return {str(outcome): count for outcome, count in sketch.counts.items() if count}
