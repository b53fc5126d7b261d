"""Nodes in columns from left to right, ordered so that few lines cross and most are short.

The method is that of Sugiyama, Tagawa and Toda ("Methods for Visual Understanding of Hierarchical
System Structures", 1981): longest paths give the layers, a long edge gets a bend in each layer it
passes, and sweeps by barycentres order each layer. Long edges of one node share their bends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Final

from syncline_console.edges import Edge

BEND: Final = "@"
"""In the id of every bend, and in that of no node."""
_SWEEPS: Final = 12
_Layers = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Layered:
    """What stands in which layer, from top to bottom."""

    layers: tuple[tuple[str, ...], ...]
    """Ids of nodes, and of bends of edges that pass."""
    routes: Mapping[Edge, tuple[str, ...]]
    """What each edge goes through: its source, a bend in each layer between, its target."""


def layered(order: Sequence[str], edges: Sequence[Edge]) -> Layered:
    """Return the layers of a graph.

    :param order: the nodes, each after everything that an edge leads from to it.
    """
    depths = _depths(order, edges)
    layers: _Layers = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for node in order:
        layers[depths[node]].append(node)
    routes = {edge: _route(edge, depths) for edge in edges}
    for edge, route in routes.items():
        for depth, bend in enumerate(route[1:-1], depths[edge.source] + 1):
            if bend not in layers[depth]:
                layers[depth].append(bend)
    segments = list({pair: None for route in routes.values() for pair in pairwise(route)})
    return Layered(layers=tuple(map(tuple, _untangled(layers, segments))), routes=routes)


def crossings(layers: Sequence[Sequence[str]], segments: Sequence[tuple[str, str]]) -> int:
    """Return how many pairs of lines cross.

    :param segments: lines, each from one layer to the next.
    """
    place = {each: row for layer in layers for row, each in enumerate(layer)}
    depth = {each: number for number, layer in enumerate(layers) for each in layer}
    return sum(
        (place[a] - place[c]) * (place[b] - place[d]) < 0
        for number, (a, b) in enumerate(segments)
        for c, d in segments[number + 1 :]
        if depth[a] == depth[c]
    )


def _depths(order: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return the layer of each node; one that nothing comes before stands near what it is for."""
    before: dict[str, list[str]] = {node: [] for node in order}
    behind: dict[str, list[str]] = {node: [] for node in order}
    for edge in edges:
        before[edge.target].append(edge.source)
        behind[edge.source].append(edge.target)
    depths: dict[str, int] = {}
    for node in order:
        depths[node] = max((depths[each] + 1 for each in before[node]), default=0)
    for node in order:
        if behind[node] and not before[node]:
            depths[node] = min(depths[each] for each in behind[node]) - 1
    return depths


def _route(edge: Edge, depths: Mapping[str, int]) -> tuple[str, ...]:
    between = range(depths[edge.source] + 1, depths[edge.target])
    bends = (f"{edge.source}{BEND}{depth}" for depth in between)
    return (edge.source, *bends, edge.target)


def _untangled(layers: _Layers, segments: Sequence[tuple[str, str]]) -> _Layers:
    """Return the layers in the best order that sweeps to and fro find."""
    forth, back = _neighbours(segments, target=1), _neighbours(segments, target=0)
    best, fewest = layers, crossings(layers, segments)
    current = layers
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        current = _swept(current, back if sweep % 2 else forth, is_back=bool(sweep % 2))
        current = _swapped(current, segments)
        count = crossings(current, segments)
        if count < fewest:
            best, fewest = current, count
    return best


def _neighbours(segments: Sequence[tuple[str, str]], *, target: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in segments:
        found.setdefault(pair[target], []).append(pair[1 - target])
    return found


def _swept(layers: _Layers, neighbours: Mapping[str, Sequence[str]], *, is_back: bool) -> _Layers:
    """Return the layers ordered one by one, each by where the one before it ties it to."""
    places = {each: float(row) for layer in layers for row, each in enumerate(layer)}
    swept = [list(layer) for layer in layers]
    for layer in reversed(swept) if is_back else swept:
        wanted = {
            each: fmean([places[near] for near in neighbours.get(each, [each])]) for each in layer
        }
        layer.sort(key=wanted.__getitem__)
        places.update({each: float(row) for row, each in enumerate(layer)})
    return swept


def _swapped(layers: _Layers, segments: Sequence[tuple[str, str]]) -> _Layers:
    """Return the layers with neighbours exchanged wherever that unties something."""
    swapped = [list(layer) for layer in layers]
    count = crossings(swapped, segments)
    for layer in swapped:
        for row in range(len(layer) - 1):
            layer[row], layer[row + 1] = layer[row + 1], layer[row]
            changed = crossings(swapped, segments)
            if changed < count:
                count = changed
            else:
                layer[row], layer[row + 1] = layer[row + 1], layer[row]
    return swapped
