"""What of items counts as a difference, and what moves between two runs without being one."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from bookkeeping import add_tax_code, add_tax_rate
from running import KAURI, NOON, PRODUCT_FIELDS, connect, master, numbered_ids, running
from syncline_sdk import Census, Item, RecordKind
from syncline_server.services.books import Books
from syncline_server.services.comparing import compare
from syncline_server.services.intake_items import ItemSink
from syncline_server.storage import items
from syncline_server.storage.database import Database

CUP = Item(id="cup", code="C", name="Cup", tax_type="OUTPUT2", stock_quantity=Decimal("7.50"))
PEN = Item(id="pen", code="P", name="Pen", tax_type="OUTPUT2")
SAME = "Items with the same values"


@pytest.fixture
def books(database: Database) -> Books:
    """A tracked item and another one, pulled while OUTPUT2 was tax code gst."""
    connect(database)
    add_tax_code(database, "gst")
    add_tax_code(database, "vat")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")
    find = master(RecordKind.ITEM, PRODUCT_FIELDS)
    ItemSink(running(database, "items"), find, numbered_ids()).replace([CUP, PEN])
    return Books(database=database, organisation=KAURI, fields=PRODUCT_FIELDS)


def unlike(books: Books, *records: Item) -> list[Sequence[str]]:
    """Return the names of the items that have other values."""
    census = Census(records=records, complete=True)
    found = compare(books, RecordKind.ITEM, census, ()).differences
    return [each.titles for each in found if each.subject == SAME]


def test_a_quantity_that_moved_is_no_difference(books: Books) -> None:
    """A name is, whatever the quantity; and so is a quantity that only one side has."""
    moved = CUP._replace(stock_quantity=Decimal(3))

    assert unlike(books, moved, PEN) == []
    assert unlike(books, moved._replace(name="Bowl"), PEN) == [("Cup",)]
    assert unlike(books, CUP._replace(stock_quantity=None), PEN) == [("Cup",)]
    assert unlike(books, moved, PEN._replace(stock_quantity=Decimal(1))) == [("Pen",)]


def test_another_tax_code_for_a_tax_type_is_no_difference(books: Books) -> None:
    """Items follow with their next run; another tax type is one."""
    add_tax_rate(books.database, "EXEMPT", tax_code="gst")
    for code in ("vat", None):
        add_tax_rate(books.database, "OUTPUT2", tax_code=code)
        moved = CUP._replace(stock_quantity=Decimal(3))
        assert unlike(books, moved, PEN) == []
        assert unlike(books, CUP, PEN._replace(tax_type="EXEMPT")) == [("Pen",)]


@pytest.mark.parametrize("case", ["taken apart", "not ours"])
def test_a_tracked_item_whose_quantity_is_not_kept_is_left_out(books: Books, case: str) -> None:
    """Nobody can tell whether more than its quantity moved; untracked ones are compared."""
    fields = PRODUCT_FIELDS
    if case == "not ours":
        fields -= {"stock_quantity"}
    else:
        items.detach(books.database, KAURI, "cup", NOON)
    find = master(RecordKind.ITEM, fields)
    run = running(books.database, "items", id="again")
    ItemSink(run, find, numbered_ids("again")).replace([CUP, PEN])
    now = replace(books, fields=fields)
    moved = CUP._replace(stock_quantity=Decimal(3))

    assert unlike(now, moved, PEN) == []
    assert unlike(now, moved, PEN._replace(name="Quill")) == [("Pen",)]
