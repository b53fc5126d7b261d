"""Plans on the wire."""

from datetime import datetime

from syncline.v1 import plan_pb2
from syncline_server.core.names import record
from syncline_server.core.plan import Plan, PlanSample
from syncline_server.rpc.messages.issue import COLLECTIONS
from syncline_server.rpc.messages.preflight import preflight
from syncline_server.services.preflight import PreflightAnswer


def plan(found: Plan, workspace: str, read_since: datetime | None) -> plan_pb2.SyncPlan:
    """Return the plan of a pull as callers see it.

    :param read_since: where it reads from by its options; None is a full read.
    """
    return plan_pb2.SyncPlan(
        complete=found.complete,
        calls=found.calls,
        total=found.total,
        full_read=read_since is None,
        read_since_time=read_since,
        counts=[
            plan_pb2.PlanCount(outcome=f"OUTCOME_{outcome}", count=count)
            for outcome, count in found.counts.items()
            if count
        ],
        samples=[_sample(each, workspace) for each in found.samples],
    )


def push_plan(found: PreflightAnswer, workspace: str) -> plan_pb2.SyncPlan:
    """Return the plan of a push as callers see it."""
    return plan_pb2.SyncPlan(complete=True, preflight=preflight(found, workspace))


def _sample(found: PlanSample, workspace: str) -> plan_pb2.PlanSample:
    collection = COLLECTIONS[found.kind]
    return plan_pb2.PlanSample(
        outcome=f"OUTCOME_{found.outcome}",
        record_kind=f"RECORD_KIND_{found.kind}",
        record_id=found.record_id,
        record_name=found.record_name,
        local=record(workspace, collection, found.local_id) if found.local_id else "",
        candidates=[record(workspace, collection, each) for each in found.candidates],
        changed_fields=found.changed_fields,
    )
