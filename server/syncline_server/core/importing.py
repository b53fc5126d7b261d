"""Judging a batch of records that a caller knows by ids of its own, each for itself.

A record that is known is set to what was given, but for two things. What was imported last and is
given again unchanged is no wish: so a batch can be run again, whatever people and providers have
made of its records since. And what a provider owns is not changed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from syncline_server.core import names
from syncline_server.core.checks import Checks
from syncline_server.core.errors import AlreadyExists, InvalidArgument, Reason, Refusal, Violation
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.matching import key
from syncline_server.core.ownership import Master, refuse_imported, refuse_owned

MOST_RECORDS = 1_000
"""How many one batch has at most."""

_FINGERPRINTER = Fingerprinter(())


class Outcome(StrEnum):
    """What becomes of one record."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


class Draft(Protocol):
    """A record as a caller writes it."""

    @property
    def workspace(self) -> str:
        """Where it belongs."""

    @property
    def external_id(self) -> str:
        """Its id in the caller's own system."""


class Record(Protocol):
    """A record as it is stored."""

    @property
    def workspace(self) -> str:
        """Where it belongs."""

    @property
    def id(self) -> str:
        """Its id in the workspace."""

    @property
    def external_id(self) -> str:
        """Its id in the caller's own system."""


D = TypeVar("D", bound=Draft)
R = TypeVar("R", bound=Record)

Marks = Mapping[str, str]
"""What was imported, by field: a fingerprint of each value that said more than the default."""


def marks_of(draft: D, blank: D, fields: Collection[str]) -> Marks:
    """Return what is to be remembered of a record as it was imported.

    :param blank: a draft of which nothing is written.
    """
    given = {name: getattr(draft, name) for name in fields}
    return {
        name: _FINGERPRINTER.of(value)
        for name, value in given.items()
        if value != getattr(blank, name) and not _is_hollow(value)
    }


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[D, R]):
    """What differs between customers, products, tax codes and invoices."""

    noun: str
    """What one is called in paths of fields, ``tax_code``."""
    nouns: str
    """What many are called there, ``tax_codes``."""
    collection: str
    """As in resource names, ``taxCodes``."""
    key: str
    """The field that no two may share: code, SKU or number."""
    key_title: str
    """What people call it."""
    blank: D
    """A draft of which nothing is written."""
    fields: tuple[str, ...]
    """What can be imported."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What those fields are called in the record that are not called as in the draft."""
    new: Callable[[D], R]
    """Makes a record; raises InvalidArgument."""
    change: Callable[[R, D, Collection[str]], R]
    """Sets fields of a record; raises what forbids it."""


@dataclass(frozen=True, kw_only=True)
class Found(Generic[R]):
    """What is stored of a batch: the records that have one of its external ids or keys."""

    records: Collection[R]
    imported: Mapping[str, Marks]
    """What was imported of them last, by id."""
    owned: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The fields of each that its provider owns now, by id."""
    master: Master | None = None
    """Who owns them, and alone makes new ones."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What becomes of one record."""

    external_id: str
    outcome: Outcome
    name: str = ""
    """The record's resource name; empty when it was refused."""
    refusal: Refusal | None = None
    """Why it was refused."""


