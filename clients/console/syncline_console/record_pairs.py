"""A provider's record beside the one of ours it is mapped to, whichever kind it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from syncline.v1.mapping_pb2 import (
    RECORD_MAPPING_STATE_AMBIGUOUS,
    RECORD_MAPPING_STATE_MAPPED,
    RECORD_MAPPING_STATE_NEEDS_REVIEW,
    RECORD_MAPPING_STATE_UNMAPPED,
    RecordMappingState,
)

T = TypeVar("T")
NAME: Final = "Name"

STATES: Final[dict[str, tuple[RecordMappingState, ...]]] = {
    "settle": (RECORD_MAPPING_STATE_AMBIGUOUS, RECORD_MAPPING_STATE_NEEDS_REVIEW),
    "ambiguous": (RECORD_MAPPING_STATE_AMBIGUOUS,),
    "review": (RECORD_MAPPING_STATE_NEEDS_REVIEW,),
    "unmapped": (RECORD_MAPPING_STATE_UNMAPPED,),
    "mapped": (RECORD_MAPPING_STATE_MAPPED,),
    "all": (),
}
"""What each list holds; the first is what a person has to do something about."""


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """A record of the provider, and how its mapping stands."""

    id: str
    title: str
    code: str
    email: str = ""
    is_active: bool
    state: RecordMappingState
    ours: str
    """Resource name of what it is mapped to; empty when it is to nothing."""
    ours_title: str
    ours_code: str
    candidates: tuple[str, ...]
    """Resource names of what fits where several do."""
    is_detached: bool
    review_reason: str
    etag: str

    @property
    def is_ambiguous(self) -> bool:
        """Whether several records of ours fit."""
        return self.state == RECORD_MAPPING_STATE_AMBIGUOUS

    @property
    def needs_review(self) -> bool:
        """Whether it vanished or was merged since it was mapped."""
        return self.state == RECORD_MAPPING_STATE_NEEDS_REVIEW

    @property
    def words(self) -> str:
        """What ours is likely called: a search of the API takes 200 characters at most."""
        return (self.title.strip() or self.code or self.email)[:200]


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A record of ours, and what tells it from others."""

    name: str
    """Resource name."""
    title: str
    facts: tuple[tuple[str, str], ...]
    """Label and value, the same labels in the same order for all of a kind."""
    mapped_to: str
    """Resource name of the mapping that has it; empty when none has."""
    is_active: bool

    @property
    def taker(self) -> str:
        """Id of the provider's record that has it; empty when none has."""
        return self.mapped_to.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Leaf(Generic[T]):
    """One page of a listing."""

    found: Sequence[T]
    next_token: str
    """Where the next one begins; empty on the last."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which page of a listing."""

    query: str = ""
    """At most 200 characters."""
    states: tuple[RecordMappingState, ...] = ()
    """Of mappings; empty is any."""
    token: str = ""
    size: int = 50


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One value of a record of ours, held against the provider's record and other candidates."""

    label: str
    value: str
    mark: str
    """``same`` or ``other`` than the provider has, ``apart`` where only candidates can be told
    from each other by it, or empty."""


def compare(theirs: Theirs, candidates: Sequence[Ours], *, fit: bool) -> list[list[Fact]]:
    """Return the facts of each candidate, marked, so that a person can tell them apart.

    What none of them has is left out, but for the name. Case and spaces do not matter, as in
    matching.

    :param fit: whether all of them fit, so that it matters what they differ in; among what is
        merely found, only what is the same is worth a word.
    """
    known = {NAME: theirs.title, "Code": theirs.code, "SKU": theirs.code, "E-mail": theirs.email}
    columns = list(zip(*(each.facts for each in candidates), strict=True))
    told = [column for column in columns if column[0][0] == NAME or any(v for _, v in column)]
    marked = [_marked(column, known.get(column[0][0], ""), fit=fit) for column in told]
    return [list(facts) for facts in zip(*marked, strict=True)]


def _marked(column: Sequence[tuple[str, str]], theirs: str, *, fit: bool) -> list[Fact]:
    is_split = fit and len({_key(value) for _, value in column}) > 1
    return [
        Fact(label=label, value=value, mark=_mark(theirs, value, is_split=is_split, fit=fit))
        for label, value in column
    ]


def _mark(theirs: str, ours: str, *, is_split: bool, fit: bool) -> str:
    if theirs and _key(theirs) == _key(ours):
        return "same"
    if theirs and ours and fit:
        return "other"
    return "apart" if is_split else ""


def _key(text: str) -> str:
    return "".join(text.split()).casefold()
