"""An item as JSON."""

from decimal import Decimal
from typing import Any

from syncline_xero_simulator.books.item import Item, ItemPrice
from syncline_xero_simulator.wire.dates import bare_instant, instant
from syncline_xero_simulator.wire.numbers import money, percent, with_places


def item_json(item: Item, unit_places: int, *, written: bool = False) -> dict[str, Any]:
    """Return an item; the reply to a write has its stamp without an offset."""
    shown: dict[str, Any] = {"ItemID": item.item_id, "Code": item.code}
    texts = {
        "Name": item.name,
        "Description": item.description,
        "PurchaseDescription": item.purchase_description,
        "InventoryAssetAccountCode": item.asset_account,
    }
    shown |= {name: value for name, value in texts.items() if value}
    shown["UpdatedDateUTC"] = bare_instant(item.updated) if written else instant(item.updated)
    cost_account = "COGSAccountCode" if item.is_tracked else "AccountCode"
    shown["PurchaseDetails"] = _price(item.purchases, cost_account, unit_places)
    shown["SalesDetails"] = _price(item.sales, "AccountCode", unit_places)
    shown["IsTrackedAsInventory"] = item.is_tracked
    if item.is_tracked:
        shown["TotalCostPool"] = money(item.cost_pool or Decimal(0))
        shown["QuantityOnHand"] = percent(item.quantity or Decimal(0))
    shown["IsSold"] = item.is_sold
    shown["IsPurchased"] = item.is_purchased
    return shown


def _price(price: ItemPrice, account_member: str, unit_places: int) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if price.unit_price is not None:
        shown["UnitPrice"] = with_places(price.unit_price, unit_places)
    if price.account_code:
        shown[account_member] = price.account_code
    if price.tax_type:
        shown["TaxType"] = price.tax_type
    return shown
