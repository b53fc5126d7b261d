from decimal import Decimal

import pytest

from syncline_sdk import Item, RetryLater, Value
from syncline_sdk.testing import FakeRunContext, Script, answer
from xero_answers import listed, module, run_context


def item(name: str, **members: object) -> dict[str, object]:
    """Return an item as the list carries it."""
    return {
        "ItemID": f"item-{name}",
        "Code": name,
        "Name": f"The {name}",
        "IsSold": True,
        "IsTrackedAsInventory": False,
        "SalesDetails": {"UnitPrice": 18.5, "AccountCode": "200", "TaxType": "OUTPUT2"},
        "PurchaseDetails": {},
    } | members


def pull(*rows: object, **settings: Value) -> FakeRunContext:
    """Pull these items and return the run's context."""
    ctx = run_context("items", Script(listed("Items", rows)), **settings)
    module("items").run(ctx)
    return ctx


def test_an_item_becomes_a_neutral_record() -> None:
    """Without base price sync and tracking, price and stock stay local."""
    ctx = pull(item("MUG"))

    assert ctx.items.records == [
        Item(id="item-MUG", code="MUG", name="The MUG", tax_type="OUTPUT2")
    ]


def test_one_empty_answer_is_no_proof_that_all_are_gone() -> None:
    """The list is asked for once more; what comes then counts, and nothing is told to be empty."""
    ctx = run_context("items", Script(listed("Items", []), listed("Items", [item("MUG")])))

    module("items").run(ctx)

    assert [each.code for each in ctx.items.records] == ["MUG"]


def test_all_items_are_read_in_one_call_with_four_decimals() -> None:
    """The list has no pages and rounds prices unless told otherwise."""
    script = Script(listed("Items", [item("A"), item("B")]))
    ctx = run_context("items", script)

    module("items").run(ctx)

    assert dict(script.requests[0].url.params) == {"unitdp": "4"}
    assert ctx.totals == [2]


@pytest.mark.parametrize("price", [18.5, "18.5"])
def test_prices_follow_base_price_sync(price: object) -> None:
    """With base price sync the sales price is taken, exactly as Xero writes it."""
    ctx = pull(item("MUG", SalesDetails={"UnitPrice": price}), base_price_sync=True)

    assert ctx.items.records[0].price == Decimal("18.5")


def test_stock_is_taken_only_where_xero_tracks_it() -> None:
    """The quantity of an item that is not tracked means nothing."""
    ctx = pull(
        item("A", IsTrackedAsInventory=True, QuantityOnHand=7.5),
        item("B", QuantityOnHand=7.5),
        item("C", IsTrackedAsInventory=True),
    )

    assert [Decimal("7.5"), None, None] == [record.stock_quantity for record in ctx.items.records]


def test_what_is_not_sold_is_no_product() -> None:
    """Items for purchases only are left out; unless Xero says so, an item is sold."""
    ctx = pull(item("A", IsSold=False), item("B", IsSold=None))

    assert [record.id for record in ctx.items.records] == ["item-B"]
    assert ctx.totals == [1]


def test_an_item_without_sales_details_or_name_is_still_a_product() -> None:
    """Sales details may be empty or missing, and the code stands in for a missing name."""
    ctx = pull(item("A", SalesDetails={}, Name=""), item("B", SalesDetails=None))

    assert [(r.name, r.tax_type) for r in ctx.items.records] == [("A", ""), ("The B", "")]


def test_bad_items_become_issues_and_do_not_vanish() -> None:
    """Items Xero still has but nobody can use are named, so that none is taken for gone."""
    ctx = pull(
        item("A", Code=None),
        item("B", Code=7),
        item("C", SalesDetails={"UnitPrice": "NaN"}),
        item("D", ItemID=None),
        item("E"),
    )

    assert [record.id for record in ctx.items.records] == ["item-E"]
    assert {"item-A", "item-B", "item-C"} == set(ctx.items.unreadable)
    assert {
        ("XERO_ITEM_CODE_MISSING", "item-A"),
        ("XERO_RECORD_UNREADABLE", "item-B"),
        ("XERO_RECORD_UNREADABLE", "item-C"),
        ("XERO_RECORD_UNREADABLE", ""),
    } == {(issue.code, issue.record_id) for issue in ctx.issues}


def test_an_item_listed_twice_is_stored_once() -> None:
    """The complete list holds each record once."""
    ctx = pull(item("A"), item("A", Name="Newer"))

    assert [record.name for record in ctx.items.records] == ["Newer"]


def test_nothing_is_replaced_when_the_list_cannot_be_had() -> None:
    """A failed read never makes products vanish."""
    ctx = run_context("items", Script(answer(503)))

    with pytest.raises(RetryLater):
        module("items").run(ctx)

    assert ctx.items.lists == []


def test_the_price_is_xeros_only_with_base_price_sync() -> None:
    """Everything else Xero knows of a product is Xero's anyway."""
    owned = {each.name: (each.setting, each.unless) for each in module("items").owned}

    assert owned == {
        **dict.fromkeys(("sku", "name", "tax_code", "stock_quantity"), ("", None)),
        "default_price": ("base_price_sync", False),
    }
