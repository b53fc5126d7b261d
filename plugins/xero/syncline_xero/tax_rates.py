"""The module ``tax_rates``: Xero's tax types, for people to map to tax codes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from syncline_sdk import Direction, ModuleSpec, RecordKind, RunContext, TaxRate, Toggle
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Element, ListDecoder, is_sane
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.reports import report_unreadable, unreadable


def tax_rates_module() -> ModuleSpec:
    """Return the module ``tax_rates``."""
    return ModuleSpec(
        provider=PROVIDER_NAME,
        name="tax_rates",
        title="Tax Rates",
        direction=Direction.PULL,
        kind=RecordKind.TAX_RATE,
        toggle=Toggle(name="tax_rates", title="Sync Tax Rates"),
        cooldown=timedelta(seconds=60),
        run=run,
    )


def run(ctx: RunContext) -> None:
    """Pull all tax rates, in one call, those no longer usable included.

    A mapping may still refer to a rate that was deleted, so it is kept and marked, not dropped.
    """
    decoder = ListDecoder(wire.TaxRate, Element(id_key="TaxType", name_key="Name"))
    answer = XeroClient(ctx).read("TaxRates", decoder, params={})
    ctx.progress(total=answer.size)
    report_unreadable(ctx, RecordKind.TAX_RATE, answer.bad)
    kept = [row.id for row in answer.bad if row.id]
    records: dict[str, TaxRate] = {}
    for row in answer.rows:
        rate = _checked(ctx, row)
        if rate is None:
            kept.extend(filter(None, [row.tax_type]))
        elif rate.active or rate.tax_type not in records:
            records[rate.tax_type] = rate
    ctx.tax_rates.replace(list(records.values()), unreadable=kept)


def _checked(ctx: RunContext, row: wire.TaxRate) -> TaxRate | None:
    if not row.tax_type:
        bad = unreadable("", row.name, "it has no tax type")
    elif row.effective_rate is None or not is_sane(row.effective_rate):
        bad = unreadable(row.tax_type, row.name, "it has no effective rate")
    else:
        return _to_tax_rate(row, row.tax_type, row.effective_rate)
    report_unreadable(ctx, RecordKind.TAX_RATE, [bad])
    return None


def _to_tax_rate(row: wire.TaxRate, tax_type: str, rate: Decimal) -> TaxRate:
    return TaxRate(
        tax_type=tax_type,
        name=(row.name or "").strip() or tax_type,
        rate=rate,
        active=row.status == "ACTIVE",
        applies_to_sales=row.can_apply_to_revenue is not False,
    )
