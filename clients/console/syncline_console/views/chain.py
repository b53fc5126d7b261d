"""The chain as a picture: what is done, what is next, what is blocked and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import Run
from syncline_console.advice import Guide, to_settle
from syncline_console.edges import Edge, Stroke, edges_of
from syncline_console.fragments import Fragment, Looker
from syncline_console.people import Role
from syncline_console.picture import Picture, picture
from syncline_console.run_states import handled, share, state_of
from syncline_console.stages import Stage, stage_of, summary_of
from syncline_console.standing import Standing

_STRENGTHS: Final = ("off", "open", "done", "blocking")
"""What a line says, the weaker first: where several run together, the strongest is shown."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line as it is drawn."""

    path: str
    says: str
    is_dashed: bool


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A node as it is drawn."""

    node: Node
    stage: Stage
    is_first_next: bool
    """Whether this is the very next thing for a person to do."""
    place: tuple[int, int]
    lines: Sequence[Line]
    """Beside it, in the narrow picture."""
    entry: str
    """What the arrow at its entry says; empty where no line comes in."""
    progress: str
    done_thousandths: int
    has_failed: bool
    """Whether its last run failed, and no other one is under way."""
    reasons: Sequence[str]
    """Why it is blocked: what to do, in order."""
    action: str
    path: str
    """Where the action leads."""


def _chain(standing: Standing, looker: Looker) -> Mapping[str, Any]:
    edges = edges_of(standing.modules)
    drawn = picture(tuple(node.id for node in standing.modules), edges)
    says = _meanings(standing.modules, edges)
    return {
        "summary": summary_of(standing),
        "picture": drawn,
        "lines": _lines(drawn.strokes, says),
        "spots": _spots(Guide(standing=standing, looker=looker), drawn, says),
        "may_act": looker.may(Role.OPERATOR),
        "has_dashes": any(edge.is_order_only for edge in edges),
    }


def _spots(guide: Guide, drawn: Picture, says: Mapping[Edge, str]) -> list[Spot]:
    nodes = guide.standing.modules
    following = (node.id for node in nodes if stage_of(node) is Stage.NEXT)
    first = next(following, "")
    return [_spot(node, guide, drawn, says, is_first=node.id == first) for node in nodes]


def _spot(
    node: Node, guide: Guide, drawn: Picture, says: Mapping[Edge, str], *, is_first: bool
) -> Spot:
    stage = stage_of(node)
    action, path = _action(node, stage, guide)
    return Spot(
        node=node,
        stage=stage,
        is_first_next=is_first,
        place=drawn.spots[node.id],
        lines=_lines(drawn.rails[node.id].strokes, says),
        entry=_strongest(said for edge, said in says.items() if edge.target == node.id),
        progress=_progress(node),
        done_thousandths=share(node.active_run.counts),
        has_failed=node.last_run.state == Run.STATE_FAILED and stage is not Stage.RUNNING,
        reasons=[each.text for each in guide.advise(node.blockers)],
        action=action,
        path=path,
    )


def _progress(node: Node) -> str:
    run = node.active_run
    words = "" if run.state == Run.STATE_RUNNING else f"{state_of(run).word}. "
    return words + (handled(run.counts, node.direction) if run.attempt else "")


def _action(node: Node, stage: Stage, guide: Guide) -> tuple[str, str]:
    """Return what a person does with a node next, and where; what it says is its whole name.

    Who may not do it is led there to look.
    """
    may = guide.looker.may(Role.ADMIN if stage is Stage.OFF else Role.OPERATOR)
    see = f"See {node.title}"
    if node.kind == Node.KIND_MANUAL_STEP:
        text = to_settle(node) if stage is Stage.NEXT else f"Open {node.title}"
        path = guide.mapping_page(node) if stage in (Stage.NEXT, Stage.DONE) else ""
        return text if may else see, path
    if stage is Stage.OFF:
        text = f"Turn {guide.standing.toggle_title(node.toggle)} on"
        return text if may else see, guide.toggles()
    return f"Start {node.title}" if may and stage is Stage.NEXT else see, guide.card(node)


def _meanings(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[Edge, str]:
    """Return what the line of each edge says."""
    stages = {node.id: stage_of(node) for node in nodes}
    blockers = {node.id: {each.subject for each in node.blockers} for node in nodes}
    done = {node.id for node in nodes if node.complete}
    says = {}
    for edge in edges:
        if Stage.OFF in (stages[edge.source], stages[edge.target]):
            says[edge] = "off"
        elif edge.source in blockers[edge.target]:
            says[edge] = "blocking"
        else:
            says[edge] = "done" if edge.source in done else "open"
    return says


def _lines(strokes: Sequence[Stroke], says: Mapping[Edge, str]) -> list[Line]:
    """Return lines, the strongest last, so that it is drawn over the others."""
    lines = [
        Line(
            path=stroke.path,
            says=_strongest(says[edge] for edge in stroke.edges),
            is_dashed=all(edge.is_order_only for edge in stroke.edges),
        )
        for stroke in strokes
    ]
    return sorted(lines, key=lambda line: _STRENGTHS.index(line.says))


def _strongest(says: Iterable[str]) -> str:
    return max(says, key=_STRENGTHS.index, default="")


CHAIN: Final = Fragment(id="chain", gather=_chain)
