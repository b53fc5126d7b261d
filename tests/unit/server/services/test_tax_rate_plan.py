from decimal import Decimal

from bookkeeping import add_tax_code
from dumps import dump
from rehearsing import rehearsing, told
from running import connect, running
from syncline_sdk import TaxRate
from syncline_server.core.plan import PlanOutcome, Sketch
from syncline_server.services.intake_tax_rates import TaxRateSink
from syncline_server.services.tax_rate_plan import TaxRatePlan
from syncline_server.storage import runs
from syncline_server.storage.database import Database

GST = TaxRate("OUTPUT2", "GST", Decimal(15))
OLD = TaxRate("OUTPUT", "Old GST", Decimal("12.5"))
ZERO = TaxRate("ZERO", "Zero", Decimal(0))


def plan(database: Database, *records: TaxRate) -> Sketch:
    """Plan a list."""
    rehearsal = rehearsing(database, "tax_rates")
    TaxRatePlan(rehearsal).replace(records)
    return rehearsal.sketch


def pull(database: Database, *records: TaxRate, run: str = "old") -> None:
    """Store a list in a run of its own."""
    TaxRateSink(running(database, "tax_rates", id=run), lambda _: None).replace(records)


def standing(database: Database) -> None:
    """Store three tax types, one of them mapped."""
    connect(database)
    add_tax_code(database, "gst")
    pull(database, GST, OLD, ZERO)
    database.execute(
        "UPDATE tax_rates SET state = 'MAPPED', tax_code_id = 'gst' WHERE tax_type = 'OUTPUT2'"
    )


def test_plan_is_what_the_run_does(database: Database) -> None:
    """What the run creates and updates is what was told; a vanished type comes on top."""
    standing(database)
    records = (GST._replace(rate=Decimal(16)), OLD, TaxRate("NEW", "New", Decimal(1)))
    before = dump(database)

    sketch = plan(database, *records)

    assert dump(database) == before
    assert told(sketch) == {"CREATE": 1, "REVIEW": 1, "ARCHIVE": 1, "UNCHANGED": 1}
    pull(database, *records, run="run")
    run = runs.get(database, "run")
    assert run is not None
    assert (run.counts.created, run.counts.updated, run.counts.unchanged) == (1, 1, 1)


def test_change_is_told_by_the_fields_of_its_mapping(database: Database) -> None:
    """A mapped tax type comes with its tax code, and with what differs by its name on the wire."""
    standing(database)

    sketch = plan(database, GST._replace(name="GST 16 %", rate=Decimal(16)), OLD, ZERO)

    (found,) = sketch.samples
    assert (found.outcome, found.local_id) == (PlanOutcome.REVIEW, "gst")
    assert found.changed_fields == ("rate", "title")


def test_unmapped_type_is_archived_or_updated(database: Database) -> None:
    """What nobody mapped asks nobody to look at it."""
    standing(database)

    sketch = plan(database, GST, OLD._replace(active=False), ZERO._replace(name="Nil"))

    assert told(sketch) == {"ARCHIVE": 1, "UPDATE": 1, "UNCHANGED": 1}
