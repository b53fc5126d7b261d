from collections.abc import Sequence
from decimal import Decimal

import pytest

from bookkeeping import rows
from running import ACME, KAURI, connect, running
from syncline_sdk import TaxRate
from syncline_server.core.model import Counts
from syncline_server.core.notices import ConnectionChanged, Notice
from syncline_server.services.intake_tax_rates import TaxRateSink
from syncline_server.storage import runs, tax_rates
from syncline_server.storage.database import Database

GST = TaxRate(tax_type="OUTPUT2", name="GST on Income", rate=Decimal(15))


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def pull(
    database: Database, *records: TaxRate, run: str = "run1", unreadable: Sequence[str] = ()
) -> Counts:
    """Store a complete list in a run of its own and return its counts."""
    journal = running(database, "tax_rates", id=run)
    TaxRateSink(journal, lambda _notice: None).replace(records, unreadable=unreadable)
    found = runs.get(database, run)
    assert found
    return found.counts


def settle(database: Database) -> None:
    """Map every tax type to a tax code."""
    database.execute("UPDATE tax_rates SET state = 'MAPPED', tax_code_id = tax_type")


def standing(database: Database) -> list[tuple[str, str]]:
    """Return state and review reason of every tax type."""
    return [(row["state"], row["review_reason"]) for row in rows(database, "tax_rates", "tax_type")]


def open_count(database: Database) -> int:
    """Return how many tax types a person still has to settle."""
    return tax_rates.open_count(database, ACME, KAURI.id)


def test_new_rate_waits_for_a_person(database: Database) -> None:
    """A rate that can be used on sales is unmapped and open."""
    assert pull(database, GST) == Counts(fetched=1, created=1)
    assert standing(database) == [("UNMAPPED", "")]
    assert open_count(database) == 1


def test_rate_coming_twice_counts_once_as_news(database: Database) -> None:
    """Of a tax type that comes twice in a list the later one is stored."""
    counts = pull(database, GST, GST._replace(name="Later"))

    assert counts == Counts(fetched=2, created=1, unchanged=1)
    assert [row["name"] for row in rows(database, "tax_rates", "tax_type")] == ["Later"]


@pytest.mark.parametrize("rate", [GST._replace(active=False), GST._replace(applies_to_sales=False)])
def test_rate_that_cannot_be_used_asks_for_nothing(database: Database, rate: TaxRate) -> None:
    """An archived rate, and one for purchases only, is stored and not open."""
    pull(database, rate)

    assert open_count(database) == 0


def test_unchanged_rate_costs_no_write(database: Database) -> None:
    """The same list again changes no row."""
    pull(database, GST)
    settle(database)
    before = rows(database, "tax_rates", "tax_type")

    assert pull(database, GST, run="run2") == Counts(fetched=1, unchanged=1)
    assert rows(database, "tax_rates", "tax_type") == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rate": Decimal("12.5")}, "Its rate changed from 15 % to 12.5 %."),
        ({"active": False}, "It was archived at the provider."),
        ({"applies_to_sales": False}, "It can no longer be used on sales."),
    ],
    ids=["rate", "archived", "not for sales"],
)
def test_change_of_a_mapped_rate_needs_review(
    database: Database, change: dict[str, object], reason: str
) -> None:
    """A mapped rate that changes in a way that matters reopens the step and says why."""
    pull(database, GST)
    settle(database)

    pull(database, GST._replace(**change), run="run2")  # type: ignore[arg-type]  # table of cases

    assert standing(database) == [("NEEDS_REVIEW", reason)]
    assert open_count(database) == 1


def test_renamed_rate_stays_mapped(database: Database) -> None:
    """A mapped rate that is only called otherwise needs no review."""
    pull(database, GST)
    settle(database)

    assert pull(database, GST._replace(name="GST"), run="run2") == Counts(fetched=1, updated=1)
    assert standing(database) == [("MAPPED", "")]


def test_vanished_mapped_rate_needs_review(database: Database) -> None:
    """A mapped rate that is gone reopens the step."""
    pull(database, GST)
    settle(database)
    pull(database, run="run2")

    assert standing(database) == [("NEEDS_REVIEW", "It is gone at the provider.")]


def test_vanished_unmapped_rate_is_not_open(database: Database) -> None:
    """A rate nobody mapped and the provider no longer has asks for nothing."""
    pull(database, GST)
    pull(database, run="run2")

    assert open_count(database) == 0


def test_unreadable_rate_has_not_vanished(database: Database) -> None:
    """A rate whose data could not be read stays as it is."""
    pull(database, GST)
    settle(database)
    pull(database, run="run2", unreadable=["OUTPUT2"])

    assert standing(database) == [("MAPPED", "")]


def test_changed_list_tells_watchers(database: Database) -> None:
    """A watcher of the connection learns that the mapping step may have reopened."""
    notices: list[Notice] = []
    journal = running(database, "tax_rates")

    TaxRateSink(journal, notices.append).replace([GST])

    assert notices == [ConnectionChanged(ACME)]
