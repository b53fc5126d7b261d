from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_server.core.access import Credentials
from syncline_server.core.audit import (
    GENESIS,
    MOST_NAMES,
    REMOVED,
    Act,
    Actor,
    Draft,
    Fault,
    Head,
    Walk,
    linked,
    read,
    removal,
)

MIA = Actor(subject="t1", title="Mia", credentials=Credentials.ACCESS_TOKEN, peer="192.0.2.7")
ACT = Act(actor=MIA, method="UpdateSettings", workspace="acme", names=("workspaces/acme",))

Stored = tuple[int, str, str]
"""Number, text and hash."""
Chain = list[Stored]


def chained(*drafts: Draft, after: Head | None = None) -> Chain:
    """Return the chain of these entries."""
    head = after or Head()
    found = []
    for draft in drafts:
        text = draft.at(head.number + 1).text()
        head = Head(head.number + 1, linked(head.hash, text))
        found.append((head.number, text, head.hash))
    return found


def of_length(length: int) -> Chain:
    """Return a chain of so many entries, each unlike the others."""
    return chained(*(Draft(act=ACT, time=1_000 + number) for number in range(length)))


def end_of(chain: Chain) -> Head:
    """Return a chain's head."""
    return Head(chain[-1][0], chain[-1][2]) if chain else Head()


def check(chain: Chain, walk: Walk | None = None, end: Head | None = None) -> Fault | None:
    """Return what is wrong with a chain first."""
    follows = walk or Walk(chain="acme")
    for stored in chain:
        if fault := follows.take(*stored):
            return fault
    return follows.end(end or end_of(chain))


def altered(stored: Stored) -> Stored:
    """Return an entry of which somebody else is said to have done it."""
    number, text, hash_ = stored
    return number, text.replace('"Mia"', '"Eve"'), hash_


def test_what_was_written_is_right() -> None:
    """A chain nobody touched has no fault, and ends at its head."""
    chain = of_length(5)
    walk = Walk(chain="acme")

    assert check(chain, walk) is None
    assert walk.head == end_of(chain)


def test_empty_chain_is_right() -> None:
    """Where nothing was done there is nothing wrong."""
    assert check([]) is None


@pytest.mark.parametrize(
    ("tamper", "number"),
    [
        (lambda chain: [*chain[:2], altered(chain[2]), *chain[3:]], 3),
        (lambda chain: [*chain[:2], *chain[3:]], 3),
        (lambda chain: chain[1:], 1),
        (lambda chain: [*chain[:2], chain[3], chain[2], chain[4]], 3),
        (lambda chain: [*chain[:3], chain[2], *chain[3:]], 3),
        (lambda chain: [*chain[:2], (3, chain[3][1], chain[2][2]), *chain[3:]], 3),
        (lambda chain: [*chain[:2], (3, chain[1][1], chain[1][2]), *chain[3:]], 3),
        (lambda chain: [*chain[:2], (3, "not JSON", chain[2][2]), *chain[3:]], 3),
    ],
    ids=[
        "altered",
        "missing",
        "first missing",
        "reordered",
        "twice",
        "another's text",
        "a copy",
        "no entry",
    ],
)
def test_tampering_is_found_where_it_is(tamper: Callable[[Chain], Chain], number: int) -> None:
    """The first entry that is not as it was written is named."""
    chain = of_length(5)

    fault = check(tamper(chain), end=end_of(chain))

    assert fault is not None
    assert (fault.chain, fault.number) == ("acme", number)


def test_a_cut_end_is_found_by_the_head() -> None:
    """Entries that are missing at the end are missed by what the head says."""
    chain = of_length(5)

    assert check(chain[:3], end=end_of(chain)) == Fault(
        chain="acme", number=4, text="is missing: the end was cut off"
    )


def test_a_rewritten_history_is_found_by_an_anchor() -> None:
    """A chain that was recomputed as a whole fits itself, and no hash that was kept elsewhere."""
    chain = of_length(5)
    eve = replace(ACT, actor=msgspec.structs.replace(MIA, title="Eve"))
    forged = chained(*(Draft(act=eve, time=1_000 + number) for number in range(5)))
    anchors = {3: chain[2][2]}

    assert check(forged) is None
    assert check(chain, Walk(chain="acme", anchors=anchors)) is None
    fault = check(forged, Walk(chain="acme", anchors=anchors))
    assert fault is not None
    assert fault.number == 3


def test_a_cut_end_whose_head_was_put_back_is_found_by_an_anchor() -> None:
    """A chain that is shorter than it is known to have been lacks what is behind its end."""
    chain = of_length(5)

    fault = check(chain[:3], Walk(chain="acme", anchors={5: chain[4][2]}))

    assert fault is not None
    assert fault.number == 4


def test_removed_entries_leave_a_chain_that_is_right() -> None:
    """What stands behind a checkpoint is followed from the last hash that was removed."""
    chain = of_length(5)
    point = Head(3, chain[2][2])
    told = chained(removal(replace(ACT, method=REMOVED), 2_000, point, "old"), after=end_of(chain))
    left = [*chain[3:], *told]

    assert check(left, Walk(chain="acme", checkpoint=point)) is None
    assert check(left, Walk(chain="acme", checkpoint=point, anchors={3: point.hash})) is None


@pytest.mark.parametrize("anchors", [{}, {3: "0" * 64}], ids=["untold", "another hash"])
def test_a_removal_that_nobody_told_is_a_fault(anchors: dict[int, str]) -> None:
    """A checkpoint needs its entry in the chain, and the hash that an anchor knows."""
    chain = of_length(5)
    point = Head(3, chain[2][2])
    told = chained(removal(replace(ACT, method=REMOVED), 2_000, point, "old"), after=end_of(chain))
    left = [*chain[3:], *told] if anchors else chain[3:]

    fault = check(left, Walk(chain="acme", checkpoint=point, anchors=anchors))

    assert fault is not None
    assert fault.number == 3


def test_an_entry_is_bounded() -> None:
    """Long texts and lists are cut, and what was left out of a list is counted."""
    names = tuple(f"workspaces/acme/customers/{number}" for number in range(MOST_NAMES + 3))
    edit = ("options.note", "x" * 5_000, "y" * 5_000)
    draft = Draft(act=replace(ACT, names=names), time=1, edits=(edit,) * 500)

    entry = draft.at(1)

    assert len(entry.names) == MOST_NAMES
    assert entry.more_names == 3
    assert len(entry.text()) < 60_000


def test_the_hash_is_as_documented() -> None:
    """Whoever has SHA-256 follows a chain without this code."""
    (_, text, hash_) = of_length(1)[0]

    assert text.startswith('{"chain":"acme","number":1,"time":1000,"stage":"DONE","code":"OK"')
    assert hash_ == linked(GENESIS, text)
    assert read(text) is not None


@settings(deadline=None)
@given(
    texts=st.lists(st.text(max_size=20), min_size=1, max_size=8),
    where=st.integers(min_value=0),
    bit=st.integers(min_value=0),
)
def test_any_changed_character_is_found(texts: list[str], where: int, bit: int) -> None:
    """Whatever an entry says, no character of any entry can be another one unseen."""
    drafts = [Draft(act=replace(ACT, request_id=text), time=1) for text in texts]
    chain = chained(*drafts)
    index = where % len(chain)
    number, text, hash_ = chain[index]
    place = bit % len(text)
    other = "b" if text[place] == "a" else "a"
    changed = (number, text[:place] + other + text[place + 1 :], hash_)

    fault = check([*chain[:index], changed, *chain[index + 1 :]], end=end_of(chain))

    assert fault is not None
    assert fault.number == number
