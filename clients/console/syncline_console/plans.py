"""What a run would do, as a page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syncline.v1.plan_pb2 import PlanSample, SyncPlan

_WORDS: Final[Mapping[SyncPlan.Outcome, tuple[str, str]]] = {
    SyncPlan.OUTCOME_CREATE: ("New", "would be made here"),
    SyncPlan.OUTCOME_MATCH: ("Matched", "would be tied to what is here already"),
    SyncPlan.OUTCOME_UPDATE: ("Changed", "would be brought up to date here"),
    SyncPlan.OUTCOME_ARCHIVE: ("Archived", "would become inactive here"),
    SyncPlan.OUTCOME_AMBIGUOUS: ("For you to choose", "several records here fit"),
    SyncPlan.OUTCOME_REVIEW: ("For you to review", "merged, gone or changed too much"),
    SyncPlan.OUTCOME_FAIL: ("Not possible", "cannot be taken over; each would be an issue"),
    SyncPlan.OUTCOME_UNCHANGED: ("As they are", "nothing has changed"),
    SyncPlan.OUTCOME_SKIP: ("Left alone", "archived and never taken over, or taken apart by hand"),
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The records that would have one outcome."""

    title: str
    meaning: str
    count: int
    samples: Sequence[PlanSample]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run would do."""

    told: SyncPlan
    groups: Sequence[Group]
    """In the order in which they matter; those without records are left out."""


def plan_of(told: SyncPlan) -> Plan:
    """Return a plan as it is shown."""
    counts = {each.outcome: each.count for each in told.counts}
    groups = [_group(each, counts[each], told) for each in _WORDS if counts.get(each)]
    return Plan(told=told, groups=groups)


def _group(outcome: SyncPlan.Outcome, count: int, told: SyncPlan) -> Group:
    title, meaning = _WORDS[outcome]
    samples = [each for each in told.samples if each.outcome == outcome]
    return Group(title=title, meaning=meaning, count=count, samples=samples)