class Batch(Generic[D, R]):
    """Judges one record after the other, and gathers what is to be written.

    :param adopt: whether a record without an external id is taken over by its key.
    """

    def __init__(self, kind: Kind[D, R], found: Found[R], *, adopt: bool) -> None:
        self._kind = kind
        self._found = found
        self._adopt = adopt
        self._known = {each.external_id: each for each in found.records}
        self._holders: dict[str, list[R]] = defaultdict(list)
        for each in found.records:
            self._holders[self._key(each)].append(each)
        self._seen: dict[str, int] = {}
        self._claimed: dict[str, int] = {}
        self.results: list[Result] = []
        """One for each that was judged, in their order."""
        self.created: list[R] = []
        self.updated: list[R] = []
        self.marks: dict[str, Marks] = {}
        """What to remember as imported, by id."""

    def judge(self, draft: D) -> None:
        """Judge one record."""
        try:
            outcome, record = self._judge(draft)
        except Refusal as refusal:
            result = Result(external_id=draft.external_id, outcome=Outcome.REFUSED, refusal=refusal)
        else:
            name = names.record(record.workspace, self._kind.collection, record.id)
            result = Result(external_id=draft.external_id, outcome=outcome, name=name)
        self.results.append(result)

    def _judge(self, draft: D) -> tuple[Outcome, R]:
        self._refuse_without_id(draft)
        marks = marks_of(draft, self._kind.blank, self._kind.fields)
        before = self._known.get(draft.external_id) or self._adopted(draft)
        if before is None:
            return Outcome.CREATED, self._create(draft, marks)
        if marks == self._found.imported.get(before.id):
            return Outcome.UNCHANGED, before
        after = self._change(before, draft, marks)
        self.marks[before.id] = marks
        if after == before:
            return Outcome.UNCHANGED, before
        self.updated.append(after)
        return Outcome.UPDATED, after

    def _refuse_without_id(self, draft: D) -> None:
        first = self._seen.setdefault(draft.external_id, len(self.results))
        if not draft.external_id:
            problem = "is required"
        elif first != len(self.results):
            problem = f"is that of {self._kind.nouns}[{first}], too"
        else:
            return
        violation = Violation(field=f"{self._kind.noun}.external_id", description=problem)
        raise InvalidArgument([violation, *self._violations(draft)])

    def _violations(self, draft: D) -> Sequence[Violation]:
        try:
            self._kind.new(draft)
        except InvalidArgument as refusal:
            return refusal.violations
        return ()

    def _adopted(self, draft: D) -> R | None:
        wanted = self._key(draft)
        holders = self._holders.get(wanted, [])
        if not self._adopt or not wanted or wanted in self._claimed or len(holders) != 1:
            return None
        (holder,) = holders
        return None if holder.external_id else holder

    def _create(self, draft: D, marks: Marks) -> R:
        record = self._kind.new(draft)
        self._refuse_taken(record)
        if self._found.master is not None:
            refuse_imported(self._found.master, self._kind.nouns.replace("_", " "))
        self._claim(record)
        self.created.append(record)
        self.marks[record.id] = marks
        return record

    def _change(self, before: R, draft: D, marks: Marks) -> R:
        owned = self._found.owned.get(before.id, ())
        last = self._found.imported.get(before.id, {})
        wanted = [
            name
            for name in self._kind.fields
            if name not in owned or (name in marks and marks[name] != last.get(name))
        ]
        after = self._kind.change(before, draft, wanted)
        changed = [name for name in owned if self._get(before, name) != self._get(after, name)]
        refuse_owned(self._found.master, owned, changed)
        if self._key(after) != self._key(before):
            self._refuse_taken(after)
        self._claim(after)
        return after

    def _refuse_taken(self, record: R) -> None:
        """Refuse a key that another has; one that is given up meanwhile is free the next time."""
        kind, wanted = self._kind, self._key(record)
        if not wanted:
            return
        if wanted in self._claimed:
            checks = Checks(kind.noun)
            checks.wrong(kind.key, f"is that of {kind.nouns}[{self._claimed[wanted]}], too")
            checks.refuse()
        others = [each for each in self._holders.get(wanted, []) if each.id != record.id]
        if others:
            name = names.record(record.workspace, kind.collection, others[0].id)
            message = f"{name} has this {kind.key_title}"
            message += (
                ", and another external id."
                if others[0].external_id
                else ": set its external_id, or have it adopted."
            )
            raise AlreadyExists(Reason.ALREADY_EXISTS, message, name)

    def _claim(self, record: R) -> None:
        self._claimed.setdefault(self._key(record), len(self.results))

    def _key(self, of: D | R) -> str:
        return key(getattr(of, self._kind.key))

    def _get(self, record: R, name: str) -> object:
        return getattr(record, self._kind.attributes.get(name, name))


def _is_hollow(value: object) -> bool:
    """Return whether a value has parts, all of them empty: an address of which nothing is said."""
    return isinstance(value, tuple) and not any(value)
