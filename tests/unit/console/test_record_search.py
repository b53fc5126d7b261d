"""Finding one mapping by an id: how much is read for it."""

from typing import Any, cast

import pytest

from syncline_console.record_kinds import Kind
from syncline_console.record_pairs import STATES, Leaf, Theirs, Wanted
from syncline_console.record_search import find
from syncline_console.visit import Visit


class Unending:
    """A kind of which every list has a further page, and never what is looked for."""

    def __init__(self) -> None:
        self.asked: list[Wanted] = []

    def listed(self, _visit: Visit, wanted: Wanted) -> Leaf[Theirs]:
        """Return a page without anything on it."""
        self.asked.append(wanted)
        return Leaf(found=[], next_token="more")


@pytest.mark.parametrize(
    ("hint", "reads_all"), [("Kerr", False), ("", True)], ids=["hint", "no-hint"]
)
def test_all_of_them_are_read_only_where_nothing_is_known(hint: str, *, reads_all: bool) -> None:
    """A hint that does not fit any more leads to what needs a person, and no further."""
    kind = Unending()

    found = find(cast(Any, None), cast(Kind, kind), "c1", hint)

    assert found is None
    everything = [each for each in kind.asked if not each.query and each.states == STATES["all"]]
    assert bool(everything) is reads_all
    assert {each.query for each in kind.asked} == {hint, ""}
