"""An invoice, its lines and its payments."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class InvoiceType(StrEnum):
    """Whether money comes in or goes out."""

    ACCREC = "ACCREC"
    ACCPAY = "ACCPAY"


class InvoiceStatus(StrEnum):
    """Where an invoice is in its life."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    AUTHORISED = "AUTHORISED"
    PAID = "PAID"
    VOIDED = "VOIDED"
    DELETED = "DELETED"


class LineAmountTypes(StrEnum):
    """How the amounts of an invoice's lines are to be read."""

    EXCLUSIVE = "Exclusive"
    INCLUSIVE = "Inclusive"
    NO_TAX = "NoTax"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line; amounts in the invoice's currency."""

    line_item_id: str
    description: str = ""
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    item_code: str = ""
    account_code: str = ""
    tax_type: str = ""
    tax_amount: Decimal = Decimal("0.00")
    line_amount: Decimal = Decimal("0.00")
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money applied to an invoice."""

    payment_id: str
    day: date
    amount: Decimal
    updated: datetime
    currency_rate: Decimal = Decimal("1.000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice. `by_app` says that the registered app made it."""

    invoice_id: str
    type: InvoiceType
    number: str
    contact_id: str
    day: date
    status: InvoiceStatus
    line_amount_types: LineAmountTypes
    lines: tuple[InvoiceLine, ...]
    currency_code: str
    updated: datetime
    sub_total: Decimal = Decimal("0.00")
    total_tax: Decimal = Decimal("0.00")
    total: Decimal = Decimal("0.00")
    due_day: date | None = None
    reference: str = ""
    currency_rate: Decimal = Decimal("1.000000")
    payments: tuple[Payment, ...] = ()
    amount_credited: Decimal = Decimal("0.00")
    credited_on: date | None = None
    sent_to_contact: bool = False
    url: str = ""
    branding_theme_id: str = ""
    expected_payment_day: date | None = None
    by_app: bool = False

    @property
    def key(self) -> str:
        """The invoice's id."""
        return self.invoice_id

    @property
    def amount_paid(self) -> Decimal:
        """What payments brought."""
        return sum((payment.amount for payment in self.payments), Decimal("0.00"))

    @property
    def amount_due(self) -> Decimal:
        """What is still open; nothing on a voided or deleted invoice."""
        if self.status in (InvoiceStatus.VOIDED, InvoiceStatus.DELETED):
            return Decimal("0.00")
        return self.total - self.amount_paid - self.amount_credited

    @property
    def fully_paid_on(self) -> date | None:
        """The day of the last payment or credit of a PAID invoice."""
        if self.status is not InvoiceStatus.PAID:
            return None
        days = [payment.day for payment in self.payments]
        return max([*days, self.credited_on] if self.credited_on else days, default=None)
