"""Which of our records a provider's record is: by code, then by e-mail, then by name, or none.

Never a guess: whatever fits twice is left to a person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What to do with a provider's record that has no mapping yet."""

    MAP = "MAP"  # exactly one of ours fits
    CREATE = "CREATE"  # none fits
    AMBIGUOUS = "AMBIGUOUS"  # several fit, or several records want the same one


class Decision(NamedTuple):
    """The outcome for one record, with the ids of ours it is about."""

    outcome: Outcome
    ids: tuple[str, ...] = ()


class Keys(NamedTuple):
    """What a record is recognised by; empty keys recognise nothing."""

    id: str
    codes: tuple[str, ...] = ()
    email: str = ""
    name: str = ""


CREATE = Decision(Outcome.CREATE)
"""The decision for a record that none of ours fits."""


def key(text: str) -> str:
    """Return text as it is compared: whatever its case, with single spaces."""
    return " ".join(text.split()).casefold()


def match(theirs: Sequence[Keys], ours: Iterable[Keys]) -> dict[str, Decision]:
    """Decide a page of records that have no mapping.

    :param theirs: the provider's records, each id once.
    :param ours: the candidates; none that is mapped to another record of the same organisation.
    :returns: a decision for every id of ``theirs``.
    """
    index = _Index(ours)
    decisions = {record.id: _decide(index.fitting(record)) for record in theirs}
    claims = Counter(
        decision.ids for decision in decisions.values() if decision.outcome is Outcome.MAP
    )
    contested = {ids for ids, count in claims.items() if count > 1}
    if not contested:
        return decisions
    return {
        id_: Decision(Outcome.AMBIGUOUS, decision.ids) if decision.ids in contested else decision
        for id_, decision in decisions.items()
    }


def _decide(ids: Sequence[str]) -> Decision:
    if not ids:
        return CREATE
    return Decision(Outcome.MAP if len(ids) == 1 else Outcome.AMBIGUOUS, tuple(ids))


class _Index:
    """Candidates by each of their keys."""

    def __init__(self, ours: Iterable[Keys]) -> None:
        self._codes: dict[str, list[str]] = defaultdict(list)
        self._emails: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        for record in ours:
            for code in record.codes:
                self._codes[code].append(record.id)
            self._emails[record.email].append(record.id)
            self._names[record.name].append(record.id)

    def fitting(self, record: Keys) -> list[str]:
        """Return the candidates at the first level that has any, in order of their ids."""
        levels = (
            {id_ for code in record.codes if code for id_ in self._codes.get(code, ())},
            set(self._emails.get(record.email, ()) if record.email else ()),
            set(self._names.get(record.name, ()) if record.name else ()),
        )
        return next((sorted(level) for level in levels if level), [])
