import pytest
from google.protobuf.message import Message

from scripted_watch import connected
from syncline.v1.integration_pb2 import Connection, Node, WatchConnectionResponse
from syncline.v1.run_pb2 import Run, RunCounts
from syncline_console.announcing import changes
from syncline_console.standing import Standing


def standing(answer: WatchConnectionResponse) -> Standing:
    """Return an answer as pages know it."""
    return Standing(connection=answer.connection, modules=answer.modules, toggles=answer.toggles)


def contacts(**fields: Message | bool) -> Node:
    """Return the node of a module."""
    return Node(id="contacts", title="Contacts", kind=Node.KIND_MODULE, **fields)  # type: ignore[arg-type]


def said(before: WatchConnectionResponse, after: WatchConnectionResponse) -> list[str]:
    """Return what is said of a change."""
    return changes(standing(before), standing(after))


@pytest.mark.parametrize(
    ("state", "counts", "issues", "words"),
    [
        (
            Run.STATE_SUCCEEDED,
            RunCounts(updated=1200, unchanged=9),
            0,
            "Contacts: finished, 1,200 updated",
        ),
        (Run.STATE_SUCCEEDED, RunCounts(unchanged=9), 0, "Contacts: finished"),
        (
            Run.STATE_PARTIAL,
            RunCounts(created=2, failed=1),
            1,
            "Contacts: finished, with issues, 2 created, 1 failed, 1 open issue",
        ),
        (Run.STATE_FAILED, RunCounts(), 0, "Contacts: failed"),
        (Run.STATE_CANCELLED, RunCounts(), 0, "Contacts: cancelled"),
    ],
    ids=["updated", "unchanged", "issues", "failed", "cancelled"],
)
def test_end_of_a_run_is_said_with_what_it_came_to(
    state: Run.State, counts: RunCounts, issues: int, words: str
) -> None:
    """The end of a run is told in one sentence with the counts that matter."""
    active = Run(name="runs/1", state=Run.STATE_RUNNING)
    ended = Run(name="runs/1", state=state, counts=counts, open_issue_count=issues)
    before, after = contacts(active_run=active), contacts(last_run=ended)
    assert said(connected("Kauri", before), connected("Kauri", after)) == [words]


def test_start_of_a_run_is_said_and_no_tick_of_it() -> None:
    """A run is told of when it is accepted, and not again while it counts."""
    queued = contacts(active_run=Run(name="runs/1", state=Run.STATE_QUEUED))
    counting = contacts(active_run=Run(name="runs/1", counts=RunCounts(fetched=1000)))
    begun = said(connected("Kauri", contacts()), connected("Kauri", queued))
    assert begun == ["Contacts was started"]
    assert said(connected("Kauri", queued), connected("Kauri", counting)) == []


def test_step_that_a_person_completes_is_said() -> None:
    """A manual step that becomes complete is told of."""
    step = Node(id="tax_mapping", title="Tax Mapping", kind=Node.KIND_MANUAL_STEP)
    done = Node(id="tax_mapping", title="Tax Mapping", kind=Node.KIND_MANUAL_STEP, complete=True)
    assert said(connected("Kauri", step), connected("Kauri", done)) == ["Tax Mapping: done"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Connection.STATE_NOT_CONNECTED, "Not connected"),
        (Connection.STATE_RECONNECT_REQUIRED, "Reconnect required"),
    ],
    ids=["disconnected", "revoked"],
)
def test_access_that_ends_is_said(state: Connection.State, words: str) -> None:
    """Losing access is told of, and so is getting it back, with the organisation's name."""
    gone = connected("Kauri")
    gone.connection.state = state
    assert said(connected("Kauri"), gone) == [words]
    assert said(gone, connected("Kauri")) == ["Connected to Kauri"]
