"""Building the lines of an invoice from what a client sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from syncline_xero_simulator.books.account import Account, AccountStatus
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import InvoiceLine, InvoiceType, LineAmountTypes
from syncline_xero_simulator.books.item import Item, ItemPrice
from syncline_xero_simulator.books.tax_rate import TaxRate, TaxRateStatus
from syncline_xero_simulator.rules.arithmetic import line_amount, line_tax, rounded
from syncline_xero_simulator.rules.items import item_by
from syncline_xero_simulator.rules.writing import WriteContext, too_long
from syncline_xero_simulator.wire.inbound import Element

_LARGEST_AMOUNT = Decimal("9999999999.99")
_LONGEST_DESCRIPTION = 4000
_QUANTITY_PLACES = 4
_ROUNDING = "ROUNDING"
_NO_TAX_TYPE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSetting:
    """What the lines of one invoice share."""

    books: Books
    context: WriteContext
    type: InvoiceType
    amounts: LineAmountTypes
    approved: bool


@dataclass(frozen=True, slots=True)
class BuiltLine:
    """A line and what is wrong with it."""

    line: InvoiceLine
    errors: tuple[str, ...]


def build_lines(
    elements: Sequence[Element], before: Sequence[InvoiceLine], setting: LineSetting
) -> tuple[tuple[InvoiceLine, ...], list[str]]:
    """Return the lines that replace `before`, and every error in them.

    A line that names a known `LineItemID` starts from that line; all others are new.
    """
    known = {line.line_item_id: line for line in before}
    built = [_build(element, known, setting) for element in elements]
    errors = [message for result in built for message in result.errors]
    return tuple(result.line for result in built), list(dict.fromkeys(errors))


def recomputed(
    lines: Sequence[InvoiceLine], setting: LineSetting
) -> tuple[tuple[InvoiceLine, ...], list[str]]:
    """Return lines with amounts and tax worked out again, and what approval finds missing."""
    built = [_priced(line, None, setting) for line in lines]
    errors = [message for result in built for message in _approval_errors(result, setting)]
    return tuple(built), list(dict.fromkeys(errors))


def _build(element: Element, known: dict[str, InvoiceLine], setting: LineSetting) -> BuiltLine:
    start = known.get(element.text("LineItemID").lower())
    item_code = element.text("ItemCode", start.item_code if start else "")
    item = item_by(setting.books, item_code) if item_code else None
    line = _filled(_sent(element, start, setting), element, item, setting)
    errors = _item_errors(item_code, item, setting)
    account_errors = _account_errors(line, setting) if _is_known_account(element, line) else []
    priced = _priced(line, element.number("TaxAmount"), setting)
    errors += [
        *too_long("Description", line.description, _LONGEST_DESCRIPTION),
        *account_errors,
        *([] if account_errors else _tax_errors(priced, setting)),
        *_amount_errors(priced, element.number("LineAmount"), setting),
        *_approval_errors(priced, setting),
    ]
    return BuiltLine(priced, tuple(errors))


def _is_known_account(element: Element, line: InvoiceLine) -> bool:
    return bool(line.account_code) or element.has("AccountID")


def _sent(element: Element, start: InvoiceLine | None, setting: LineSetting) -> InvoiceLine:
    base = start or InvoiceLine(line_item_id=setting.context.mint.guid())
    return replace(
        base,
        description=element.text("Description", base.description),
        quantity=_number(element, "Quantity", base.quantity, _QUANTITY_PLACES, setting),
        unit_amount=_number(
            element, "UnitAmount", base.unit_amount, setting.context.unit_places, setting
        ),
        item_code=element.text("ItemCode", base.item_code),
        account_code=_account_code(element, base.account_code, setting.books),
        tax_type=element.text("TaxType", base.tax_type),
        discount_rate=element.number("DiscountRate"),
        discount_amount=element.number("DiscountAmount"),
    )


def _number(
    element: Element, name: str, otherwise: Decimal | None, places: int, setting: LineSetting
) -> Decimal | None:
    value = element.number(name)
    return otherwise if value is None else rounded(value, places, setting.context.switches)


def _account_code(element: Element, otherwise: str, books: Books) -> str:
    if not element.has("AccountCode") and element.has("AccountID"):
        account = books.accounts.get(element.text("AccountID").lower())
        return account.code if account else element.text("AccountID")
    return element.text("AccountCode", otherwise)


def _filled(
    line: InvoiceLine, element: Element, item: Item | None, setting: LineSetting
) -> InvoiceLine:
    if (
        item is not None
        and line.unit_amount is None
        and not setting.context.switches.price_fills_from_item
    ):
        line, item = replace(line, item_code=""), None
    if item is not None:
        line = _from_item(line, item, setting)
    if line.quantity is None and line.unit_amount is not None:
        line = replace(line, quantity=Decimal("1.0000"))
    account = setting.books.accounts.find("code", line.account_code.casefold())
    if not line.tax_type and account is not None:
        line = replace(line, tax_type=account.tax_type)
    if setting.amounts is LineAmountTypes.NO_TAX and not element.has("TaxType"):
        line = replace(line, tax_type=_NO_TAX_TYPE if line.account_code else "")
    return line


def _from_item(line: InvoiceLine, item: Item, setting: LineSetting) -> InvoiceLine:
    sale = setting.type is InvoiceType.ACCREC
    price: ItemPrice = item.sales if sale else item.purchases
    text = item.description if sale else item.purchase_description
    unit = line.unit_amount
    if unit is None and price.unit_price is not None:
        unit = rounded(price.unit_price, setting.context.unit_places, setting.context.switches)
    return replace(
        line,
        item_code=item.code,
        description=line.description or text or item.name,
        unit_amount=unit,
        account_code=line.account_code or price.account_code,
        tax_type=line.tax_type or price.tax_type,
    )


def _priced(line: InvoiceLine, sent_tax: Decimal | None, setting: LineSetting) -> InvoiceLine:
    switches = setting.context.switches
    amount = line_amount(line, switches)
    tax = line_tax(amount, _percent(line, setting), setting.amounts, switches)
    if sent_tax is not None and setting.amounts is not LineAmountTypes.NO_TAX:
        tax = rounded(sent_tax, 2, switches)
    return replace(line, line_amount=amount, tax_amount=tax)


def _percent(line: InvoiceLine, setting: LineSetting) -> Decimal:
    rate = setting.books.tax_rates.get(line.tax_type)
    if rate is None:
        return Decimal(0)
    effective = setting.context.switches.tax_uses_effective_rate
    return rate.effective_rate if effective else rate.display_rate


def _item_errors(code: str, item: Item | None, setting: LineSetting) -> list[str]:
    sellable = item is not None and (item.is_sold or setting.type is InvoiceType.ACCPAY)
    if not code or sellable:
        return []
    return [setting.context.switches.unknown_item_text.replace("{code}", code)]


def _account_errors(line: InvoiceLine, setting: LineSetting) -> list[str]:
    account = setting.books.accounts.find("code", line.account_code.casefold())
    if account is not None and _takes_lines(account):
        return []
    return [f"Account code '{line.account_code}' is not a valid code for this document."]


def _takes_lines(account: Account) -> bool:
    ordinary = not account.system or account.system == _ROUNDING
    return account.status is AccountStatus.ACTIVE and ordinary and account.type != "BANK"


def _tax_errors(line: InvoiceLine, setting: LineSetting) -> list[str]:
    if not line.tax_type or setting.amounts is LineAmountTypes.NO_TAX:
        return []
    unusable = (
        f"The TaxType code {line.tax_type} does not exist or cannot be used for this type of "
        "transaction."
    )
    rate = setting.books.tax_rates.get(line.tax_type)
    if rate is None or not _is_usable(rate, setting):
        return [unusable]
    account = setting.books.accounts.find("code", line.account_code.casefold())
    if account is not None and account.account_class not in rate.applies_to:
        mismatch = (
            f"The TaxType code '{line.tax_type}' cannot be used with account code "
            f"'{line.account_code}'."
        )
        return [mismatch, unusable]
    return []


def _is_usable(rate: TaxRate, setting: LineSetting) -> bool:
    if rate.status is TaxRateStatus.PENDING:
        return setting.context.switches.pending_rates_usable
    return rate.status is TaxRateStatus.ACTIVE


def _amount_errors(line: InvoiceLine, sent: Decimal | None, setting: LineSetting) -> list[str]:
    errors = []
    if line.discount_rate is not None and line.discount_amount is not None:
        errors.append("Only one of DiscountRate and DiscountAmount can be specified")
    discounted = line.discount_rate is not None or line.discount_amount is not None
    if discounted and setting.type is InvoiceType.ACCPAY:
        errors.append("Discounts can only be applied to sales invoices and quotes")
    if abs(line.line_amount) > _LARGEST_AMOUNT:
        errors.append("The line amount is too large")
    if sent is not None and line.unit_amount is not None:
        total = rounded(sent, 2, setting.context.switches)
        if total != line.line_amount:
            errors.append(
                f"The line total {total} does not match the expected line total {line.line_amount}"
            )
    return errors


def _approval_errors(line: InvoiceLine, setting: LineSetting) -> list[str]:
    if not setting.approved or line.account_code or line.unit_amount is None:
        return []
    return ["Account code must be specified"]
