from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from bookkeeping import add_product, add_tax_code, map_item
from connect_bench import in_threads
from running import ACME, PRODUCT_FIELDS, connect, master, nobody, noon, numbered_ids
from syncline_sdk import Item, RecordKind
from syncline_server.core.errors import AlreadyExists, FailedPrecondition, InvalidArgument
from syncline_server.core.listing import RecordFilter
from syncline_server.core.ownership import FindMaster
from syncline_server.core.product_draft import ProductDraft
from syncline_server.services.products import Products
from syncline_server.storage.database import Database

WIDGET = ProductDraft(
    workspace="acme",
    id="widget",
    sku="W1",
    display_name="Widget",
    tax_code="workspaces/acme/taxCodes/gst",
    stock_quantity="-1.5",
    default_price="9.9900",
)
XERO = master(RecordKind.ITEM, PRODUCT_FIELDS - {"default_price"})


def service(database: Database, find: FindMaster = nobody) -> Products:
    """Return the service."""
    return Products(database, noon, numbered_ids(), find)


def test_created_product_is_as_it_was_written(database: Database) -> None:
    """A product comes back with exact numbers and its tax code."""
    add_tax_code(database, "gst")

    record = service(database).create(WIDGET).record

    assert (record.stock_quantity, record.default_price) == (Decimal("-1.5"), Decimal("9.9900"))
    assert (record.tax_code_id, record.active, record.out_of_stock) == ("gst", True, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stock_quantity", "1.00001"),
        ("stock_quantity", "NaN"),
        ("default_price", "-1"),
        ("default_price", "1e3"),
        ("default_price", "9999999999"),
        ("tax_code", "workspaces/acme/taxCodes/none"),
        ("tax_code", "workspaces/other/taxCodes/gst"),
        ("sku", " "),
    ],
)
def test_impossible_value_is_refused(database: Database, field: str, value: str) -> None:
    """A value that cannot be is refused with its path."""
    add_tax_code(database, "gst")
    draft = ProductDraft(
        **{"workspace": "acme", "sku": "W1", "display_name": "Widget", field: value}  # type: ignore[arg-type]  # table of cases
    )

    with pytest.raises(InvalidArgument) as refusal:
        service(database).create(draft)

    assert [each.field for each in refusal.value.violations] == [f"product.{field}"]


def test_taken_sku_is_refused(database: Database) -> None:
    """An SKU is unique whatever its case."""
    products = service(database)
    products.create(ProductDraft(workspace="acme", id="a", sku="W1", display_name="A"))

    with pytest.raises(AlreadyExists) as refusal:
        products.create(ProductDraft(workspace="acme", id="b", sku="w1", display_name="B"))

    assert refusal.value.resource == "workspaces/acme/products/a"


def test_sku_is_given_once_however_many_ask_for_it(database: Database) -> None:
    """Of many who create a product of one SKU at the same moment one gets it."""
    calls = [
        partial(service(database).create, replace(WIDGET, id=f"w{n}", tax_code=""))
        for n in range(8)
    ]

    outcomes = in_threads(*calls)

    assert sum(isinstance(each, AlreadyExists) for each in outcomes) == len(calls) - 1


def test_cleared_number_is_none(database: Database) -> None:
    """An empty price in an update takes the price away."""
    add_tax_code(database, "gst")
    products = service(database)
    products.create(WIDGET)

    draft = ProductDraft(workspace="acme", id="widget", default_price="")
    assert products.update(draft, {"default_price"}).record.default_price is None


def test_products_are_created_in_the_provider_while_its_sync_is_on(database: Database) -> None:
    """With Sync Items on, creating here is refused."""
    with pytest.raises(FailedPrecondition, match="created in Xero"):
        service(database, XERO).create(WIDGET)


def test_owned_tax_code_cannot_be_changed(database: Database) -> None:
    """The tax code of a mapped product is the provider's, its price here is not."""
    connect(database)
    add_tax_code(database, "gst")
    item = Item(id="i1", code="W1", name="Widget")
    add_product(database, "widget", item)
    map_item(database, item, "widget")
    products = service(database, XERO)

    assert products.update(WIDGET, {"default_price"}).record.default_price == Decimal("9.9900")
    with pytest.raises(FailedPrecondition) as refusal:
        products.update(WIDGET, {"tax_code", "category"})
    assert [each.subject for each in refusal.value.blockers] == ["tax_code"]
    assert products.get("acme", "widget").mapped_to == f"{ACME}/itemMappings/i1"


def test_products_are_found_by_sku_and_name(database: Database) -> None:
    """A list can be filtered by what SKU or name contain."""
    products = service(database)
    products.create(ProductDraft(workspace="acme", id="a", sku="W1", display_name="Widget"))
    products.create(ProductDraft(workspace="acme", id="b", sku="G1", display_name="Gadget"))

    def ids(text: str) -> list[str]:
        found = products.page("acme", RecordFilter(text=text), "", 10)
        return [view.record.id for view in found]

    assert (ids("w1"), ids("ADGET"), ids("dget")) == (["a"], ["b"], ["a", "b"])
