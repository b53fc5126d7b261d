"""The arrows of a chain that are drawn: what must come before what, without the roundabout ways."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from syncline.v1.integration_pb2 import Node


@dataclass(frozen=True, order=True, kw_only=True)
class Edge:
    """One node that comes before another."""

    source: str
    target: str
    is_order_only: bool = False
    """Whether it holds only while the source is on (*after*), and turns nothing on (*requires*)."""


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A line of a picture, or a part of several that run together."""

    path: str
    """In the language of SVG."""
    edges: tuple[Edge, ...]
    """Those it is part of."""


def edges_of(nodes: Sequence[Node]) -> tuple[Edge, ...]:
    """Return the edges of a chain that no longer way says already (its transitive reduction).

    A *requires* is left out only where a way of nothing but *requires* says it.

    :param nodes: each after everything it requires or comes after.
    """
    known = {node.id for node in nodes}
    edges = [edge for node in nodes for edge in _declared(node) if edge.source in known]
    strong = [edge for edge in edges if not edge.is_order_only]
    ways, strong_ways = _ways(edges), _ways(strong)
    return tuple(
        edge for edge in edges if not _goes_round(edge, ways if edge.is_order_only else strong_ways)
    )


def _declared(node: Node) -> list[Edge]:
    required = [Edge(source=each, target=node.id) for each in dict.fromkeys(node.requires)]
    after = [each for each in dict.fromkeys(node.after) if each not in node.requires]
    return [
        *required,
        *(Edge(source=each, target=node.id, is_order_only=True) for each in after),
    ]


def _ways(edges: Collection[Edge]) -> dict[str, set[str]]:
    """Return for each node those an edge leads to."""
    ways: dict[str, set[str]] = {}
    for edge in edges:
        ways.setdefault(edge.source, set()).add(edge.target)
    return ways


def _goes_round(edge: Edge, ways: Mapping[str, Collection[str]]) -> bool:
    """Return whether there is another way than the edge itself."""
    waiting = [each for each in ways.get(edge.source, ()) if each != edge.target]
    seen = set(waiting)
    while waiting:
        reached = ways.get(waiting.pop(), ())
        if edge.target in reached:
            return True
        fresh = [each for each in reached if each not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return False
