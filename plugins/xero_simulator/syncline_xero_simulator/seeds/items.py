"""Seeded items."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from syncline_xero_simulator.books.item import Item, ItemPrice
from syncline_xero_simulator.minting import derived_id
from syncline_xero_simulator.seeds.countries import CountryFacts

_COLOURS = ("Blue", "Red", "Green", "Sand", "Slate", "Cream", "Black", "Amber")
_THINGS = ("mug", "apron", "candle", "notebook", "lamp", "basket", "towel", "tray", "vase", "chair")
_NOT_SOLD_EVERY = 20
_TRACKED_EVERY = 10
_NO_PRICE_EVERY = 16


def seeded_items(seed: str, count: int, facts: CountryFacts, born: datetime) -> Iterator[Item]:
    """Yield `count` items: mostly sold, some tracked, some without a price, some bought only."""
    rng = random.Random(f"{seed}/items")  # noqa: S311 - demo data, not a secret
    for index in range(count):
        updated = born - timedelta(days=100) + timedelta(hours=index % 2000, seconds=index)
        yield _item(seed, index, facts, rng.getrandbits(32), updated.replace(microsecond=0))


def _item(seed: str, index: int, facts: CountryFacts, dice: int, updated: datetime) -> Item:
    colour, thing = _COLOURS[dice % 8], _THINGS[dice // 8 % 10]
    sold = index % _NOT_SOLD_EVERY != _NOT_SOLD_EVERY - 1
    tracked = index % _TRACKED_EVERY == _TRACKED_EVERY // 2
    price = Decimal(dice // 80 % 9900 + 100).scaleb(-2)
    cost = ItemPrice(
        unit_price=(price / 2).quantize(Decimal("0.01")),
        account_code="310",
        tax_type=facts.purchase_tax,
    )
    return Item(
        item_id=derived_id(seed, "item", index),
        code=f"{thing[:4].upper()}-{colour[:3].upper()}-{index + 1:04d}",
        updated=updated,
        name=f"{colour} {thing}",
        description=f"{colour} {thing}, hand finished" if sold else "",
        purchase_description=f"{colour} {thing}, unfinished",
        sales=_sales(index, price, facts.sales_tax) if sold else ItemPrice(),
        purchases=cost,
        is_sold=sold,
        asset_account="630" if tracked else "",
        quantity=Decimal(dice % 200) if tracked else None,
        cost_pool=Decimal(dice % 200) * price / 2 if tracked else None,
    )


def _sales(index: int, price: Decimal, tax_type: str) -> ItemPrice:
    if index % _NO_PRICE_EVERY == _NO_PRICE_EVERY - 1:
        return ItemPrice(account_code="200")
    return ItemPrice(unit_price=price, account_code="200", tax_type=tax_type)
