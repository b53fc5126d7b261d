"""Runs and their issues on the wire."""

from dataclasses import asdict

from google.rpc import status_pb2

from syncline.v1 import run_pb2
from syncline_server.core.model import Run, RunError
from syncline_server.core.names import record
from syncline_server.rpc.errors import run_status


def run(found: Run) -> run_pb2.Run:
    """Return a run as callers see it; one that was only validated has no name."""
    workspace = found.scope.connection.workspace
    return run_pb2.Run(
        name=record(workspace, "runs", found.id) if found.id else "",
        connection=str(found.scope.connection),
        module=found.scope.module,
        organisation=found.organisation_id,
        trigger=f"TRIGGER_{found.trigger}",
        state=f"STATE_{found.state}",
        counts=run_pb2.RunCounts(**asdict(found.counts)),
        issue_count=found.issue_count,
        open_issue_count=found.open_issue_count,
        error=_error(found.error, found.scope.module),
        create_time=found.create_time,
        start_time=found.start_time,
        end_time=found.end_time,
        wake_time=found.wake_time,
        wait_reason=found.wait_reason if found.wake_time else "",
        attempt=found.attempt,
        cancel_requested=found.cancel_requested,
        requested_by=found.requested_by,
    )


def _error(error: RunError | None, module: str) -> status_pb2.Status | None:
    return error and run_status(error, module)
