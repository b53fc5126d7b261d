"""Finding one mapping by the id of the provider's record: the API has no call for just one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from syncline_console.record_kinds import Kind
from syncline_console.record_pairs import STATES, Ours, Theirs, Wanted
from syncline_console.visit import Visit

_FIRST_SIZE: Final = 100
"""As many as count as one call; mostly there are no more."""
_SIZE: Final = 1000
_MOST_PAGES: Final = 20
"""Of one search: a page of the console is not to read a hundred thousand records."""
_MOST_ASKED: Final = 5


def find(visit: Visit, kind: Kind, id_: str, hint: str) -> Theirs | None:
    """Return the mapping of a record of the provider.

    :param hint: words that are in its name, code or e-mail address; empty when nothing is known.
    :returns: None where there is none, or none among the first 19,100 that are looked through; with
        a hint, only what has its words or needs a person is.
    """
    searches = [Wanted(query=hint)] if hint else []
    # Whoever comes here with no hint, or one that fits no more, comes to settle something, and of
    # those there are few; of all of them there are too many to read for a hint that does not fit.
    states = ("settle", "unmapped") if hint else ("settle", "unmapped", "all")
    searches += [Wanted(states=STATES[each]) for each in states]
    for wanted in searches:
        for each in _through(visit, kind, wanted):
            if each.id == id_:
                return each
    return None


def takers(visit: Visit, kind: Kind, found: Sequence[Ours], query: str) -> dict[str, Theirs]:
    """Return which records of the provider have some of ours already, by our resource name.

    A few calls at most, so some may be left out.

    :param query: what ours were found by; empty when by something else.
    """
    taken = [each for each in found if each.mapped_to]
    searches = [query] if query else [each.title.strip()[:200] for each in taken[:_MOST_ASKED]]
    known: dict[str, Theirs] = {}
    for each in searches if taken else ():
        listed = kind.listed(visit, Wanted(query=each, size=_FIRST_SIZE)).found
        known |= {theirs.ours: theirs for theirs in listed if theirs.ours}
    return known


def _through(visit: Visit, kind: Kind, wanted: Wanted) -> Iterator[Theirs]:
    page = replace(wanted, size=_FIRST_SIZE)
    for _ in range(_MOST_PAGES):
        leaf = kind.listed(visit, page)
        yield from leaf.found
        if not leaf.next_token:
            return
        page = replace(wanted, size=_SIZE, token=leaf.next_token)
