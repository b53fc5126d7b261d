"""Creating an item in Xero, and finding one that was created."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from syncline_sdk import (
    CreateContext,
    Creator,
    Item,
    ItemDraft,
    PluginError,
    RecordRejected,
    RetryLater,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.creating import Refused, put_one, quoted
from syncline_xero.decoding import Element, ListDecoder
from syncline_xero.item_records import to_item

REJECTED: Final = "XERO_ITEM_REJECTED"
TAKEN: Final = "XERO_ITEM_TAKEN"


def item_creator() -> Creator[ItemDraft, Item]:
    """Return how an item is created in Xero."""
    return Creator(create=create, find=find)


def create(ctx: CreateContext, draft: ItemDraft) -> Item:
    """Create an item; its Code is our SKU.

    :raises RecordRejected: Xero refused; whose a code is is read, never guessed.
    :raises RetryLater: the call was not carried out.
    :raises AccessLost: the organisation is no longer connected.
    :raises OutcomeUnknown: nobody can tell what became of it.
    """
    try:
        row = put_one(ctx, "Items", _to_wire(draft), wire.Item)
    except Refused as refused:
        raise _explained(ctx, draft, refused) from refused
    return to_item(row, with_price=_with_price(ctx))


def find(ctx: CreateContext, draft: ItemDraft) -> Item | None:
    """Return the item that creating this draft made, or None; codes are unique in Xero."""
    items = [to_item(row, with_price=_with_price(ctx)) for row in _coded(ctx, draft.code) if row.id]
    return next((item for item in items if draft.is_met_by(item)), None)


def _to_wire(draft: ItemDraft) -> dict[str, object]:
    sales: dict[str, object] = {}
    if draft.price is not None:
        sales["UnitPrice"] = Decimal(format(draft.price, "f"))  # never with an exponent
    if draft.tax_type:
        sales["TaxType"] = draft.tax_type
    element: dict[str, object] = {"Code": draft.code, "Name": draft.name}
    return element | {"SalesDetails": sales} if sales else element


def _explained(ctx: CreateContext, draft: ItemDraft, refused: Refused) -> RecordRejected:
    """Return why Xero refused it: in our words when another item has the code."""
    try:
        holders = _coded(ctx, draft.code)
    except PluginError:
        holders = []
    for row in holders:
        message = f"Xero has another item with the code {row.code}, {row.name or row.code}."
        return RecordRejected(TAKEN, f"{message} {refused.said}")
    return RecordRejected(REJECTED, refused.said)


def _coded(ctx: CreateContext, code: str) -> list[wire.Item]:
    """Return the items of this code: one, or none. Without a filter Xero lists all of them."""
    literal = quoted(code)
    params = {"unitdp": "4"} if literal is None else {"unitdp": "4", "where": f"Code=={literal}"}
    decoder = ListDecoder(wire.Item, Element(id_key="ItemID", name_key="Code"))
    answer = XeroClient(ctx).read("Items", decoder, params=params)
    if any(bad.name in ("", code) for bad in answer.bad):
        raise RetryLater("Xero holds an item of this code that cannot be read.")
    return [row for row in answer.rows if (row.code or "").strip().casefold() == code.casefold()]


def _with_price(ctx: CreateContext) -> bool:
    return ctx.settings["base_price_sync"] is True
