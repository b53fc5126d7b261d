"""What is said to somebody who listens: changes that matter, and no tick of a progress."""

from collections.abc import Iterator
from typing import Final

from syncline.v1.integration_pb2 import Connection, Node
from syncline.v1.run_pb2 import Run
from syncline_console.standing import Standing
from syncline_console.templates import count

_ENDS: Final = {
    Run.STATE_SUCCEEDED: "finished",
    Run.STATE_PARTIAL: "finished, with issues",
    Run.STATE_FAILED: "failed",
    Run.STATE_CANCELLED: "cancelled",
}


def changes(before: Standing, after: Standing) -> list[str]:
    """Return what has happened between two answers, in sentences without an end."""
    known = {each.id: each for each in before.modules}
    pairs = [(known[each.id], each) for each in after.modules if each.id in known]
    return [*_of_connection(before, after), *(said for pair in pairs for said in _of_node(*pair))]


def _of_connection(before: Standing, after: Standing) -> Iterator[str]:
    then, now = before.connection, after.connection
    if (then.state, then.organisation.id) == (now.state, now.organisation.id):
        return
    if now.state == Connection.STATE_CONNECTED:
        yield f"Connected to {now.organisation.display_name}"
    elif now.state == Connection.STATE_RECONNECT_REQUIRED:
        yield "Reconnect required"
    else:
        yield "Not connected"


def _of_node(then: Node, now: Node) -> Iterator[str]:
    if now.last_run.name != then.last_run.name:
        said = (_ENDS.get(now.last_run.state, ""), *_counted(now.last_run))
        yield f"{now.title}: {', '.join(each for each in said if each)}"
    if now.active_run.name not in ("", then.active_run.name):
        yield f"{now.title} was started"
    if now.kind == Node.KIND_MANUAL_STEP and now.complete and not then.complete:
        yield f"{now.title}: done"


def _counted(run: Run) -> Iterator[str]:
    for name in ("created", "updated", "failed"):
        number = getattr(run.counts, name)
        if number:
            yield f"{number:,} {name}"
    if run.open_issue_count:
        yield count(run.open_issue_count, "open issue")
