"""Local records and mappings for tests, put straight into the tables."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from running import KAURI, NOON
from syncline_sdk import Contact, InvoiceLine, InvoiceState, Item, LineAmounts, OutgoingInvoice
from syncline_server.core.invoice import Invoice, InvoiceStage, Line, computed
from syncline_server.core.model import MappingState
from syncline_server.core.records import Customer, Product, TaxCode
from syncline_server.storage import (
    contacts,
    customers,
    invoices,
    items,
    products,
    tax_codes,
    tax_rates,
)
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database, Row
from syncline_server.storage.items import ItemRow
from syncline_server.storage.tax_rates import TaxRateRow


def add_customer(database: Database, id_: str, contact: Contact) -> None:
    """Store a customer of workspace acme that is like a contact, without any mapping."""
    customer = Customer(
        workspace="acme",
        id=id_,
        code=contact.codes[0] if contact.codes else "",
        display_name=contact.name,
        email=contact.email,
        phone=contact.phone,
        address=contact.address,
        active=contact.active,
    )
    customers.insert(database, customer, NOON)


def map_contact(
    database: Database,
    contact: Contact,
    customer_id: str,
    state: MappingState = MappingState.MAPPED,
) -> None:
    """Store a contact of the organisation with its customer."""
    contacts.write(database, KAURI, [ContactRow(contact, "", state, customer_id)], NOON)


def add_product(database: Database, id_: str, item: Item, tax_code: str | None = None) -> None:
    """Store a product of workspace acme that is like an item, without any mapping."""
    product = Product(
        workspace="acme",
        id=id_,
        sku=item.code,
        display_name=item.name,
        tax_code_id=tax_code,
        stock_quantity=item.stock_quantity,
        default_price=item.price,
    )
    products.insert(database, product, NOON)


def map_item(database: Database, item: Item, product_id: str) -> None:
    """Store an item of the organisation with its product."""
    items.write(database, KAURI, [ItemRow(item, "", MappingState.MAPPED, product_id)], NOON)


def add_tax_code(database: Database, id_: str, rate: str = "15", code: str = "") -> None:
    """Store a tax code of workspace acme; its code is its id in capitals unless given."""
    code = code or id_.upper()
    tax_code = TaxCode(workspace="acme", id=id_, code=code, display_name=code, rate=Decimal(rate))
    tax_codes.insert(database, tax_code, NOON)


def add_tax_rate(
    database: Database, tax_type: str, rate: str = "15", tax_code: str | None = None
) -> None:
    """Store a tax type of the organisation, mapped when a tax code is given."""
    row = TaxRateRow(
        tax_type=tax_type,
        name=tax_type.title(),
        rate=Decimal(rate),
        active=True,
        applies_to_sales=True,
        content_hash="old",
        state=MappingState.MAPPED if tax_code else MappingState.UNMAPPED,
        tax_code_id=tax_code,
    )
    tax_rates.write(database, KAURI, [row], NOON)


def an_invoice(id_: str = "inv1", **changes: object) -> Invoice:
    """Return a confirmed invoice over one widget at 10.00, with 15 % on top."""
    line = Line(
        product_id="widget",
        description="Widget",
        quantity=Decimal(1),
        unit_price=Decimal(10),
        tax_code_id="gst",
        tax_rate=Decimal(15),
    )
    invoice = Invoice(
        workspace="acme",
        id=id_,
        number=f"N-{id_}",
        customer_id="kerr",
        stage=InvoiceStage.CONFIRMED,
        currency="NZD",
        invoice_date=date(2026, 10, 1),
        line_amounts=LineAmounts.EXCLUSIVE,
        lines=(line,),
    )
    return computed(replace(invoice, **changes))  # type: ignore[arg-type]  # any field of it


def add_invoice(database: Database, invoice: Invoice) -> None:
    """Store an invoice."""
    invoices.insert(database, invoice, NOON)


def ready_to_push(database: Database, *ids: str) -> None:
    """Store confirmed invoices with these ids and everything they refer to, all mapped."""
    add_customer(database, "kerr", Contact(id="c1", name="Kerr Ltd"))
    map_contact(database, Contact(id="c1", name="Kerr Ltd"), "kerr")
    add_product(database, "widget", Item(id="i1", code="W1", name="Widget"))
    map_item(database, Item(id="i1", code="W1", name="Widget"), "widget")
    add_tax_code(database, "gst")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")
    for id_ in ids:
        add_invoice(database, an_invoice(id_))


def rows(database: Database, table: str, order: str) -> list[Row]:
    """Return a table's rows in an order."""
    return database.rows(f"SELECT * FROM {table} ORDER BY {order}")


def held(sent: OutgoingInvoice) -> InvoiceState:
    """Return what a provider holds that took an invoice exactly as it was sent."""
    line = InvoiceLine(
        description="Widget",
        quantity=Decimal(1),
        unit_amount=Decimal(10),
        line_amount=Decimal(10),
        tax_amount=Decimal("1.5"),
        tax_type="OUTPUT2",
        item_code="W1",
    )
    return InvoiceState(
        id=f"x-{sent.number}",
        number=sent.number,
        status="DRAFT",
        contact_id=sent.contact_id,
        currency=sent.currency,
        subtotal=Decimal(10),
        total_tax=Decimal("1.50"),
        total=sent.total,
        amount_due=sent.total,
        amount_paid=Decimal(0),
        amount_credited=Decimal(0),
        invoice_date=sent.invoice_date,
        lines=(line,),
    )
