from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from bookkeeping import add_product, add_tax_code, add_tax_rate, rows
from databases import PostgresqlServer, opened
from running import PRODUCT_FIELDS, connect, master, numbered_ids, running
from syncline_sdk import Item, RecordKind
from syncline_server.core.model import Counts
from syncline_server.core.ownership import FindMaster
from syncline_server.services.intake_items import ItemSink
from syncline_server.storage import items, products, run_issues, runs
from syncline_server.storage.database import Database

WIDGET = Item(
    id="i1",
    code="W1",
    name="Widget",
    tax_type="OUTPUT2",
    stock_quantity=Decimal("3.5"),
    price=Decimal("9.9900"),
)
ALL = master(RecordKind.ITEM, PRODUCT_FIELDS)


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation whose OUTPUT2 is tax code gst."""
    connect(database)
    add_tax_code(database, "gst")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")


def pull(
    database: Database,
    *records: Item,
    run: str = "run1",
    find: FindMaster = ALL,
    unreadable: Sequence[str] = (),
) -> Counts:
    """Store a complete list in a run of its own and return its counts."""
    journal = running(database, "items", id=run)
    ItemSink(journal, find, numbered_ids(run)).replace(records, unreadable=unreadable)
    found = runs.get(database, run)
    assert found
    return found.counts


def codes(database: Database, run: str = "run1") -> list[str]:
    """Return the codes of a run's issues."""
    return [row["code"] for row in run_issues.of_one_run(database, run, 0, 100)]


