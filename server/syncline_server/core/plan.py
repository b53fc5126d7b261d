"""What a run would do, told before it does it: counts by outcome, and a few records of each."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from syncline_sdk import RecordKind

MOST_SAMPLES: Final = 20
"""Records told of each outcome."""


class PlanOutcome(StrEnum):
    """What a run would do with a record; each record has one."""

    CREATE = "CREATE"  # a local record is made
    MATCH = "MATCH"  # a local record that fits is mapped, and follows from then on
    UPDATE = "UPDATE"  # the local record follows
    ARCHIVE = "ARCHIVE"  # the local record becomes inactive
    UNCHANGED = "UNCHANGED"
    AMBIGUOUS = "AMBIGUOUS"  # several fit: a person chooses
    REVIEW = "REVIEW"  # a mapping a person must look at again
    SKIP = "SKIP"  # left alone
    FAIL = "FAIL"  # cannot be processed


_ORDER: Final = {outcome: place for place, outcome in enumerate(PlanOutcome)}


@dataclass(frozen=True, kw_only=True)
class PlanSample:
    """One record, with what would become of it."""

    outcome: PlanOutcome
    kind: RecordKind
    record_id: str
    """The provider's."""
    record_name: str
    local_id: str = ""
    """Of our record it concerns; empty when there is none yet."""
    candidates: tuple[str, ...] = ()
    """Ids of ours that fit, when it is AMBIGUOUS."""
    changed_fields: tuple[str, ...] = ()
    """Fields that would get another value, as they are called on the wire."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run would do."""

    complete: bool
    """Whether everything the run would read was read."""
    calls: int
    """Calls to the provider the run would make."""
    total: int
    """Records the run would fetch; 0 while that is unknown."""
    counts: Mapping[PlanOutcome, int]
    samples: tuple[PlanSample, ...]
    read_since: datetime | None
    """Where the run would read from; None is a full read."""


class Sketch:
    """A plan while it is made."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(PlanOutcome, 0)
        self.samples: list[PlanSample] = []
        self.read = 0
        """Records the module has handed over."""
        self.told = 0
        """How many it said there are; 0 before it did."""

    def count(self, outcome: PlanOutcome, records: int = 1) -> None:
        """Count records of which nothing more is told."""
        self.counts[outcome] += records

    def add(self, outcome: PlanOutcome, sample: Callable[[], PlanSample]) -> None:
        """Count a record, and ask for its sample while there is room."""
        self.count(outcome)
        if self.counts[outcome] <= MOST_SAMPLES:
            self.samples.append(sample())

    def plan(self, calls: int, read_since: datetime | None, *, complete: bool) -> Plan:
        """Return the plan as far as it is known.

        :param calls: made so far.
        """
        rest = self.read if complete else 0
        return Plan(
            complete=complete,
            calls=calls if complete else _extrapolated(calls, self.read, self.told),
            total=self.told or rest,
            counts=self.counts,
            samples=tuple(sorted(self.samples, key=_place)),
            read_since=read_since,
        )


def _place(sample: PlanSample) -> int:
    return _ORDER[sample.outcome]


def _extrapolated(calls: int, read: int, total: int) -> int:
    """Return the calls for all records, from those made for the ones that were read."""
    return max(calls, math.ceil(calls * total / read)) if read else calls
