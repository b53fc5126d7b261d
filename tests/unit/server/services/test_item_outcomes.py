"""What becomes of items that are out of the ordinary, as docs/matching.md tells it."""

import json

import pytest

from bookkeeping import add_product, rows
from running import PRODUCT_FIELDS, connect, master, numbered_ids, running
from syncline_sdk import Item, RecordKind
from syncline_server.core.model import Counts
from syncline_server.services.intake_items import ItemSink
from syncline_server.storage import run_issues, runs
from syncline_server.storage.database import Database, Row

WIDGET = Item(id="i1", code="W1", name="Widget")
GADGET = Item(id="i2", code="G1", name="Gadget")
ALL = master(RecordKind.ITEM, PRODUCT_FIELDS)


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def pull(database: Database, *records: Item, run: str = "run1") -> Counts:
    """Store a complete list in a run of its own and return its counts."""
    journal = running(database, "items", id=run)
    ItemSink(journal, ALL, numbered_ids(run)).replace(records)
    found = runs.get(database, run)
    assert found
    return found.counts


def issues(database: Database, run: str) -> list[Row]:
    """Return what a run could not settle."""
    return run_issues.of_one_run(database, run, 0, 100)


def candidates(issue: Row) -> list[str]:
    """Return the ids of ours that an issue offers."""
    found: list[str] = json.loads(issue["candidates"])
    return found