def mappings(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return state and product of every item."""
    return {
        row["item_id"]: (row["state"], row["product_id"])
        for row in rows(database, "items", "item_id")
    }


def test_new_item_becomes_a_mapped_product(database: Database) -> None:
    """An item that nothing fits makes a product with all its values, in our tax code."""
    assert pull(database, WIDGET) == Counts(fetched=1, created=1)

    (product,) = rows(database, "products", "id")
    assert (product["sku"], product["name"], product["tax_code_id"]) == ("W1", "Widget", "gst")
    assert (product["stock_quantity"], product["default_price"]) == ("3.5", "9.9900")
    assert mappings(database) == {"i1": ("MAPPED", product["id"])}


def test_item_coming_twice_counts_once_as_news(database: Database) -> None:
    """Of an item that comes twice in a list the later one is stored, and one product made."""
    counts = pull(database, WIDGET, WIDGET._replace(name="Later"))

    assert counts == Counts(fetched=2, created=1, unchanged=1)
    assert [row["name"] for row in rows(database, "products", "id")] == ["Later"]


def test_same_list_again_changes_nothing(database: Database) -> None:
    """Unchanged items cost no write."""
    pull(database, WIDGET)
    before = rows(database, "products", "id"), rows(database, "items", "item_id")

    assert pull(database, WIDGET, run="run2") == Counts(fetched=1, unchanged=1)
    assert (rows(database, "products", "id"), rows(database, "items", "item_id")) == before


def test_price_stays_local_where_it_is_not_owned(database: Database) -> None:
    """Without Base Price Sync a product made of an item has no price."""
    pull(database, WIDGET, find=master(RecordKind.ITEM, PRODUCT_FIELDS - {"default_price"}))

    assert [row["default_price"] for row in rows(database, "products", "id")] == [None]


def test_renamed_item_renames_its_product(database: Database) -> None:
    """A mapped product follows its item's code and name."""
    pull(database, WIDGET)

    renamed = WIDGET._replace(code="W2", name="Widget II")
    assert pull(database, renamed, run="run2") == Counts(fetched=1, updated=1)
    (product,) = rows(database, "products", "id")
    assert (product["sku"], product["sku_key"], product["name"]) == ("W2", "w2", "Widget II")


def test_other_tax_mapping_moves_products_to_the_other_tax_code(database: Database) -> None:
    """When a tax type stands for another tax code, unchanged items bring it along."""
    pull(database, WIDGET)
    add_tax_code(database, "vat")
    add_tax_rate(database, "OUTPUT2", tax_code="vat")

    assert pull(database, WIDGET, run="run2").updated == 1
    assert [row["tax_code_id"] for row in rows(database, "products", "id")] == ["vat"]


def test_item_with_unmapped_tax_type_has_no_tax_code(database: Database) -> None:
    """A tax type nobody mapped is reported every time, and the product has no tax code."""
    exempt = WIDGET._replace(tax_type="EXEMPT")
    assert pull(database, exempt) == Counts(fetched=1, created=1)
    assert pull(database, exempt, run="run2") == Counts(fetched=1, unchanged=1)

    assert [row["tax_code_id"] for row in rows(database, "products", "id")] == [None]
    assert codes(database) == codes(database, "run2") == ["TAX_TYPE_NOT_MAPPED"]


def test_product_with_the_items_code_is_mapped(database: Database) -> None:
    """An item takes over the one product that has its code as SKU."""
    add_product(database, "widget", Item(id="", code="w1", name="mine"))

    assert pull(database, WIDGET) == Counts(fetched=1, updated=1)
    assert mappings(database) == {"i1": ("MAPPED", "widget")}


def test_product_with_the_items_name_alone_is_not_mapped(database: Database) -> None:
    """Items are matched by code only."""
    add_product(database, "widget", Item(id="", code="other", name="Widget"))

    assert pull(database, WIDGET) == Counts(fetched=1, created=1)


def test_two_products_with_one_sku_are_left_to_a_person(database: Database) -> None:
    """When two products fit, nothing is mapped, and an issue says so."""
    add_product(database, "a", Item(id="", code="W1", name="A"))
    add_product(database, "b", Item(id="", code="W1", name="B"))

    assert pull(database, WIDGET) == Counts(fetched=1, failed=1)
    assert mappings(database) == {"i1": ("AMBIGUOUS", None)}
    assert codes(database) == ["ITEM_AMBIGUOUS"]


def test_vanished_item_needs_review_once(database: Database) -> None:
    """A mapped item that is gone needs review and is reported by the run that saw it go."""
    pull(database, WIDGET)
    pull(database, run="run2")
    pull(database, run="run3")

    assert mappings(database)["i1"][0] == "NEEDS_REVIEW"
    assert (codes(database, "run2"), codes(database, "run3")) == (["ITEM_VANISHED"], [])


def test_unreadable_item_has_not_vanished(database: Database) -> None:
    """An item whose data could not be read stays as it is."""
    pull(database, WIDGET)
    pull(database, run="run2", unreadable=["i1"])

    assert mappings(database)["i1"][0] == "MAPPED"


def test_item_that_comes_back_is_mapped_again(database: Database) -> None:
    """A vanished item that is there again needs no review any more."""
    pull(database, WIDGET)
    pull(database, run="run2")
    pull(database, WIDGET, run="run3")

    (item,) = rows(database, "items", "item_id")
    assert (item["state"], item["review_reason"], bool(item["present"])) == ("MAPPED", "", True)


def test_item_made_again_under_its_code_takes_its_product_back(database: Database) -> None:
    """An item deleted and made anew with the same code keeps the product, without an issue."""
    pull(database, WIDGET)
    pull(database, WIDGET._replace(id="i2"), run="run2")

    assert mappings(database) == {"i1": ("UNMAPPED", None), "i2": ("MAPPED", "run10001")}
    assert codes(database, "run2") == []


def test_list_and_change_of_a_product_wait_for_each_other(postgresql: PostgresqlServer) -> None:
    """A list that gives a product to another item never deadlocks with a change of the product."""
    database = opened(postgresql.empty())
    connect(database)
    pull(database, WIDGET)
    (product,) = (row["id"] for row in rows(database, "products", "id"))

    with ThreadPoolExecutor(1) as pool:
        with database.transaction():
            products.by_ids(database, "acme", [product], lock=True)
            listed = pool.submit(pull, database, WIDGET._replace(id="i2"), run="run2")
            while not database.tuples("SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert not listed.done()
            items.forget_content(database, "acme", [product])
        counts = listed.result(timeout=30)

    database.close()
    assert counts == Counts(fetched=1, updated=1)
