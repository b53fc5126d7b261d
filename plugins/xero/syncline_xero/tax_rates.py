"""The module ``tax_rates``: Xero's tax types, for people to map to tax codes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from syncline_sdk import (
    Census,
    CensusContext,
    Direction,
    ModuleSpec,
    RecordKind,
    RunContext,
    TaxRate,
    Toggle,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Answer, BadRow, Element, ListDecoder, is_sane
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
        census=census,
    )


def run(ctx: RunContext) -> None:
    """Pull all tax rates, in one call, those no longer usable included.

    A mapping may still refer to a rate that was deleted, so it is kept and marked, not dropped.
    """
    answer = _read(XeroClient(ctx))
    ctx.progress(total=answer.size)
    report_unreadable(ctx, RecordKind.TAX_RATE, answer.bad)
    kept = [row.id for row in answer.bad if row.id]
    rates, bad = _rates(answer)
    report_unreadable(ctx, RecordKind.TAX_RATE, bad)
    kept.extend(row.id for row in bad if row.id)
    ctx.tax_rates.replace(rates, unreadable=kept)


def census(ctx: CensusContext) -> Census:
    """Read all tax rates, in one call; Xero does not say when one changed."""
    answer = _read(XeroClient(ctx))
    rates, bad = _rates(answer)
    unreadable_ids = frozenset(row.id for row in (*answer.bad, *bad))
    return Census(records=tuple(rates), complete=True, unreadable=unreadable_ids)


def _read(client: XeroClient) -> Answer[wire.TaxRate]:
    decoder = ListDecoder(wire.TaxRate, Element(id_key="TaxType", name_key="Name"))
    answer = client.read("TaxRates", decoder, params={})
    # Once more: one empty answer is no proof that all are gone.
    return answer if answer.size else client.read("TaxRates", decoder, params={})


def _rates(answer: Answer[wire.TaxRate]) -> tuple[list[TaxRate], list[BadRow]]:
    """Return what could be read of an answer, each tax type once, and what could not."""
    records: dict[str, TaxRate] = {}
    bad: list[BadRow] = []
    for row in answer.rows:
        if not row.tax_type:
            bad.append(unreadable("", row.name, "it has no tax type"))
        elif row.effective_rate is None or not is_sane(row.effective_rate):
            bad.append(unreadable(row.tax_type, row.name, "it has no effective rate"))
        else:
            rate = _to_tax_rate(row, row.tax_type, row.effective_rate)
            if rate.active or rate.tax_type not in records:
                records[rate.tax_type] = rate
    return list(records.values()), bad


def _to_tax_rate(row: wire.TaxRate, tax_type: str, rate: Decimal) -> TaxRate:
    return TaxRate(
        tax_type=tax_type,
        name=(row.name or "").strip() or tax_type,
        rate=rate,
        active=row.status == "ACTIVE",
        applies_to_sales=row.can_apply_to_revenue is not False,
    )
