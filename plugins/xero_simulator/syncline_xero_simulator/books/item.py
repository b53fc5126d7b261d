"""An item: something sold or bought, called inventory item or product elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPrice:
    """What an item contributes to a line; every member may be missing."""

    unit_price: Decimal | None = None
    account_code: str = ""
    tax_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item. A tracked item has an `asset_account` and a quantity."""

    item_id: str
    code: str
    updated: datetime
    name: str = ""
    description: str = ""
    purchase_description: str = ""
    sales: ItemPrice = ItemPrice()
    purchases: ItemPrice = ItemPrice()
    is_sold: bool = True
    is_purchased: bool = True
    asset_account: str = ""
    quantity: Decimal | None = None
    cost_pool: Decimal | None = None

    @property
    def key(self) -> str:
        """The item's id."""
        return self.item_id

    @property
    def is_tracked(self) -> bool:
        """Whether Xero counts this item's stock."""
        return bool(self.asset_account)
