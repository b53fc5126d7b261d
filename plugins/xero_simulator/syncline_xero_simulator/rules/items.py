"""Creating, changing and deleting items (developer.xero.com, items)."""

from dataclasses import replace

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.item import Item, ItemPrice
from syncline_xero_simulator.rules.writing import (
    Mode,
    RefusedError,
    WriteContext,
    Written,
    too_long,
)
from syncline_xero_simulator.wire.inbound import Element

_TEXTS = {
    "code": ("Code", 30),
    "name": ("Name", 50),
    "description": ("Description", 4000),
    "purchase_description": ("PurchaseDescription", 4000),
    "asset_account": ("InventoryAssetAccountCode", 10),
}


def write_item(books: Books, element: Element, mode: Mode, context: WriteContext) -> Written[Item]:
    """Save one item; raise `RefusedError` with every broken rule."""
    known = _match(books, element, mode, context)
    after = _changed(known, element, context)
    code_errors = _code_errors(books, after, context)
    errors = [*_text_errors(after), *code_errors, *_price_errors(books, after)]
    if errors:
        raise RefusedError(errors)
    books.items.put(after)
    return Written(record=after, created=known is None)


def delete_item(books: Books, item: Item) -> None:
    """Delete an item for good; raise `RefusedError` while stock of it is counted."""
    if item.is_tracked and item.quantity:
        raise RefusedError([f"Price List Item with Code '{item.code}' has stock on hand"])
    books.items.remove(item.key)


def item_by(books: Books, id_or_code: str) -> Item | None:
    """Return the item with this id, or else with this code."""
    return books.items.get(id_or_code.lower()) or books.items.find("code", id_or_code.casefold())


def _match(books: Books, element: Element, mode: Mode, context: WriteContext) -> Item | None:
    if mode is Mode.CREATE:
        return None
    by_id = books.items.get(element.text("ItemID").lower())
    if by_id is None and context.switches.item_post_matches_code:
        return books.items.find("code", element.text("Code").casefold())
    return by_id


def _changed(before: Item | None, element: Element, context: WriteContext) -> Item:
    start = before or Item(item_id=context.mint.guid(), code="", updated=context.now)
    texts = {
        field: element.text(member) for field, (member, _) in _TEXTS.items() if element.has(member)
    }
    after = replace(
        start,
        **texts,  # type: ignore[arg-type]
        sales=_price(start.sales, element.child("SalesDetails"), context),
        purchases=_price(start.purchases, element.child("PurchaseDetails"), context),
        is_sold=_flag(element, "IsSold", otherwise=start.is_sold),
        is_purchased=_flag(element, "IsPurchased", otherwise=start.is_purchased),
        updated=context.now,
    )
    if not after.is_sold:
        after = replace(after, description="", sales=ItemPrice())
    if not after.is_purchased:
        after = replace(after, purchase_description="", purchases=ItemPrice())
    return after


def _flag(element: Element, name: str, *, otherwise: bool) -> bool:
    value = element.flag(name)
    return otherwise if value is None else value


def _price(before: ItemPrice, sent: Element | None, context: WriteContext) -> ItemPrice:
    if sent is None:
        return before
    price = sent.number("UnitPrice")
    if price is not None:
        price = round(price, context.unit_places)
    account = sent.text("AccountCode") or sent.text("COGSAccountCode")
    return ItemPrice(
        unit_price=price if sent.has("UnitPrice") else before.unit_price,
        account_code=account or before.account_code,
        tax_type=sent.text("TaxType", before.tax_type),
    )


def _text_errors(item: Item) -> list[str]:
    return [
        message
        for field, (member, longest) in _TEXTS.items()
        for message in too_long(member, str(getattr(item, field)), longest)
    ]


def _code_errors(books: Books, item: Item, context: WriteContext) -> list[str]:
    if not item.code.strip():
        return ["Price List Item Code must be supplied"]
    holder = books.items.find("code", item.code.casefold())
    if holder and holder.key != item.key and context.switches.duplicates_refused:
        return [f"Price List Item with Code '{item.code}' already exists"]
    return []


def _price_errors(books: Books, item: Item) -> list[str]:
    errors = []
    for price in (item.sales, item.purchases):
        if price.account_code and not books.accounts.find("code", price.account_code.casefold()):
            errors.append(f"Account code '{price.account_code}' is not a valid code")
        if price.tax_type and books.tax_rates.get(price.tax_type) is None:
            errors.append(f"The TaxType code {price.tax_type} does not exist")
    return errors
