"""The dependency chain as a graph: two kinds of edge, closures, order, cycles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter


class GraphError(ValueError):
    """The declared edges make no chain; the message names every node involved.

    :param nodes: those that declare the edges at fault.
    """

    def __init__(self, message: str, nodes: Iterable[str]) -> None:
        super().__init__(message)
        self.nodes = tuple(nodes)


@dataclass(frozen=True)
class Edges:
    """Where one node points."""

    requires: tuple[str, ...] = ()
    """Turned on with it, locked by it, and complete before it runs."""
    after: tuple[str, ...] = ()
    """Complete before it runs where they are on; neither turned on nor locked."""


class Graph:
    """A checked, frozen chain.

    :param edges: every node by name.
    :raises GraphError: an edge leads nowhere, or nodes wait for each other in a circle.
    """

    def __init__(self, edges: Mapping[str, Edges]) -> None:
        self._edges = dict(edges)
        self._refuse_dangling()
        self.order = self._sorted()
        """All nodes, prerequisites first; equally deep ones in the order they were declared."""

    def requires(self, node: str) -> tuple[str, ...]:
        """Return what this node names as required."""
        return self._edges[node].requires

    def after(self, node: str) -> tuple[str, ...]:
        """Return what this node goes after."""
        return self._edges[node].after

    def needed_by(self, nodes: Iterable[str]) -> frozenset[str]:
        """Return everything these nodes require, directly or through others, without them."""
        given = frozenset(nodes)
        return _reached(given, self.requires) - given

    def dependents(self, nodes: Iterable[str]) -> frozenset[str]:
        """Return everything that requires one of these, directly or through others."""
        given = frozenset(nodes)
        return _reached(given, self._required_by) - given

    def _required_by(self, node: str) -> tuple[str, ...]:
        return tuple(other for other in self._edges if node in self._edges[other].requires)

    def _refuse_dangling(self) -> None:
        for node, edges in self._edges.items():
            for target in (*edges.requires, *edges.after):
                if target not in self._edges:
                    raise GraphError(f"{node} depends on {target}, which does not exist", (node,))

    def _sorted(self) -> tuple[str, ...]:
        sorter = TopologicalSorter(
            {node: (*edges.requires, *edges.after) for node, edges in self._edges.items()}
        )
        try:
            sorter.prepare()
        except CycleError as error:
            circle = tuple(reversed(error.args[1]))
            raise GraphError(f"a circle: {' → '.join(circle)}", circle) from None
        declared = list(self._edges)
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=declared.index)
            order.extend(ready)
            sorter.done(*ready)
        return tuple(order)


def _reached(start: frozenset[str], neighbours: Callable[[str], Iterable[str]]) -> frozenset[str]:
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(neighbours(node))
    return frozenset(seen)
