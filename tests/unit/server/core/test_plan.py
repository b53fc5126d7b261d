import pytest

from syncline_sdk import RecordKind
from syncline_server.core.plan import MOST_SAMPLES, PlanOutcome, PlanSample, Sketch


def a_sample(outcome: PlanOutcome, number: int = 0) -> PlanSample:
    """Return a sample of this outcome."""
    return PlanSample(
        outcome=outcome, kind=RecordKind.CONTACT, record_id=str(number), record_name=""
    )


def test_samples_are_made_while_there_is_room() -> None:
    """Each outcome has room of its own; what is beyond is counted and never made."""
    sketch, made = Sketch(), []

    def make(outcome: PlanOutcome, number: int) -> PlanSample:
        made.append(outcome)
        return a_sample(outcome, number)

    for number in range(MOST_SAMPLES + 5):
        for outcome in (PlanOutcome.UPDATE, PlanOutcome.CREATE):
            sketch.add(outcome, lambda outcome=outcome, number=number: make(outcome, number))  # type: ignore[misc]  # bound in the loop

    plan = sketch.plan(1, None, complete=True)
    assert plan.counts[PlanOutcome.CREATE] == MOST_SAMPLES + 5
    assert len(made) == len(plan.samples) == 2 * MOST_SAMPLES
    assert [each.outcome for each in plan.samples[:MOST_SAMPLES]] == (
        [PlanOutcome.CREATE] * MOST_SAMPLES
    )


@pytest.mark.parametrize(
    ("complete", "read", "told", "calls", "total"),
    [
        (True, 2500, 2500, 3, 2500),
        (True, 2500, 0, 3, 2500),
        (False, 2000, 90_500, 136, 90_500),
        (False, 2000, 0, 3, 0),
        (False, 0, 90_500, 3, 90_500),
        (False, 2000, 1500, 3, 1500),
    ],
)
def test_what_was_not_read_is_estimated(
    *, complete: bool, read: int, told: int, calls: int, total: int
) -> None:
    """Three calls for what was read make so many for all, as far as the provider tells how many."""
    sketch = Sketch()
    sketch.read, sketch.told = read, told

    plan = sketch.plan(3, None, complete=complete)

    assert (plan.calls, plan.total) == (calls, total)
