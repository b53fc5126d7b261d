from dataclasses import replace

import pytest
from google.rpc import error_details_pb2

from syncline.v1 import run_pb2 as pb
from syncline_client import Client, InvalidArgument, NotFound
from syncline_sdk import Issue, RecordKind, Trigger
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.model import Run, RunError, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.storage import run_issues, runs
from syncline_server.storage.run_issues import IssueRow
from wiring import ACME, GLOBEX, ORGANISATION, Served


def store(
    server: Served,
    module: str = "contacts",
    state: RunState = RunState.QUEUED,
    connection: Connection = ACME,
) -> Run:
    """Store a run and have it be in a state."""
    wired = server.wired
    run = Run(
        id=wired.next_id(),
        scope=Scope(connection, module),
        organisation_id=ORGANISATION,
        generation=0,
        trigger=Trigger.MANUAL,
        state=RunState.QUEUED,
        create_time=wired.clock(),
    )
    runs.insert(wired.database, run)
    if state is RunState.RUNNING:
        return wired.begin(run.id)
    if state is not RunState.QUEUED:
        wired.end(run, state)
    return run


def name(run: Run) -> str:
    """Return a run's resource name."""
    return f"workspaces/{run.scope.connection.workspace}/runs/{run.id}"


def listed(client: Client, **more: object) -> pb.ListRunsResponse:
    """List the workspace's runs."""
    request = pb.ListRunsRequest(parent="workspaces/acme", **more)  # type: ignore[arg-type]  # a test's own words
    return client.runs.ListRuns(request)


def test_run_is_found_by_its_name(server: Served, client: Client) -> None:
    """GetRun returns the run as it stands."""
    run = store(server, state=RunState.RUNNING)

    found = client.runs.GetRun(pb.GetRunRequest(name=name(run))).run

    assert (found.name, found.state, found.attempt) == (name(run), pb.Run.STATE_RUNNING, 1)
    assert found.trigger == pb.Run.TRIGGER_MANUAL
    assert found.HasField("start_time")
    assert not found.HasField("error")


def test_run_of_another_workspace_is_not_there(server: Served, client: Client) -> None:
    """A run's id says nothing in another workspace."""
    run = store(server, connection=GLOBEX)

    with pytest.raises(NotFound):
        client.runs.GetRun(pb.GetRunRequest(name=f"workspaces/acme/runs/{run.id}"))


def test_failed_run_tells_why(server: Served, client: Client) -> None:
    """A failed run has a status whose code is never OK, with reason and what to do."""
    run = store(server)
    error = RunError(code="MODULE_CRASHED", message="It stopped.", action="Start it again.")
    runs.end(server.wired.database, run, RunState.FAILED, server.wired.clock(), error)

    found = client.runs.GetRun(pb.GetRunRequest(name=name(run))).run

    assert found.state == pb.Run.STATE_FAILED
    assert (found.error.code, found.error.message) == (13, "It stopped.")
    assert len(found.error.details) == 2


def test_run_refused_at_its_start_lists_every_blocker(server: Served, client: Client) -> None:
    """What a refused call would have listed stands in the run, in the same form."""
    run = store(server)
    blockers = tuple(
        Blocker(
            reason=Reason.PREREQUISITE_INCOMPLETE, subject=node, title=node, description="Run it."
        )
        for node in ("rates", "mapping")
    )
    error = RunError(code="PREREQUISITE_INCOMPLETE", message="Not yet.", blockers=blockers)
    runs.end(server.wired.database, run, RunState.FAILED, server.wired.clock(), error)

    found = client.runs.GetRun(pb.GetRunRequest(name=name(run))).run

    info, failure = error_details_pb2.ErrorInfo(), error_details_pb2.PreconditionFailure()
    assert found.error.details[0].Unpack(info)
    assert found.error.details[1].Unpack(failure)
    assert (info.reason, info.metadata["subjects"]) == ("PREREQUISITE_INCOMPLETE", "rates,mapping")
    assert [each.subject for each in failure.violations] == ["rates", "mapping"]


