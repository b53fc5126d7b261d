"""RunService: runs and their issues."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from syncline.v1 import run_pb2
from syncline_server.core.listing import RunFilter
from syncline_server.rpc.fields import Fields, chosen
from syncline_server.rpc.interceptors import Send, non_blocking
from syncline_server.rpc.messages.issue import issue
from syncline_server.rpc.messages.run import run
from syncline_server.rpc.paging import page
from syncline_server.rpc.watchers import Sight, mark_of
from syncline_server.rpc.watching import Hub, Subject
from syncline_server.services.runs import Runs

_EVERY_RUN: Final = "/runs/-"  # as https://google.aip.dev/159 has it
_DIGITS: Final = 19  # what a database's integer surely holds


class RunCalls:
    """Handles the methods of RunService."""

    def __init__(self, runs: Runs, hub: Hub) -> None:
        self._runs = runs
        self._hub = hub

    def get(self, request: run_pb2.GetRunRequest) -> run_pb2.GetRunResponse:
        """Return one run."""
        return run_pb2.GetRunResponse(run=run(self._runs.get(*_named("name", request.name))))

    def list(self, request: run_pb2.ListRunsRequest) -> run_pb2.ListRunsResponse:
        """List a workspace's runs, newest first."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        wanted = page(request, fields)
        states = chosen(request.states, run_pb2.Run.State)
        provider = _provider(request.connection, workspace, fields)
        fields.refuse()
        listed = RunFilter(provider=provider, module=request.module, states=tuple(states))
        found = self._runs.page(workspace, listed, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda each: each.id, run)
        return run_pb2.ListRunsResponse(runs=cut.messages, next_page_token=cut.next_page_token)

    @non_blocking
    def watch(
        self, request: run_pb2.WatchRunRequest, context: grpc.ServicerContext, send: Send
    ) -> None:
        """Follow a run to its end."""
        workspace, run_id = _named("name", request.name)

        def look() -> Sight:
            message = run_pb2.WatchRunResponse(run=run(self._runs.get(workspace, run_id)))
            ended = message.run.HasField("end_time")
            return Sight(message=message, mark=mark_of(message), last=ended)

        self._hub.follow(Subject(key=(workspace, run_id), look=look), context, send)

    def cancel(self, request: run_pb2.CancelRunRequest) -> run_pb2.CancelRunResponse:
        """Ask a run to end."""
        found = self._runs.cancel(*_named("name", request.name))
        return run_pb2.CancelRunResponse(run=run(found))

    def list_issues(self, request: run_pb2.ListRunIssuesRequest) -> run_pb2.ListRunIssuesResponse:
        """List what a run could not process, or what is open whichever run met it."""
        if request.parent.endswith(_EVERY_RUN):
            return self._list_open_issues(request)
        fields = Fields()
        workspace, run_id = fields.record("parent", request.parent, "runs")
        wanted = page(request, fields)
        fields.refuse()
        found = self._runs.issues(
            workspace, run_id, wanted.number, wanted.limit, open_only=request.unresolved_only
        )
        cut = wanted.cut(found, lambda row: str(row["number"]), _rendering(workspace))
        return run_pb2.ListRunIssuesResponse(
            issues=cut.messages, next_page_token=cut.next_page_token
        )

    def _list_open_issues(
        self, request: run_pb2.ListRunIssuesRequest
    ) -> run_pb2.ListRunIssuesResponse:
        fields = Fields()
        workspace = fields.workspace("parent", request.parent.removesuffix(_EVERY_RUN))
        wanted = page(request, fields)
        fields.refuse()
        found = self._runs.open_issues(workspace, _place(wanted.position), wanted.limit)
        cut = wanted.cut(
            found, lambda row: f"{row['run_id']}/{row['number']}", _rendering(workspace)
        )
        return run_pb2.ListRunIssuesResponse(
            issues=cut.messages, next_page_token=cut.next_page_token
        )


def _rendering(workspace: str) -> Callable[[Any], run_pb2.RunIssue]:
    return partial(issue, workspace)


def _place(position: str) -> tuple[str, int] | None:
    """Return run and number of the last issue of the page before; None on the first page."""
    run_id, _, number = position.rpartition("/")
    return (run_id, int(number)) if number.isdecimal() and len(number) < _DIGITS else None


def _named(field: str, name: str) -> tuple[str, str]:
    """Return workspace and id of a run's name, or refuse it."""
    fields = Fields()
    found = fields.record(field, name, "runs")
    fields.refuse()
    return found


def _provider(connection: str, workspace: str, fields: Fields) -> str:
    """Return the provider of a connection to filter by; empty for none."""
    if not connection:
        return ""
    key = fields.connection("connection", connection)
    if key.workspace and workspace and key.workspace != workspace:
        fields.wrong("connection", f"must be in workspaces/{workspace}, as the request is")
    return key.provider
