"""The module ``items``: what is sold in Xero becomes products."""

from __future__ import annotations

from datetime import timedelta

from syncline_sdk import (
    Census,
    CensusContext,
    Direction,
    Issue,
    Item,
    ModuleSpec,
    OptionKind,
    OwnedField,
    RecordKind,
    RunContext,
    Setting,
    Toggle,
)
from syncline_xero import wire
from syncline_xero.client import OVERLAP, XeroClient
from syncline_xero.dates import parse_instant
from syncline_xero.decoding import Answer, BadRow, Element, ListDecoder, is_sane
from syncline_xero.item_records import to_item
from syncline_xero.new_items import item_creator
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.reports import report_unreadable, unreadable


def items_module() -> ModuleSpec:
    """Return the module ``items``."""
    return ModuleSpec(
        provider=PROVIDER_NAME,
        name="items",
        title="Items",
        direction=Direction.PULL,
        kind=RecordKind.ITEM,
        toggle=Toggle(name="items", title="Sync Items"),
        cooldown=timedelta(seconds=60),
        run=run,
        requires=("tax_mapping",),
        settings=(
            Setting(
                name="base_price_sync",
                title="Base Price Sync",
                kind=OptionKind.BOOLEAN,
                default=False,
                full_read_on_change=True,
                description=(
                    "Takes the sales price of a Xero item as the product's default price."
                    " While it is off, the default price stays local and editable in Orderverse."
                ),
            ),
        ),
        owned=(
            OwnedField(name="sku"),
            OwnedField(name="name"),
            OwnedField(name="tax_code"),
            OwnedField(name="stock_quantity"),
            OwnedField(name="default_price", setting="base_price_sync", unless=False),
        ),
        creates=item_creator(),
        census=census,
    )


def run(ctx: RunContext) -> None:
    """Pull all items, in one call.

    Xero deletes items for good and tells nobody: only a complete list shows it. The list has no
    pages (a ``page`` parameter is ignored), and four decimals of price must be asked for.
    """
    answer = _read(XeroClient(ctx))
    sold = [row for row in answer.rows if row.is_sold is not False]
    ctx.progress(total=len(sold))
    report_unreadable(ctx, RecordKind.ITEM, answer.bad)
    kept = [row.id for row in answer.bad if row.id]
    records = {}
    for row in sold:
        item = _checked(ctx, row)
        if item is not None:
            records[item.id] = item
        elif row.id:
            kept.append(row.id)
    ctx.items.replace(list(records.values()), unreadable=kept)


def census(ctx: CensusContext) -> Census:
    """Read all items, in one call.

    Whether a sale that moves ``QuantityOnHand`` moves ``UpdatedDateUTC`` too is not documented, so
    what counts as changed says nothing of quantities; the host compares none.
    """
    answer = _read(XeroClient(ctx))
    sold = [row for row in answer.rows if row.is_sold is not False]
    good = [row for row in sold if _fault(row) is None and (row.code or "").strip()]
    with_price = ctx.settings["base_price_sync"] is True
    records = {row.id: to_item(row, with_price=with_price) for row in good}
    present = {row.id or "" for row in sold} | {row.id for row in answer.bad}
    return Census(
        records=tuple(records.values()),
        complete=True,
        unreadable=frozenset(present - records.keys()),
        changed=frozenset(row.id for row in answer.rows if row.id and _changed(ctx, row)),
    )


def _changed(ctx: CensusContext, row: wire.Item) -> bool:
    try:
        updated = parse_instant(row.updated) if row.updated else None
    except ValueError:
        return False
    return updated is not None and ctx.since is not None and updated >= ctx.since - OVERLAP


def _read(client: XeroClient) -> Answer[wire.Item]:
    decoder = ListDecoder(wire.Item, Element(id_key="ItemID", name_key="Name"))
    answer = client.read("Items", decoder, params={"unitdp": "4"})
    # Once more: one empty answer is no proof that all are gone.
    return answer if answer.size else client.read("Items", decoder, params={"unitdp": "4"})


def _checked(ctx: RunContext, row: wire.Item) -> Item | None:
    bad = _fault(row)
    if bad is not None:
        report_unreadable(ctx, RecordKind.ITEM, [bad])
    elif not (row.code or "").strip():
        _report_codeless(ctx, row)
    else:
        return to_item(row, with_price=ctx.settings["base_price_sync"] is True)
    return None


def _fault(row: wire.Item) -> BadRow | None:
    if not row.id:
        return unreadable("", row.name or row.code, "it has no id")
    numbers = (row.quantity, None if row.sales is None else row.sales.unit_price)
    if any(number is not None and not is_sane(number) for number in numbers):
        return unreadable(row.id, row.name or row.code, "a number in it is not a number")
    return None


def _report_codeless(ctx: RunContext, row: wire.Item) -> None:
    ctx.issue(
        Issue(
            code="XERO_ITEM_CODE_MISSING",
            message="This item has no code in Xero, so no product can be made of it.",
            action="Give the item a code in Xero.",
            kind=RecordKind.ITEM,
            record_id=row.id or "",
            record_name=row.name or "",
        )
    )
