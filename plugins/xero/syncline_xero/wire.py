"""What Xero's answers look like, as far as this plugin reads them.

Typed structs that msgspec fills straight from the bytes; what is not named here is skipped and
never becomes an object. Every member is optional, because Xero omits what is unset and some shapes
carry less than others; enumerations stay strings, because Xero adds values without notice; money is
``Decimal`` from the digits on the wire, whether they come as a number or as a string.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec

T = TypeVar("T")

# Far beyond what Xero takes (255 characters for names and codes, 4,000 for descriptions), and below
# what an index of a database holds: a record with more is reported, and its page goes on.
Name = Annotated[str, msgspec.Meta(max_length=600)]
"""An id, a name, a code or another short text."""
Text = Annotated[str, msgspec.Meta(max_length=8_000)]
"""A text that nothing is looked up by."""
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
"""A number of records that can be believed."""


class Phone(msgspec.Struct, rename="pascal", gc=False):
    """One of a contact's four phones; all four come back always, in any order."""

    phone_type: Name | None = None
    phone_number: Name | None = None
    phone_area_code: Name | None = None
    phone_country_code: Name | None = None


class PostalAddress(msgspec.Struct, rename="pascal", gc=False):
    """One of a contact's addresses: ``POBOX`` is billing, ``STREET`` is delivery."""

    address_type: Name | None = None
    address_line1: Text | None = None
    address_line2: Text | None = None
    address_line3: Text | None = None
    address_line4: Text | None = None
    city: Name | None = None
    region: Name | None = None
    postal_code: Name | None = None
    country: Name | None = None
    attention_to: Text | None = None


class Contact(msgspec.Struct, gc=False):
    """A contact as paged lists carry it."""

    id: Name | None = msgspec.field(name="ContactID", default=None)
    name: Name | None = msgspec.field(name="Name", default=None)
    status: Name | None = msgspec.field(name="ContactStatus", default=None)
    contact_number: Name | None = msgspec.field(name="ContactNumber", default=None)
    account_number: Name | None = msgspec.field(name="AccountNumber", default=None)
    email: Name | None = msgspec.field(name="EmailAddress", default=None)
    merged_to: Name | None = msgspec.field(name="MergedToContactID", default=None)
    phones: list[Phone] | None = msgspec.field(name="Phones", default=None)
    addresses: list[PostalAddress] | None = msgspec.field(name="Addresses", default=None)


class SalesDetails(msgspec.Struct, rename="pascal"):
    """How an item is sold; any member may be missing."""

    unit_price: Decimal | None = None
    tax_type: Name | None = None


class Item(msgspec.Struct):
    """An item; ``IsSold`` is true unless Xero says otherwise."""

    id: Name | None = msgspec.field(name="ItemID", default=None)
    code: Name | None = msgspec.field(name="Code", default=None)
    name: Name | None = msgspec.field(name="Name", default=None)
    is_sold: bool | None = msgspec.field(name="IsSold", default=None)
    is_tracked: bool | None = msgspec.field(name="IsTrackedAsInventory", default=None)
    quantity: Decimal | None = msgspec.field(name="QuantityOnHand", default=None)
    updated: str | None = msgspec.field(name="UpdatedDateUTC", default=None)
    sales: SalesDetails | None = msgspec.field(name="SalesDetails", default=None)


class TaxRate(msgspec.Struct, rename="pascal"):
    """A tax rate; ``TaxType`` is its key."""

    tax_type: Name | None = None
    name: Name | None = None
    status: Name | None = None
    effective_rate: Decimal | None = None
    can_apply_to_revenue: bool | None = None


class Line(msgspec.Struct, rename="pascal"):
    """A line of an invoice."""

    description: Text | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    line_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    tax_type: Name | None = None
    item_code: Name | None = None
    account_code: Name | None = None


class ContactReference(msgspec.Struct):
    """The contact inside an invoice."""

    id: Name | None = msgspec.field(name="ContactID", default=None)


class Message(msgspec.Struct, rename="pascal"):
    """A validation error; one sample of Xero's says ``Description`` instead of ``Message``."""

    message: Text | None = None
    description: Text | None = None


class Invoice(msgspec.Struct):
    """An invoice as paged lists and write replies carry it."""

    id: Name | None = msgspec.field(name="InvoiceID", default=None)
    number: Name | None = msgspec.field(name="InvoiceNumber", default=None)
    type: Name | None = msgspec.field(name="Type", default=None)
    status: Name | None = msgspec.field(name="Status", default=None)
    contact: ContactReference | None = msgspec.field(name="Contact", default=None)
    currency: Name | None = msgspec.field(name="CurrencyCode", default=None)
    reference: Name | None = msgspec.field(name="Reference", default=None)
    subtotal: Decimal | None = msgspec.field(name="SubTotal", default=None)
    total_tax: Decimal | None = msgspec.field(name="TotalTax", default=None)
    total: Decimal | None = msgspec.field(name="Total", default=None)
    amount_due: Decimal | None = msgspec.field(name="AmountDue", default=None)
    amount_paid: Decimal | None = msgspec.field(name="AmountPaid", default=None)
    amount_credited: Decimal | None = msgspec.field(name="AmountCredited", default=None)
    date: Text | None = msgspec.field(name="Date", default=None)
    date_text: Text | None = msgspec.field(name="DateString", default=None)
    due_date: Text | None = msgspec.field(name="DueDate", default=None)
    due_date_text: Text | None = msgspec.field(name="DueDateString", default=None)
    fully_paid_on: Text | None = msgspec.field(name="FullyPaidOnDate", default=None)
    updated: Text | None = msgspec.field(name="UpdatedDateUTC", default=None)
    lines: list[Line] | None = msgspec.field(name="LineItems", default=None)


class Connection(msgspec.Struct, rename="camel"):
    """One row of ``/connections``."""

    id: str | None = None
    auth_event_id: str | None = None
    tenant_id: str | None = None
    tenant_type: str | None = None
    tenant_name: str | None = None


class Pagination(msgspec.Struct, rename="camel"):
    """What a paged answer says about the whole list; believed only as far as it makes sense."""

    page_size: Count | None = None
    page_count: Count | None = None
    item_count: Count | None = None


class Envelope(msgspec.Struct, Generic[T]):
    """The wrapping of every list: exactly one of the collections is present."""

    answered: str | None = msgspec.field(name="DateTimeUTC", default=None)
    pagination: msgspec.Raw = msgspec.Raw(b"null")
    """Read apart: counts that make no sense spoil no record."""
    contacts: list[T] | None = msgspec.field(name="Contacts", default=None)
    items: list[T] | None = msgspec.field(name="Items", default=None)
    tax_rates: list[T] | None = msgspec.field(name="TaxRates", default=None)
    invoices: list[T] | None = msgspec.field(name="Invoices", default=None)

    def rows(self) -> list[T] | None:
        """Return the collection that is present, or None when there is none."""
        for collection in (self.contacts, self.items, self.tax_rates, self.invoices):
            if collection is not None:
                return collection
        return None
