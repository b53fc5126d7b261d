"""Where a plan's items go: what would become of each is decided, told, and not written."""

from collections.abc import Sequence
from functools import partial

from syncline_sdk import Item, RecordKind
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import of_run
from syncline_server.core.ownership import FindMaster, wire_name
from syncline_server.core.plan import PlanOutcome, PlanSample, Sketch
from syncline_server.core.records import Product
from syncline_server.services import new_products
from syncline_server.services.collapses import find_collapse
from syncline_server.services.intake_items import ItemList, here
from syncline_server.services.known_items import KnownItems
from syncline_server.services.owning import owned_now
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import products
from syncline_server.storage.items import ItemRow, StoredItem


class ItemPlan:
    """A ``ListSink[Item]`` over a rehearsal.

    :param find_master: tells what the provider owns.
    """

    def __init__(self, rehearsal: Rehearsal, find_master: FindMaster, make_id: MakeId) -> None:
        self._rehearsal = rehearsal
        self._find_master = find_master
        self._make_id = make_id

    def replace(self, records: Sequence[Item], *, unreadable: Sequence[str] = ()) -> None:
        """Decide the complete list, and tell what comes of it."""
        run = self._rehearsal.run
        tally = self._rehearsal.page(len(records))
        fields = owned_now(self._find_master, run, RecordKind.ITEM)
        known = KnownItems(self._rehearsal.database, of_run(run), lock=False)
        gone = known.gone(here(records, unreadable), run.start_time or tally.now)
        kept = known.present - len(gone)
        collapsed = find_collapse(run, RecordKind.ITEM, known.present, kept)
        if collapsed is not None:
            self._rehearsal.issue(collapsed)
            return
        intake = ItemList(known, fields, self._make_id, tally)
        intake.decide(records, gone)
        self._rehearsal.count(tally)
        _Telling(self._rehearsal.sketch, known, intake, fields).tell()


class _Telling:
    """What a decided list adds to the plan."""

    def __init__(
        self, sketch: Sketch, known: KnownItems, intake: ItemList, fields: frozenset[str]
    ) -> None:
        self._sketch = sketch
        self._tax_codes = known.tax_codes
        self._intake = intake
        self._fields = fields
        self._new = {product.id for product in intake.new}
        workspace = known.organisation.workspace
        ids = [product.id for product in intake.updated]
        self._before = products.by_ids(known.database, workspace, ids)

    def tell(self) -> None:
        """Count every record that is news or gone, and tell some."""
        for row in self._intake.rows:
            outcome = self._outcome(row)
            if outcome is not None:
                self._sketch.add(outcome, partial(self._sample, outcome, row))
        for _, item in self._intake.claimed:
            self._sketch.add(PlanOutcome.CREATE, partial(_created, item))
        for gone in self._intake.orphaned:
            self._sketch.add(PlanOutcome.REVIEW, partial(_orphaned, gone))

    def _outcome(self, row: ItemRow) -> PlanOutcome | None:
        """Return what becomes of an item; None when it is counted as skipped already."""
        if row.state is MappingState.AMBIGUOUS:
            return PlanOutcome.AMBIGUOUS
        if row.product_id is None:
            return None
        if row.product_id in self._new:
            return PlanOutcome.CREATE
        matched = row.product_id in self._intake.matched
        return PlanOutcome.MATCH if matched else PlanOutcome.UPDATE

    def _sample(self, outcome: PlanOutcome, row: ItemRow) -> PlanSample:
        before = self._before.get(row.product_id or "")
        return PlanSample(
            outcome=outcome,
            kind=RecordKind.ITEM,
            record_id=row.item.id,
            record_name=row.item.name,
            local_id=before.id if before else "",
            candidates=row.candidates,
            changed_fields=self._changed(row.item, before) if before else (),
        )

    def _changed(self, item: Item, before: Product) -> tuple[str, ...]:
        values = new_products.values(item, self._tax_codes.get(item.tax_type))
        return tuple(
            name
            for name in sorted(map(wire_name, self._fields))
            if getattr(before, new_products.attribute(name)) != values[name]
        )


def _created(item: Item) -> PlanSample:
    return PlanSample(
        outcome=PlanOutcome.CREATE,
        kind=RecordKind.ITEM,
        record_id=item.id,
        record_name=item.name,
    )


def _orphaned(gone: StoredItem) -> PlanSample:
    return PlanSample(
        outcome=PlanOutcome.REVIEW,
        kind=RecordKind.ITEM,
        record_id=gone.id,
        record_name=gone.name,
        local_id=gone.product_id or "",
    )
