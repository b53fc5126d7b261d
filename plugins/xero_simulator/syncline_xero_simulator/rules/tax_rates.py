"""Creating, changing and deleting tax rates (developer.xero.com, tax rates)."""

from dataclasses import replace
from decimal import Decimal

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.tax_rate import (
    AccountClass,
    TaxComponent,
    TaxRate,
    TaxRateStatus,
)
from syncline_xero_simulator.rules.writing import Mode, RefusedError, Written, too_long
from syncline_xero_simulator.wire.inbound import Element


def write_tax_rate(books: Books, element: Element, mode: Mode) -> Written[TaxRate]:
    """Save one tax rate; raise `RefusedError` with every broken rule."""
    known = books.tax_rates.get(element.text("TaxType")) if mode is Mode.UPSERT else None
    if known is None and mode is Mode.UPSERT and element.has("TaxType"):
        raise RefusedError([f"The TaxType code {element.text('TaxType')} does not exist"])
    if known is not None:
        _check_changeable(known)
    after = _changed(books, known, element)
    errors = [*too_long("Name", after.name, 50), *_content_errors(after)]
    if errors:
        raise RefusedError(errors)
    books.tax_rates.put(after)
    return Written(record=after, created=known is None)


def retired_rate(books: Books, rate: TaxRate) -> TaxRate:
    """Return the rate as it is after deletion: ARCHIVED if a document used it, else DELETED."""
    used = any(
        line.tax_type == rate.tax_type
        for invoice in books.invoices.values()
        for line in invoice.lines
    )
    return replace(rate, status=TaxRateStatus.ARCHIVED if used else TaxRateStatus.DELETED)


def _check_changeable(rate: TaxRate) -> None:
    if rate.is_system:
        raise RefusedError(["System tax rates cannot be updated"])
    if rate.status in (TaxRateStatus.DELETED, TaxRateStatus.ARCHIVED):
        raise RefusedError(["Deleted tax rates cannot be updated"])


def _changed(books: Books, before: TaxRate | None, element: Element) -> TaxRate:
    if before is not None and element.text("Status") == TaxRateStatus.DELETED:
        return retired_rate(books, before)
    components = element.children("TaxComponents")
    if before is None:
        return TaxRate(
            tax_type=_next_type(books),
            name=element.text("Name"),
            components=_components(components or []),
            applies_to=tuple(AccountClass),
            report_tax_type=element.text("ReportTaxType"),
        )
    return replace(
        before,
        name=element.text("Name", before.name),
        components=before.components if components is None else _components(components),
        report_tax_type=element.text("ReportTaxType", before.report_tax_type),
    )


def _components(elements: list[Element]) -> tuple[TaxComponent, ...]:
    return tuple(
        TaxComponent(
            name=element.text("Name"),
            rate=element.number("Rate") or Decimal(0),
            is_compound=bool(element.flag("IsCompound")),
            is_non_recoverable=bool(element.flag("IsNonRecoverable")),
        )
        for element in elements
    )


def _content_errors(rate: TaxRate) -> list[str]:
    errors = [] if rate.name.strip() else ["The Name field is mandatory"]
    if not rate.components:
        errors.append("At least one tax component must be specified")
    return errors


def _next_type(books: Books) -> str:
    number = 1
    while books.tax_rates.get(f"TAX{number:03d}") is not None:
        number += 1
    return f"TAX{number:03d}"
