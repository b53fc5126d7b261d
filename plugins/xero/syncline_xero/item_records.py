"""Xero's items as neutral records."""

from __future__ import annotations

from decimal import Decimal

from syncline_sdk import Item
from syncline_xero import wire


def to_item(row: wire.Item, *, with_price: bool) -> Item:
    """Return the neutral item.

    :param row: has an id and a code; an item without a name is called by its code.
    :param with_price: whether the workspace takes its prices from Xero.
    """
    code = (row.code or "").strip()
    sales = row.sales or wire.SalesDetails()
    return Item(
        id=row.id or "",
        code=code,
        name=(row.name or "").strip() or code,
        tax_type=sales.tax_type or "",
        stock_quantity=_stock(row),
        price=sales.unit_price if with_price else None,
    )


def _stock(row: wire.Item) -> Decimal | None:
    return row.quantity if row.is_tracked else None
