from datetime import timedelta

import pytest

from syncline.v1 import run_pb2
from syncline_client import Client, NotFound
from syncline_sdk import Trigger
from syncline_server.core.model import Run, RunState
from syncline_server.core.names import Scope
from syncline_server.storage import runs
from wiring import ACME, CONFIG, ORGANISATION, Served, Wired

HOME = "workspaces/acme"
MANY = 20
KEPT = 6


def ran(wired: Wired) -> list[str]:
    """Store runs that ended, an hour apart, and return their names, the newest first."""
    for number in range(MANY):
        wired.clock.advance(seconds=3600)
        run = Run(
            id=f"run{number:02}",
            scope=Scope(ACME, "contacts"),
            organisation_id=ORGANISATION,
            generation=1,
            trigger=Trigger.MANUAL,
            state=RunState.QUEUED,
            create_time=wired.clock(),
        )
        runs.insert(wired.database, run)
        wired.end(wired.begin(run.id))
    return [f"{HOME}/runs/run{number:02}" for number in reversed(range(MANY))]


def page(client: Client, token: str = "") -> run_pb2.ListRunsResponse:
    """Return a page of runs."""
    request = run_pb2.ListRunsRequest(parent=HOME, page_size=4, page_token=token)
    return client.runs.ListRuns(request)


def test_who_pages_through_runs_misses_only_what_is_gone(server: Served, client: Client) -> None:
    """A page token from before works, nothing comes twice, and the last page is one."""
    wired = server.wired
    names = ran(wired)
    first = page(client)
    wired.clock.advance(seconds=(CONFIG.run_history + timedelta(days=1)).total_seconds())

    assert wired.workspaces.retention.forget_runs() == MANY - KEPT
    second = page(client, first.next_page_token)

    found = [run.name for answer in (first, second) for run in answer.runs]
    assert found == names[:KEPT]
    assert second.next_page_token == ""


def test_a_run_that_is_gone_is_not_found(server: Served, client: Client) -> None:
    """Neither it nor its issues; those that stay are."""
    wired = server.wired
    names = ran(wired)
    wired.clock.advance(seconds=(CONFIG.run_history + timedelta(days=1)).total_seconds())
    wired.workspaces.retention.forget_runs()

    with pytest.raises(NotFound) as caught:
        client.runs.GetRun(run_pb2.GetRunRequest(name=names[-1]))
    assert caught.value.metadata["resource"] == names[-1]
    with pytest.raises(NotFound):
        client.runs.ListRunIssues(run_pb2.ListRunIssuesRequest(parent=names[-1]))
    assert client.runs.GetRun(run_pb2.GetRunRequest(name=names[0])).run.name == names[0]
