"""How far each node of a chain is, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncline.v1.error_reason_pb2 import ErrorReason
from syncline.v1.integration_pb2 import Connection, Node
from syncline.v1.run_pb2 import Run
from syncline_console.advice import to_settle
from syncline_console.standing import Standing
from syncline_console.templates import count, listed


class Stage(StrEnum):
    """How far a node is."""

    DONE = "done"
    RUNNING = "running"
    NEXT = "next"
    BLOCKED = "blocked"
    OFF = "off"


def stage_of(node: Node) -> Stage:
    """Return how far a node is. What was done once and has lost its ground is blocked."""
    if not node.enabled:
        return Stage.OFF
    if node.HasField("active_run"):
        return Stage.RUNNING
    if node.complete and not _lost_ground(node):
        return Stage.DONE
    return Stage.NEXT if node.ready else Stage.BLOCKED


def _lost_ground(node: Node) -> bool:
    """Return whether something before a node is to be done anew."""
    missing = ErrorReason.ERROR_REASON_PREREQUISITE_INCOMPLETE
    return any(each.reason == missing for each in node.blockers)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Where a workspace stands, in a sentence or two."""

    text: str
    is_good: bool = False
    """Whether there is nothing to do."""
    until: Run | None = None
    """The run that waits; when it goes on belongs behind the text."""


def summary_of(standing: Standing) -> Summary:
    """Return where a workspace stands: what is in the way, what is under way, or what is next."""
    connection = standing.connection
    if connection.state == Connection.STATE_RECONNECT_REQUIRED:
        text = f"Reconnect {connection.provider_title}: nothing is synced until then."
        return Summary(text=text)
    if connection.state != Connection.STATE_CONNECTED:
        return Summary(text=_to_connect(standing))
    enabled = [node for node in standing.modules if node.enabled]
    if not enabled:
        return Summary(text=f"Nothing is switched on yet. {_first_switch(standing)}".strip())
    return _under_way(enabled) or _next(enabled) or _all_done(enabled)


def _to_connect(standing: Standing) -> str:
    title = standing.connection.provider_title
    if standing.connection.candidates:
        return f"Choose which organisation of {title} to connect."
    enabled = [node.title for node in standing.modules if node.enabled]
    then = f"start {enabled[0]}" if enabled else "switch on what to sync"
    return f"Connect {title} first, then {then}."


def _first_switch(standing: Standing) -> str:
    first = next((node for node in standing.modules if node.kind == Node.KIND_MODULE), None)
    if first is None:
        return ""
    return f"Choose below what to sync; {first.title} comes first."


def _under_way(enabled: Sequence[Node]) -> Summary | None:
    """Return what is told while something runs and no person is needed."""
    active = [node for node in enabled if stage_of(node) is Stage.RUNNING]
    if not active or any(stage_of(node) is Stage.NEXT for node in enabled):
        return None
    waiting = [node for node in active if node.active_run.state == Run.STATE_WAITING]
    if len(waiting) == len(active):
        return _paused(waiting)
    return Summary(text=f"{_syncing(active)} {_then(enabled, active)}".strip())


def _paused(waiting: Sequence[Node]) -> Summary:
    if len(waiting) == 1:
        return Summary(text=f"{waiting[0].title} is paused.", until=waiting[0].active_run)
    return Summary(text=f"{_titles(waiting)} are paused and go on by themselves.")


def _next(enabled: Sequence[Node]) -> Summary | None:
    following = [node for node in enabled if stage_of(node) is Stage.NEXT]
    if not following:
        return None
    active = [node for node in enabled if stage_of(node) is Stage.RUNNING]
    then = _then(enabled, [*active, *following])
    return Summary(text=f"{_syncing(active)} Next: {_doing(following)}. {then}".strip())


def _syncing(active: Sequence[Node]) -> str:
    if not active:
        return ""
    return f"{_titles(active)} {'is' if len(active) == 1 else 'are'} syncing."


def _doing(following: Sequence[Node]) -> str:
    """Return what to do with nodes that wait for a person: ``map 3 open tax rates``."""
    steps = [node for node in following if node.kind == Node.KIND_MANUAL_STEP]
    modules = [node.title for node in following if node.kind != Node.KIND_MANUAL_STEP]
    deeds = [_lowered(to_settle(step)) for step in steps]
    return listed([*deeds, *([f"start {listed(modules)}"] if modules else [])])


def _then(enabled: Sequence[Node], before: Sequence[Node]) -> str:
    """Return what can be done once these are complete; empty when that is nothing more."""
    given = {node.id for node in before}
    freed = [
        node
        for node in enabled
        if stage_of(node) is Stage.BLOCKED and given.issuperset(b.subject for b in node.blockers)
    ]
    steps = [node for node in freed if node.kind == Node.KIND_MANUAL_STEP]
    if steps:
        return f"Then comes {_titles(steps)}."
    return f"Then {_titles(freed)} can sync." if freed else ""


def _all_done(enabled: Sequence[Node]) -> Summary:
    blocked = [node for node in enabled if stage_of(node) is Stage.BLOCKED]
    if blocked:
        return Summary(text=f"{_titles(blocked)} cannot go on yet.")
    broken = _broken(enabled)
    if broken:
        return Summary(text=f"Everything has synced before, but {listed(broken)} last time.")
    # Only the last runs are known here: earlier ones may have left issues that are still open.
    issues = sum(node.last_run.open_issue_count for node in enabled)
    if issues:
        text = f"Everything has synced; the last syncs left {count(issues, 'issue')} to settle."
        return Summary(text=text)
    text = "Everything that is switched on has synced, and the last syncs left no issues."
    return Summary(text=text, is_good=True)


def _broken(nodes: Sequence[Node]) -> list[str]:
    """Return which last runs did not run through, as parts of a sentence."""
    failed, cancelled = (
        [node for node in nodes if node.last_run.state == state]
        for state in (Run.STATE_FAILED, Run.STATE_CANCELLED)
    )
    said = [f"{_titles(failed)} failed"] if failed else []
    if cancelled:
        verb = "was" if len(cancelled) == 1 else "were"
        said.append(f"{_titles(cancelled)} {verb} cancelled")
    return said


def _titles(nodes: Sequence[Node]) -> str:
    return listed(node.title for node in nodes)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
