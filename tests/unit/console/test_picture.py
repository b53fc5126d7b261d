"""The chain's picture, on chains drawn by hand and on random ones."""

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_console.edges import Edge
from syncline_console.layers import crossings, layered
from syncline_console.picture import NODE_HEIGHT, Picture, picture

MOST = 30


def edges(*pairs: str) -> tuple[Edge, ...]:
    """Return edges, each as ``a>b`` or ``a~b``."""
    return tuple(
        Edge(source=pair[0], target=pair[2], is_order_only=pair[1] == "~") for pair in pairs
    )


def tangle(order: str, *pairs: str) -> int:
    """Return how many lines cross in the layers."""
    found = layered(order, edges(*pairs))
    segments = list({pair for route in found.routes.values() for pair in pairwise(route)})
    return crossings(found.layers, segments)


@st.composite
def chains(draw: st.DrawFn) -> tuple[tuple[str, ...], tuple[Edge, ...]]:
    """Chains of up to thirty nodes, in an order that fits."""
    order = tuple(f"n{number}" for number in range(draw(st.integers(1, MOST))))
    possible = list(combinations(order, 2))
    chosen = draw(st.lists(st.sampled_from(possible), max_size=40, unique=True)) if possible else []
    weak = draw(st.lists(st.booleans(), min_size=len(chosen), max_size=len(chosen)))
    found = (
        Edge(source=source, target=target, is_order_only=is_weak)
        for (source, target), is_weak in zip(chosen, weak, strict=True)
    )
    return order, tuple(found)


def overlapping(drawn: Picture) -> list[tuple[str, str]]:
    """Return nodes that stand on each other."""
    return [
        (one, other)
        for (one, at), (other, there) in combinations(drawn.spots.items(), 2)
        if at[0] == there[0] and abs(at[1] - there[1]) < NODE_HEIGHT
    ]


def test_default_chain_stands_in_four_columns() -> None:
    """Rates, mapping, contacts beside items, push beside pull; the single ones in the middle."""
    pairs = ("r>m", "m~c", "m>i", "c>u", "i>u", "c>l", "i>l")

    drawn = picture(tuple("rmciul"), edges(*pairs))

    assert drawn.spots == {
        "r": (0, 2),
        "m": (1, 2),
        "c": (2, 0),
        "i": (2, 4),
        "u": (3, 0),
        "l": (3, 4),
    }
    assert (drawn.columns, drawn.rows, drawn.is_long) == (4, 8, False)


def test_several_to_several_meet_in_one_point() -> None:
    """Two modules before two others are four lines to and from a point, none of which cross."""
    drawn = picture(tuple("ciul"), edges("c>u", "i>u", "c>l", "i>l"))

    paths = [stroke.path for stroke in drawn.strokes]
    assert len(paths) == 4
    assert sum(path.endswith(" 100 100") for path in paths) == 2
    assert sum(path.startswith("M100 100") for path in paths) == 2


def test_different_kinds_do_not_meet_in_a_point() -> None:
    """Behind a point nobody could tell which line is dashed."""
    drawn = picture(tuple("ciul"), edges("c~u", "i>u", "c~l", "i>l"))

    assert all(len(stroke.edges) == 1 for stroke in drawn.strokes)


@pytest.mark.parametrize(
    ("order", "pairs"),
    [
        ("abcd", ("a>d", "b>c")),
        ("abcdef", ("a>f", "b>e", "c>d")),
        ("abcdefg", ("a>b", "a>c", "b>e", "c>d", "d>f", "e>g")),
        ("xyabcd", ("x>a", "y>b", "x>d", "a>c", "b>d")),
    ],
    ids=["two", "three", "two-ways", "long"],
)
def test_lines_do_not_cross_where_they_need_not(order: str, pairs: tuple[str, ...]) -> None:
    """The order in a column follows the lines, not the order of the chain."""
    assert tangle(order, *pairs) == 0


def test_crossings_are_counted() -> None:
    """Two lines that change sides cross, two that share an end do not."""
    assert crossings([["a", "b"], ["c", "d"]], [("a", "d"), ("b", "c")]) == 1
    assert crossings([["a", "b"], ["c", "d"]], [("a", "d"), ("b", "d")]) == 0


def test_node_stands_near_what_it_is_for() -> None:
    """What nothing comes before stands in the column before what needs it."""
    drawn = picture(tuple("abzc"), edges("a>b", "b>c", "z>c"))

    assert [drawn.spots[each][0] for each in "abcz"] == [0, 1, 2, 1]


def test_nodes_without_lines_are_a_picture() -> None:
    """They stand below each other, with nothing beside them."""
    drawn = picture(("a", "b"), ())

    assert drawn.spots == {"a": (0, 0), "b": (0, 4)}
    assert drawn.rails["a"].lanes == 0
    assert drawn.strokes == ()


def test_long_chain_is_drawn_from_top_to_bottom() -> None:
    """Six columns do not fit beside each other."""
    assert picture(tuple("abcdef"), edges(*(f"{a}>{b}" for a, b in pairwise("abcdef")))).is_long


@given(chains())
@settings(max_examples=60, deadline=None)
def test_any_chain_is_laid_out(chain: tuple[tuple[str, ...], tuple[Edge, ...]]) -> None:
    """Nothing overlaps, everything is inside, lines go forwards, and every edge is drawn."""
    order, arrows = chain

    drawn = picture(order, arrows)

    assert set(drawn.spots) == set(order)
    assert overlapping(drawn) == []
    assert all(0 <= row <= drawn.rows - NODE_HEIGHT for _, row in drawn.spots.values())
    assert drawn.rows <= MOST * NODE_HEIGHT
    assert all(drawn.spots[each.source][0] < drawn.spots[each.target][0] for each in arrows)
    assert {edge for stroke in drawn.strokes for edge in stroke.edges} == set(arrows)
    assert {e for rail in drawn.rails.values() for s in rail.strokes for e in s.edges} == set(
        arrows
    )


@given(chains())
@settings(max_examples=60, deadline=None)
def test_lanes_hold_one_line_at_a_time(chain: tuple[tuple[str, ...], tuple[Edge, ...]]) -> None:
    """In the narrow picture no two nodes' lines lie on each other below the same row."""
    order, arrows = chain

    for rail in picture(order, arrows).rails.values():
        going_on = [stroke for stroke in rail.strokes if stroke.path.endswith("V100")]
        lanes = [re.findall(r"H(\d+)V100|M(\d+) 0V100", stroke.path)[0] for stroke in going_on]
        assert len({"".join(each) for each in lanes}) == len(lanes)


def test_rail_of_the_default_chain_has_two_lanes() -> None:
    """Contacts' line runs beside that of mapping, and both lead to both invoice modules."""
    pairs = ("r>m", "m~c", "m>i", "c>u", "i>u", "c>l", "i>l")

    rails = picture(tuple("rmciul"), edges(*pairs)).rails

    assert {rail.lanes for rail in rails.values()} == {2}
    assert [stroke.path for stroke in rails["c"].strokes] == [
        "M15 0V100",
        "M15 0V34H20",
        "M20 66H5V100",
    ]
