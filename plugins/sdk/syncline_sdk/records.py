"""Neutral records: what modules hand to the server, in no provider's own terms.

Named tuples, because a pull makes hundreds of thousands of them: they cost a fifth of a frozen
dataclass and compare and hash as values. Money and quantities are :class:`decimal.Decimal`,
never a float. Instants are aware datetimes in UTC; calendar dates are :class:`datetime.date`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class RecordKind(StrEnum):
    """What a record is, on the provider's side and on ours."""

    CONTACT = "CONTACT"  # provider's contact, our customer
    ITEM = "ITEM"  # provider's item, our product
    TAX_RATE = "TAX_RATE"  # provider's tax rate, our tax code
    INVOICE = "INVOICE"  # an invoice on both sides


class LineAmounts(StrEnum):
    """How the amounts of an invoice's lines relate to tax."""

    EXCLUSIVE = "EXCLUSIVE"
    INCLUSIVE = "INCLUSIVE"
    NO_TAX = "NO_TAX"


class Address(NamedTuple):
    """A postal address; empty parts are empty strings."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    attention_to: str = ""


class Contact(NamedTuple):
    """A person or company the provider keeps, ready to become a customer."""

    id: str
    name: str
    codes: tuple[str, ...] = ()
    """Codes the provider knows it by, the preferred one first; the first becomes our code."""
    email: str = ""
    phone: str = ""
    """The phone the workspace chose to sync, formatted; empty when it has none."""
    address: Address | None = None
    """The address the workspace chose to sync; None when it has none."""
    active: bool = True
    """False when archived or erased at the provider."""
    merged_into: str = ""
    """The id of the contact this one was merged into, when it was."""


class Item(NamedTuple):
    """Something sold, ready to become a product."""

    id: str
    code: str
    name: str
    tax_type: str = ""
    """The provider's tax type for sales; empty when it leaves that to the account."""
    stock_quantity: Decimal | None = None
    """None when the provider does not track its stock."""
    price: Decimal | None = None
    """Sales unit price; None when it has none or the workspace keeps prices local."""


class TaxRate(NamedTuple):
    """A tax type the provider computes with."""

    tax_type: str
    """The key lines refer to; means something only within its organisation."""
    name: str
    rate: Decimal
    """Effective percentage, 15 for 15 %."""
    active: bool = True
    applies_to_sales: bool = True


class InvoiceLine(NamedTuple):
    """One line of an invoice as the provider has it."""

    description: str
    quantity: Decimal
    unit_amount: Decimal
    line_amount: Decimal
    tax_amount: Decimal
    tax_type: str = ""
    item_code: str = ""
    account_code: str = ""


class InvoiceState(NamedTuple):
    """An invoice as the provider has it now."""

    id: str
    number: str
    status: str
    """The provider's own word, for example ``AUTHORISED``."""
    contact_id: str
    currency: str
    subtotal: Decimal
    total_tax: Decimal
    total: Decimal
    amount_due: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    invoice_date: date | None = None
    due_date: date | None = None
    fully_paid_date: date | None = None
    lines: tuple[InvoiceLine, ...] | None = ()
    """None when the provider's answer left the lines out."""
    reference: str = ""
    modified_time: datetime | None = None


Record = Contact | Item | TaxRate