def test_runs_come_newest_first_in_pages(server: Served, client: Client) -> None:
    """Pages together are all runs of the workspace, newest first, and of no other."""
    stored = [name(store(server, state=RunState.SUCCEEDED)) for _ in range(5)]
    store(server, connection=GLOBEX)

    first = listed(client, page_size=2)
    second = listed(client, page_size=2, page_token=first.next_page_token)
    third = listed(client, page_size=1000, page_token=second.next_page_token)

    found = [each.name for page in (first, second, third) for each in page.runs]
    assert found == stored[::-1]
    assert third.next_page_token == ""


def test_runs_are_filtered(server: Served, client: Client) -> None:
    """Connection, module and any of several states narrow the list."""
    failed = store(server, state=RunState.FAILED)
    partial = store(server, state=RunState.PARTIAL)
    store(server, state=RunState.SUCCEEDED)
    other = store(server, module="items", state=RunState.FAILED)

    states = (pb.Run.STATE_FAILED, pb.Run.STATE_PARTIAL)
    both = listed(client, module="contacts", states=states, connection=str(ACME))
    one = listed(client, module="items", states=(pb.Run.STATE_FAILED,))

    assert [each.name for each in both.runs] == [name(partial), name(failed)]
    assert [each.name for each in one.runs] == [name(other)]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"page_size": -1}, "page_size"),
        ({"page_token": "made up"}, "page_token"),
        ({"states": [0]}, "states[0]"),
        ({"states": [99]}, "states[0]"),
        ({"connection": "workspaces/globex/connections/ledger"}, "connection"),
        ({"module": "x" * 101}, "module"),
        ({"module": "a\x00b"}, "module"),
    ],
)
def test_bad_arguments_are_refused(client: Client, more: dict[str, object], field: str) -> None:
    """A malformed argument is INVALID_ARGUMENT and named."""
    with pytest.raises(InvalidArgument) as refusal:
        listed(client, **more)

    assert [each.field for each in refusal.value.violations] == [field]


def test_page_token_of_another_query_is_refused(server: Served, client: Client) -> None:
    """A token goes with the arguments it was given for; only the size may differ."""
    for _ in range(3):
        store(server, state=RunState.SUCCEEDED)
    token = listed(client, page_size=1).next_page_token

    with pytest.raises(InvalidArgument) as refusal:
        listed(client, page_token=token, module="contacts")

    assert [each.field for each in refusal.value.violations] == ["page_token"]
    assert len(listed(client, page_token=token, page_size=50).runs) == 2


def test_queued_run_is_cancelled_at_once(server: Served, client: Client) -> None:
    """A queued run is CANCELLED in the answer; once more changes nothing."""
    run = store(server)

    for _ in range(2):
        answer = client.runs.CancelRun(pb.CancelRunRequest(name=name(run)))
        assert answer.run.state == pb.Run.STATE_CANCELLED


def test_running_run_is_asked_to_end(server: Served, client: Client) -> None:
    """A running run says ``cancel_requested`` until it has ended."""
    run = store(server, state=RunState.RUNNING)

    answer = client.runs.CancelRun(pb.CancelRunRequest(name=name(run)))

    assert (answer.run.state, answer.run.cancel_requested) == (pb.Run.STATE_RUNNING, True)


TWO_FIT = Issue(
    code="TWO_FIT",
    message="Two customers fit.",
    action="Choose one.",
    kind=RecordKind.CONTACT,
    record_id="contact-1",
    record_name="Kauri Ltd",
)


