"""Where the nodes of a chain stand in its picture, and which way its lines run.

There are two pictures: columns from left to right for wide screens, and rows from top to bottom
with lines in lanes beside them for narrow ones. Both are drawn from the same list of nodes. Lines
are paths in boxes that are stretched to whatever room the nodes take, so the units say proportions
only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import fmean
from typing import Final

from syncline_console.edges import Edge, Stroke
from syncline_console.layers import BEND, Layered, layered
from syncline_console.rail import Rail, rails

NODE_HEIGHT: Final = 4
"""Rows that a node takes; a bend takes half of it, so that lines pass close by."""
_BEND_HEIGHT: Final = 2
_COLUMN: Final = 100
_ROW: Final = 25
_MARGIN: Final = 13
"""Of a column on both sides of a node, where lines bend; the style sheet has the same."""
_WIDEST: Final = 5
"""Columns that fit beside each other; a longer chain is drawn from top to bottom everywhere."""
_SEVERAL: Final = 2
_Spot = tuple[int, int]
"""A point of the picture."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chain, laid out."""

    columns: int
    rows: int
    spots: Mapping[str, _Spot]
    """Column and first row of each node, from 0."""
    strokes: tuple[Stroke, ...]
    """Lines of the wide picture, in a box of :attr:`width` by :attr:`height`."""
    rails: Mapping[str, Rail]
    """Lines beside each node in the narrow picture."""

    @property
    def width(self) -> int:
        """Units from left to right."""
        return self.columns * _COLUMN

    @property
    def height(self) -> int:
        """Units from top to bottom."""
        return self.rows * _ROW

    @property
    def is_long(self) -> bool:
        """Whether it is drawn from top to bottom however wide the screen is."""
        return self.columns > _WIDEST


@lru_cache(maxsize=64)
def picture(order: tuple[str, ...], edges: tuple[Edge, ...]) -> Picture:
    """Return the picture of a graph.

    :param order: the nodes, each after everything that an edge leads from to it.
    """
    found = layered(order, edges)
    tops = _tops(found)
    rows = max((tops[each] + _height(each) for layer in found.layers for each in layer), default=0)
    columns = {each: depth for depth, layer in enumerate(found.layers) for each in layer}
    middles = {
        each: (columns[each] * _COLUMN, tops[each] * _ROW + _height(each) * _ROW // 2)
        for each in columns
    }
    return Picture(
        columns=len(found.layers),
        rows=rows,
        spots={node: (columns[node], tops[node]) for node in order},
        strokes=tuple(_strokes(found, middles)),
        rails=rails(order, edges),
    )


def _height(each: str) -> int:
    return _BEND_HEIGHT if BEND in each else NODE_HEIGHT


def _tops(found: Layered) -> dict[str, int]:
    """Return the first row of everything: as straight beside its neighbours as there is room."""
    rows = max((sum(map(_height, layer)) for layer in found.layers), default=0)
    near: dict[str, list[str]] = {}
    for route in found.routes.values():
        for one, other in pairwise(route):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    middles = {each: rows / 2 for layer in found.layers for each in layer}
    tops: dict[str, int] = {}
    for layers in (found.layers, found.layers[::-1], found.layers):
        for layer in layers:
            wanted = [fmean([middles[each] for each in near.get(at, [at])]) for at in layer]
            placed = _placed(wanted, [_height(at) for at in layer], rows)
            tops.update(zip(layer, placed, strict=True))
            middles.update({at: tops[at] + _height(at) / 2 for at in layer})
    return tops


def _placed(wanted: Sequence[float], heights: Sequence[int], rows: int) -> list[int]:
    """Return the tops of boxes in a column, in their order, near where their middles want to be.

    Wishes that clash are averaged, as isotonic regression does it (pool adjacent violators).
    """
    above = [sum(heights[:number]) for number in range(len(heights))]
    pools: list[tuple[float, int]] = []
    for wish, height, offset in zip(wanted, heights, above, strict=True):
        mean, size = wish - height / 2 - offset, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    free = rows - sum(heights)
    shifts = [min(max(round(mean), 0), free) for mean, size in pools for _ in range(size)]
    return [shift + offset for shift, offset in zip(shifts, above, strict=True)]


def _strokes(found: Layered, middles: Mapping[str, _Spot]) -> list[Stroke]:
    joints = _joints(found)
    joined = {edge for group in joints for edge in group}
    shared: dict[tuple[str, str], list[Edge]] = {}
    for edge, route in found.routes.items():
        for pair in pairwise(route):
            if edge not in joined:
                shared.setdefault(pair, []).append(edge)
    strokes = [
        Stroke(path=_curve(one, other, middles), edges=tuple(edges))
        for (one, other), edges in shared.items()
    ]
    return [*strokes, *(each for group in joints for each in _joint_strokes(group, middles))]


def _joints(found: Layered) -> list[list[Edge]]:
    """Return the edges that meet in one point: several nodes that all come before several others.

    Each to each would be a tangle of lines that says no more than the one point.
    """
    before: dict[str, list[Edge]] = {}
    for edge, route in found.routes.items():
        if len(route) == _SEVERAL:
            before.setdefault(edge.target, []).append(edge)
    groups: dict[tuple[tuple[str, bool], ...], list[str]] = {}
    for target, edges in before.items():
        key = tuple(sorted((edge.source, edge.is_order_only) for edge in edges))
        groups.setdefault(key, []).append(target)
    return [
        [edge for target in targets for edge in before[target]]
        for sources, targets in groups.items()
        if len(targets) >= _SEVERAL
        and len(sources) >= _SEVERAL
        and len({is_order_only for _, is_order_only in sources}) == 1
    ]


def _joint_strokes(edges: Sequence[Edge], middles: Mapping[str, _Spot]) -> list[Stroke]:
    sources = list(dict.fromkeys(edge.source for edge in edges))
    targets = list(dict.fromkeys(edge.target for edge in edges))
    x = middles[sources[0]][0] + _COLUMN
    ends = [*sources, *targets]
    y = sum(middles[each][1] for each in ends) // len(ends)
    return [
        *(
            Stroke(
                path=_line(x - _MARGIN, middles[source][1], x, y),
                edges=tuple(edge for edge in edges if edge.source == source),
            )
            for source in sources
        ),
        *(
            Stroke(
                path=_line(x, y, x + _MARGIN, middles[target][1]),
                edges=tuple(edge for edge in edges if edge.target == target),
            )
            for target in targets
        ),
    ]


def _curve(one: str, other: str, middles: Mapping[str, _Spot]) -> str:
    """Return the path to the next column, from a node or all along a bend."""
    left, y = middles[one]
    x = left + _COLUMN - _MARGIN
    start = f"M{left + _MARGIN} {y}H{x}" if BEND in one else f"M{x} {y}"
    return start + _bow(x, y, x + 2 * _MARGIN, middles[other][1])


def _line(x: int, y: int, to_x: int, to_y: int) -> str:
    return f"M{x} {y}" + _bow(x, y, to_x, to_y)


def _bow(x: int, y: int, to_x: int, to_y: int) -> str:
    """Return how a path goes on to a point, level at both ends."""
    half = (x + to_x) / 2
    return f"C{half:g} {y} {half:g} {to_y} {to_x} {to_y}" if y != to_y else f"H{to_x}"
