"""Where a plan's tax rates go: what would become of each is decided, told, and not written."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from syncline_sdk import RecordKind, TaxRate
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import of_run
from syncline_server.core.plan import PlanOutcome, PlanSample
from syncline_server.services.collapses import find_collapse
from syncline_server.services.intake_tax_rates import TaxRateList
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import tax_rates
from syncline_server.storage.tax_rates import TaxRateRow

_FIELDS: Final = {
    "active": "active",
    "applies_to_sales": "applies_to_sales",
    "rate": "rate",
    "name": "title",
}
"""Fields of a tax mapping on the wire, by those of its row."""


class TaxRatePlan:
    """A ``ListSink[TaxRate]`` over a rehearsal."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    def replace(self, records: Sequence[TaxRate], *, unreadable: Sequence[str] = ()) -> None:
        """Decide the complete list, and tell what comes of it."""
        tally = self._rehearsal.page(len(records))
        stored = tax_rates.every(self._rehearsal.database, of_run(self._rehearsal.run))
        intake = TaxRateList(stored, tally)
        gone = intake.find_gone(records, unreadable)
        kept = intake.present - len(gone)
        run = self._rehearsal.run
        collapsed = find_collapse(run, RecordKind.TAX_RATE, intake.present, kept)
        if collapsed is not None:
            self._rehearsal.issue(collapsed)
            return
        intake.decide(records, gone)
        self._rehearsal.count(tally)
        for row in (*intake.rows, *intake.gone):
            known = stored.get(row.tax_type)
            outcome = _outcome(known, row)
            self._rehearsal.sketch.add(outcome, partial(_sample, outcome, known, row))


def _outcome(before: TaxRateRow | None, after: TaxRateRow) -> PlanOutcome:
    if before is None:
        return PlanOutcome.CREATE
    if after.state is MappingState.NEEDS_REVIEW:
        return PlanOutcome.REVIEW
    archived = before.active and not after.active
    return PlanOutcome.ARCHIVE if archived else PlanOutcome.UPDATE


def _sample(outcome: PlanOutcome, before: TaxRateRow | None, after: TaxRateRow) -> PlanSample:
    return PlanSample(
        outcome=outcome,
        kind=RecordKind.TAX_RATE,
        record_id=after.tax_type,
        record_name=after.name,
        local_id=after.tax_code_id or "",
        changed_fields=tuple(
            told
            for field, told in _FIELDS.items()
            if before and getattr(before, field) != getattr(after, field)
        ),
    )
