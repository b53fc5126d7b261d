import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookkeeping import add_product, add_tax_code, add_tax_rate, map_item
from creating_bench import MUG, creating_bench, refused
from creating_provider import cut_after, cut_before
from databases import SqliteTemplate, opened
from dumps import dump
from rehearsing import as_counted, rehearsing, told, unfetched
from running import KAURI, NOON, PRODUCT_FIELDS, connect, master, numbered_ids, running
from syncline_sdk import Item, RecordKind
from syncline_server.core.plan import PlanOutcome, Sketch
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.item_plan import ItemPlan
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import items, run_issues, runs
from syncline_server.storage.database import Database

ALL = master(RecordKind.ITEM, PRODUCT_FIELDS)

_IDS = [f"i{number}" for number in range(5)]
_items = st.lists(
    st.builds(
        Item,
        st.sampled_from(_IDS),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["Cup", "Mug"]),
        tax_type=st.sampled_from(["", "OUTPUT2", "NEW"]),
        stock_quantity=st.sampled_from([None, Decimal(3)]),
        price=st.none(),
    ),
    max_size=5,
)


def plan(database: Database, records: list[Item], unreadable: tuple[str, ...] = ()) -> Sketch:
    """Plan a list."""
    rehearsal = rehearsing(database, "items")
    ItemPlan(rehearsal, ALL, numbered_ids("new")).replace(records, unreadable=unreadable)
    return rehearsal.sketch


def pull(
    database: Database,
    records: list[Item],
    run: str = "run",
    ids: Callable[[], str] | None = None,
    unreadable: tuple[str, ...] = (),
) -> None:
    """Store a list in a run of its own."""
    sink = ItemSink(running(database, "items", id=run), ALL, ids or numbered_ids("new"))
    sink.replace(records, unreadable=unreadable)


def vanished(database: Database, run: str) -> int:
    """Return how many items a run reported as gone."""
    found = run_issues.of_one_run(database, run, 0, 100)
    return sum(row["code"] == "ITEM_VANISHED" for row in found)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=_items,
    ours=_items,
    apart=st.sets(st.sampled_from(_IDS), max_size=2),
    comes=st.tuples(_items, st.sets(st.sampled_from(_IDS), max_size=1).map(tuple)),
)
def test_plan_is_what_the_run_does(
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    before: list[Item],
    ours: list[Item],
    apart: set[str],
    comes: tuple[list[Item], tuple[str, ...]],
) -> None:
    """A plan counts what the run then counts and writes nothing; what is gone needs review."""
    records, unreadable = comes
    with tempfile.TemporaryDirectory(dir=tmp_path) as home:
        database = opened(sqlite_template.url(Path(home)))
        connect(database)
        add_tax_code(database, "gst")
        add_tax_rate(database, "OUTPUT2", tax_code="gst")
        for number, item in enumerate(ours):
            add_product(database, f"local{number}", item)
        pull(database, before, "old", numbered_ids("old"))
        for id_ in sorted(apart):
            items.detach(database, KAURI, id_, NOON)
        standing = dump(database)

        sketch = plan(database, records, unreadable)

        assert dump(database) == standing
        pull(database, records, unreadable=unreadable)
        run = runs.get(database, "run")
        assert run is not None
        sketch.counts[PlanOutcome.REVIEW] -= vanished(database, "run")
        assert as_counted(sketch) == unfetched(run.counts)
        database.close()


def test_list_is_told_item_by_item(database: Database) -> None:
    """New, fitting, changed, unchanged and vanished items have an outcome each."""
    connect(database)
    pull(database, [Item("i1", "A", "Cup"), Item("i2", "B", "Mug"), Item("i3", "C", "Jug")], "old")
    add_product(database, "dish", Item("", "D", "Dish"))

    sketch = plan(
        database,
        [
            Item("i1", "A", "Cup"),
            Item("i2", "B", "Big mug"),
            Item("i4", "D", "Dish"),
            Item("i5", "E", "Bowl"),
        ],
    )

    assert told(sketch) == {"CREATE": 1, "MATCH": 1, "UPDATE": 1, "UNCHANGED": 1, "REVIEW": 1}
    samples = {each.outcome: each for each in sketch.samples}
    assert samples[PlanOutcome.CREATE].local_id == ""
    assert samples[PlanOutcome.MATCH].local_id == "dish"
    assert samples[PlanOutcome.UPDATE].changed_fields == ("display_name",)
    assert (samples[PlanOutcome.REVIEW].record_id, samples[PlanOutcome.REVIEW].record_name) == (
        "i3",
        "Jug",
    )


def test_item_made_again_under_its_code_would_take_its_product_back(database: Database) -> None:
    """The product of an item that is gone is a candidate, although nothing marked it as gone."""
    connect(database)
    add_product(database, "cup", Item("", "A", "Cup"))
    map_item(database, Item("i1", "A", "Cup"), "cup")

    sketch = plan(database, [Item("i9", "A", "Cup")])

    assert told(sketch) == {"MATCH": 1}
    assert sketch.samples[0].local_id == "cup"


def test_other_tax_code_is_a_changed_field(database: Database) -> None:
    """Fields are called as on the wire."""
    connect(database)
    add_tax_code(database, "gst")
    add_product(database, "cup", Item("", "A", "Cup"))
    map_item(database, Item("i1", "A", "Cup"), "cup")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")

    sketch = plan(database, [Item("i1", "A", "Cup", tax_type="OUTPUT2")])

    assert sketch.samples[0].changed_fields == ("tax_code",)


def test_what_somebody_creates_at_this_moment_would_be_created(database: Database) -> None:
    """A product under way is not settled by a plan."""
    bench = creating_bench(database)
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.products.create(MUG))
    run = bench.journal("items").run
    before = dump(database)

    rehearsal = Rehearsal(database, run, bench.clock, lambda: True)
    sink = ItemPlan(rehearsal, bench.chain.find_master, bench.next_id)
    sink.replace([Item("r1", "MUG", "Blue mug")])

    assert dump(database) == before
    assert told(rehearsal.sketch) == {"CREATE": 1}
    assert rehearsal.sketch.samples[0].local_id == ""
