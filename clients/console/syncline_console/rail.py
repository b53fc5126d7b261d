"""Lines beside a list of nodes from top to bottom: each node's line runs in a lane of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syncline_console.edges import Edge, Stroke

LANE: Final = 10
"""Units from one lane to the next."""
_FOOT: Final = 100
_OUT: Final = 66
"""Where a line leaves its node, in hundredths of the node's row from its top."""
_IN: Final = 34
"""Where lines end at a node."""


@dataclass(frozen=True, kw_only=True)
class Rail:
    """The lines beside one node, in a box 100 units high."""

    lanes: int
    """How many lanes there are; the same beside every node."""
    strokes: tuple[Stroke, ...]

    @property
    def width(self) -> int:
        """Units from left to right; the node is at the right."""
        return self.lanes * LANE


@dataclass(frozen=True, kw_only=True)
class _Wire:
    """The line from a node down to the last one it leads to."""

    begin: int
    """Row of the node."""
    ends: Mapping[int, Edge]
    """The edge to each node it leads to, by row."""

    @property
    def last(self) -> int:
        return max(self.ends)


def rails(order: Sequence[str], edges: Sequence[Edge]) -> dict[str, Rail]:
    """Return the lines beside each node.

    :param order: the nodes from top to bottom, each below everything an edge leads from to it.
    """
    rows = {node: row for row, node in enumerate(order)}
    wires = [
        _Wire(begin=rows[node], ends={rows[each.target]: each for each in leaving})
        for node in order
        if (leaving := [each for each in edges if each.source == node])
    ]
    lanes = _lanes(wires)
    count = max(lanes, default=-1) + 1
    return {
        node: Rail(lanes=count, strokes=tuple(_beside(row, wires, lanes, count)))
        for node, row in rows.items()
    }


def _lanes(wires: Sequence[_Wire]) -> list[int]:
    """Return the lane of each line, from the node on: the nearest one that is free all the way.

    A line that ends at a node above where another one leaves it shares the other one's lane.
    """
    free_from: list[int] = []
    lanes = []
    for wire in wires:
        lane = next((at for at, row in enumerate(free_from) if row <= wire.begin), len(free_from))
        if lane == len(free_from):
            free_from.append(0)
        free_from[lane] = wire.last
        lanes.append(lane)
    return lanes


def _beside(row: int, wires: Sequence[_Wire], lanes: Sequence[int], count: int) -> list[Stroke]:
    strokes = []
    for wire, lane in zip(wires, lanes, strict=True):
        edge = count * LANE
        x = edge - lane * LANE - LANE // 2
        below = tuple(each for end, each in wire.ends.items() if end > row)
        if row == wire.begin:
            strokes.append(Stroke(path=f"M{edge} {_OUT}H{x}V{_FOOT}", edges=below))
        elif wire.begin < row <= wire.last:
            here = wire.ends.get(row)
            if below:
                strokes.append(Stroke(path=f"M{x} 0V{_FOOT}", edges=below))
            if here:
                strokes.append(Stroke(path=f"M{x} 0V{_IN}H{edge}", edges=(here,)))
    return strokes