def test_issues_come_in_their_order(server: Served, client: Client) -> None:
    """What a run could not process is listed as it was met, with names of local records."""
    run, issue = store(server, state=RunState.RUNNING), TWO_FIT
    first_one = IssueRow(issue, "customer-1", ("customer-1", "customer-2"))
    more = [IssueRow(replace(issue, record_id=f"contact-{index}")) for index in range(2, 5)]
    run_issues.add(server.wired.database, run, [first_one, *more], server.wired.clock())

    first = client.runs.ListRunIssues(pb.ListRunIssuesRequest(parent=name(run), page_size=3))
    rest = client.runs.ListRunIssues(
        pb.ListRunIssuesRequest(parent=name(run), page_token=first.next_page_token)
    )

    assert [each.record_id for each in (*first.issues, *rest.issues)] == [
        f"contact-{index}" for index in range(1, 5)
    ]
    assert first.issues[0].local == "workspaces/acme/customers/customer-1"
    assert list(first.issues[0].candidates) == [
        "workspaces/acme/customers/customer-1",
        "workspaces/acme/customers/customer-2",
    ]
    assert (first.issues[1].local, list(first.issues[1].candidates)) == ("", [])
    assert first.issues[0].name == f"{name(run)}/issues/1"
    assert first.issues[0].create_time.ToDatetime() == server.wired.clock().replace(tzinfo=None)


def meet(server: Served, run: Run, *records: str) -> None:
    """Let a run meet an issue of each of these records."""
    issues = [IssueRow(replace(TWO_FIT, record_id=record)) for record in records]
    with server.wired.database.transaction():
        run_issues.add(server.wired.database, run, issues, server.wired.clock())


def settle(server: Served, record: str) -> None:
    """Settle a record of the organisation."""
    wired = server.wired
    organisation = Organisation(ACME.workspace, ACME.provider, ORGANISATION)
    found = run_issues.of_records(wired.database, organisation, RecordKind.CONTACT, [record])
    run_issues.close(wired.database, found, "Assigned to customer Rata Ltd (RATA).", wired.clock())


def test_issue_is_open_until_it_is_settled(server: Served, client: Client) -> None:
    """A settled issue says by what and when and can be left out; the run counts what is open."""
    run = store(server, state=RunState.RUNNING)
    meet(server, run, "contact-1", "contact-2")
    settle(server, "contact-1")

    every = client.runs.ListRunIssues(pb.ListRunIssuesRequest(parent=name(run))).issues
    left = client.runs.ListRunIssues(
        pb.ListRunIssuesRequest(parent=name(run), unresolved_only=True)
    ).issues
    shown = client.runs.GetRun(pb.GetRunRequest(name=name(run))).run

    assert [each.resolution for each in every] == ["Assigned to customer Rata Ltd (RATA).", ""]
    assert [each.HasField("resolve_time") for each in every] == [True, False]
    assert [each.record_id for each in left] == ["contact-2"]
    assert (shown.issue_count, shown.open_issue_count) == (2, 1)


def test_what_is_open_in_a_workspace_is_one_list(server: Served, client: Client) -> None:
    """Under the parent `-` open issues of all runs come newest first, page by page."""
    first = store(server, state=RunState.RUNNING)
    meet(server, first, "contact-1", "contact-2", "contact-3")
    second = store(server, module="items", state=RunState.RUNNING)
    meet(server, second, "contact-2", "contact-4")
    meet(server, store(server, connection=GLOBEX, state=RunState.RUNNING), "contact-9")
    settle(server, "contact-1")

    found: list[str] = []
    token = ""
    while not found or token:
        page = client.runs.ListRunIssues(
            pb.ListRunIssuesRequest(parent="workspaces/acme/runs/-", page_size=1, page_token=token)
        )
        found += [f"{each.name} {each.record_id}" for each in page.issues]
        token = page.next_page_token

    assert found == [
        f"{name(second)}/issues/2 contact-4",
        f"{name(second)}/issues/1 contact-2",
        f"{name(first)}/issues/3 contact-3",
    ]


def test_parent_of_open_issues_must_be_a_workspaces_runs(client: Client) -> None:
    """The wildcard stands for runs alone."""
    with pytest.raises(InvalidArgument):
        client.runs.ListRunIssues(pb.ListRunIssuesRequest(parent="workspaces/-/runs/-"))
