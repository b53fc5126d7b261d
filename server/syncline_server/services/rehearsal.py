"""What a plan writes down in place of a run's journal: in memory, and nothing anywhere else."""

from collections.abc import Callable

from syncline_sdk import Issue, RunStopped
from syncline_server.core.clock import Clock
from syncline_server.core.model import Run
from syncline_server.core.plan import PlanOutcome, PlanSample, Sketch
from syncline_server.services.journal import Tally
from syncline_server.storage.database import Database


class Rehearsal:
    """Stands where a run's journal stands while a plan is made.

    :param run: as it would be when it starts; it is not stored.
    :param is_awaited: whether anybody still wants the plan.
    """

    def __init__(
        self, database: Database, run: Run, clock: Clock, is_awaited: Callable[[], bool]
    ) -> None:
        self.run = run
        self.database = database
        self.sketch = Sketch()
        self._clock = clock
        self._is_awaited = is_awaited

    def page(self, records: int) -> Tally:
        """Return the tally of one page, which is decided now.

        :param records: how many the module has handed over.
        :raises RunStopped: nobody wants the plan any more.
        """
        if not self._is_awaited():
            raise RunStopped
        self.sketch.read += records
        return Tally(now=self._clock())

    def count(self, tally: Tally) -> None:
        """Take over from a decided page what no sample is made of."""
        self.sketch.count(PlanOutcome.UNCHANGED, tally.unchanged)
        self.sketch.count(PlanOutcome.SKIP, tally.skipped)

    def total(self, records: int) -> None:
        """Note how many records there will be."""
        self.sketch.told = records

    def watermark(self, until: object) -> None:
        """Note nothing: a plan moves no watermark."""

    def issue(self, issue: Issue) -> None:
        """Note a record that cannot be processed."""
        self.sketch.read += 1
        outcome = PlanOutcome.FAIL
        self.sketch.add(
            outcome,
            lambda: PlanSample(
                outcome=outcome,
                kind=issue.kind,
                record_id=issue.record_id,
                record_name=issue.record_name,
            ),
        )