def mappings(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return state and product of every item."""
    return {
        row["item_id"]: (row["state"], row["product_id"])
        for row in rows(database, "items", "item_id")
    }


def skus(database: Database) -> dict[str, str]:
    """Return the SKU of every product."""
    return {row["id"]: row["sku"] for row in rows(database, "products", "id")}


class TestDoubt:
    """Several of ours fit, or several of theirs want the same one."""

    def test_issue_lists_the_candidates(self, database: Database) -> None:
        """Whoever settles it finds the products in the issue."""
        for id_ in ("b", "a"):
            add_product(database, id_, WIDGET)

        pull(database, WIDGET)

        (issue,) = issues(database, "run1")
        assert candidates(issue) == ["a", "b"]

    def test_case_and_spaces_do_not_matter(self, database: Database) -> None:
        """A code is a SKU however they are written."""
        add_product(database, "widget", WIDGET._replace(code=" w1 "))

        assert pull(database, WIDGET) == Counts(fetched=1, updated=1)

        assert mappings(database) == {"i1": ("MAPPED", "widget")}

    def test_two_items_that_want_one_product_get_none(self, database: Database) -> None:
        """Codes that differ in case alone are one SKU here: a person tells them apart."""
        add_product(database, "widget", WIDGET)

        pull(database, WIDGET, GADGET._replace(code="w1"))

        assert mappings(database) == {"i1": ("AMBIGUOUS", None), "i2": ("AMBIGUOUS", None)}
        assert [candidates(issue) for issue in issues(database, "run1")] == [["widget"]] * 2

    def test_two_items_of_one_code_that_fit_none(self, database: Database) -> None:
        """Each becomes a product: the provider keeps them apart by id."""
        pull(database, WIDGET, GADGET._replace(code="w1"))

        assert mappings(database) == {"i1": ("MAPPED", "run10001"), "i2": ("MAPPED", "run10002")}

    def test_ambiguous_item_that_vanishes_waits_for_nobody(self, database: Database) -> None:
        """It is no question any more; when it is back, it is matched anew."""
        for id_ in ("a", "b"):
            add_product(database, id_, WIDGET)
        pull(database, WIDGET)

        pull(database, run="run2")
        assert mappings(database) == {"i1": ("UNMAPPED", None)}
        assert issues(database, "run2") == []
        pull(database, WIDGET, run="run3")

        assert mappings(database) == {"i1": ("AMBIGUOUS", None)}


class TestVanished:
    """Gone at the provider, and back."""

    def test_item_that_comes_back_brings_its_values(self, database: Database) -> None:
        """Under its own id it is the same item, whatever it is called by then."""
        pull(database, WIDGET)
        pull(database, run="run2")

        pull(database, WIDGET._replace(code="W2"), run="run3")

        assert mappings(database) == {"i1": ("MAPPED", "run10001")}
        assert skus(database) == {"run10001": "W2"}

    def test_item_made_again_later_takes_its_product_back(self, database: Database) -> None:
        """Under a new id it is known by its code, and the review is over."""
        pull(database, WIDGET)
        pull(database, run="run2")

        pull(database, WIDGET._replace(id="i9"), run="run3")

        assert mappings(database) == {"i1": ("UNMAPPED", None), "i9": ("MAPPED", "run10001")}
        assert issues(database, "run3") == []

    def test_item_that_comes_back_after_its_product_was_taken(self, database: Database) -> None:
        """It gets a product of its own; what another item has stays there."""
        pull(database, WIDGET)
        pull(database, WIDGET._replace(id="i9"), run="run2")

        pull(database, WIDGET._replace(id="i9"), WIDGET._replace(code="W2"), run="run3")

        assert mappings(database) == {"i1": ("MAPPED", "run30001"), "i9": ("MAPPED", "run10001")}

    def test_item_made_again_under_another_code_is_another_item(self, database: Database) -> None:
        """Nothing says that it is the same: it gets a product, the old one stays under review."""
        pull(database, WIDGET)

        pull(database, WIDGET._replace(id="i9", code="W2"), run="run2")

        assert mappings(database) == {
            "i1": ("NEEDS_REVIEW", "run10001"),
            "i9": ("MAPPED", "run20001"),
        }
        assert [issue["code"] for issue in issues(database, "run2")] == ["ITEM_VANISHED"]


class TestCodes:
    """A mapped item's code changes."""

    def test_sku_of_another_product_is_taken_and_told(self, database: Database) -> None:
        """The provider owns it; whose it is to be is for a person."""
        pull(database, WIDGET)
        add_product(database, "other", GADGET._replace(code="w9"))

        assert pull(database, WIDGET._replace(code="W9"), run="run2").updated == 1

        assert skus(database) == {"run10001": "W9", "other": "w9"}
        (issue,) = issues(database, "run2")
        assert (issue["code"], issue["local_id"]) == ("ITEM_CODE_SHARED", "run10001")
        assert candidates(issue) == ["run10001", "other"]
        assert pull(database, WIDGET._replace(code="W9"), run="run3").unchanged == 1
        assert issues(database, "run3") == []

    def test_sku_of_a_product_whose_item_is_gone_is_told_too(self, database: Database) -> None:
        """It vanished and another item took its code: perhaps both are one."""
        pull(database, WIDGET, GADGET)

        pull(database, WIDGET._replace(code="G1"), run="run2")

        found = {issue["code"]: issue for issue in issues(database, "run2")}
        assert found.keys() == {"ITEM_VANISHED", "ITEM_CODE_SHARED"}
        assert candidates(found["ITEM_CODE_SHARED"]) == ["run10001", "run10002"]

    def test_items_that_swap_their_codes_keep_their_products(self, database: Database) -> None:
        """An item is its id: both products follow, and nothing is left to settle."""
        pull(database, WIDGET, GADGET)

        pull(database, WIDGET._replace(code="G1"), GADGET._replace(code="W1"), run="run2")

        assert skus(database) == {"run10001": "G1", "run10002": "W1"}
        assert issues(database, "run2") == []

    def test_new_item_under_a_code_that_was_left_is_a_new_product(self, database: Database) -> None:
        """The product went along with the item that had the code before."""
        pull(database, WIDGET)

        pull(database, WIDGET._replace(code="W2"), GADGET._replace(code="W1"), run="run2")

        assert skus(database) == {"run10001": "W2", "run20001": "W1"}
        assert issues(database, "run2") == []
