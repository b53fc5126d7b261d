import itertools

import pytest
from hypothesis import given, settings

from random_chains import all_required, chains
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.graph import Edges, Graph, GraphError


def test_prerequisites_come_first_and_equals_as_declared() -> None:
    """Order is by depth, and by declaration among equally deep nodes."""
    graph = Graph(
        {
            "invoices": Edges(requires=("items", "contacts")),
            "contacts": Edges(after=("tax",)),
            "items": Edges(requires=("tax",)),
            "notes": Edges(),
            "tax": Edges(),
        }
    )

    assert graph.order == ("notes", "tax", "contacts", "items", "invoices")


def test_edge_to_nowhere_is_refused_naming_both_ends() -> None:
    """An edge of either kind must lead to a node that exists."""
    with pytest.raises(GraphError, match="items depends on taxes, which does not exist") as refused:
        Graph({"items": Edges(after=("taxes",))})

    assert refused.value.nodes == ("items",)


@pytest.mark.parametrize(
    ("edges", "circle"),
    [
        pytest.param({"a": Edges(requires=("a",))}, {"a"}, id="itself"),
        pytest.param({"a": Edges(requires=("b",)), "b": Edges(after=("a",))}, {"a", "b"}, id="two"),
        pytest.param(
            {
                "x": Edges(requires=("a",)),
                "a": Edges(requires=("b",)),
                "b": Edges(after=("c",)),
                "c": Edges(requires=("a",)),
            },
            {"a", "b", "c"},
            id="three-with-a-bystander",
        ),
    ],
)
def test_circle_is_named_in_full(edges: dict[str, Edges], circle: set[str]) -> None:
    """A circle over either kind of edge is told from end to end, without bystanders."""
    with pytest.raises(GraphError) as refused:
        Graph(edges)

    path = str(refused.value).removeprefix("a circle: ").split(" → ")
    assert path[0] == path[-1]
    assert set(path) == circle == set(refused.value.nodes)
    assert all(there in (*edges[here].requires, *edges[here].after) for here, there in _pairs(path))


@settings(deadline=None, max_examples=60)
@given(chains())
def test_closures_reach_everything_and_mirror_each_other(chain: ProviderCatalogue) -> None:
    """What a node needs is all that it requires at any depth; dependents are the other way."""
    graph = chain.graph
    for name in chain.nodes:
        assert graph.needed_by((name,)) == all_required(chain, name)
        assert graph.dependents((name,)) == {
            other for other in chain.nodes if name in all_required(chain, other)
        }


@settings(deadline=None, max_examples=60)
@given(chains())
def test_order_puts_every_edge_forward(chain: ProviderCatalogue) -> None:
    """In the order of the chain each node comes behind everything it points to."""
    order = chain.graph.order
    assert tuple(chain.nodes) == order
    for name, node in chain.nodes.items():
        assert all(order.index(each) < order.index(name) for each in (*node.requires, *node.after))


def _pairs(path: list[str]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(path))
