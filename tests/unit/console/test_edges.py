import pytest

from syncline.v1.integration_pb2 import Node
from syncline_console.edges import edges_of


def node(id_: str, *requires: str, after: tuple[str, ...] = ()) -> Node:
    """Return a node of a chain."""
    return Node(id=id_, requires=requires, after=after)


CHAIN = [
    node("tax_rates"),
    node("tax_mapping", "tax_rates"),
    node("contacts", after=("tax_mapping",)),
    node("items", "tax_mapping"),
    node("push", "contacts", "items", "tax_mapping"),
    node("pull", "contacts", "items", "tax_mapping"),
]


def drawn(*nodes: Node) -> list[str]:
    """Return the edges, ``>`` for requires and ``~`` for after."""
    return [
        f"{edge.source}{'~' if edge.is_order_only else '>'}{edge.target}"
        for edge in edges_of(nodes)
    ]


def test_roundabout_edges_are_left_out() -> None:
    """What items and contacts wait for is not drawn to the invoices again."""
    assert drawn(*CHAIN) == [
        "tax_rates>tax_mapping",
        "tax_mapping~contacts",
        "tax_mapping>items",
        "contacts>push",
        "items>push",
        "contacts>pull",
        "items>pull",
    ]


@pytest.mark.parametrize(
    ("middle", "last", "found"),
    [
        (node("b", "a"), node("c", "b", "a"), ["a>b", "b>c"]),
        (node("b", "a"), node("c", "b", after=("a",)), ["a>b", "b>c"]),
        (node("b", after=("a",)), node("c", "b", "a"), ["a~b", "b>c", "a>c"]),
        (node("b", after=("a",)), node("c", "b", after=("a",)), ["a~b", "b>c"]),
    ],
    ids=["strong-by-strong", "weak-by-strong", "strong-not-by-weak", "weak-by-weak"],
)
def test_only_a_way_as_strong_takes_the_place_of_an_edge(
    middle: Node, last: Node, found: list[str]
) -> None:
    """What must be on is still drawn where the longer way holds only if something is on."""
    assert drawn(node("a"), middle, last) == found


def test_edge_that_is_declared_twice_is_drawn_once() -> None:
    """Requires says all that after does."""
    assert drawn(node("a"), node("b", "a", "a", after=("a",))) == ["a>b"]


def test_nodes_that_are_not_there_have_no_edges() -> None:
    """A chain of which a part is missing is drawn as far as it is known."""
    assert drawn(node("b", "gone", after=("lost",))) == []
