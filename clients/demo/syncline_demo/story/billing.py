"""Making the workspace's own invoices."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from syncline.v1.customer_pb2 import Customer
from syncline.v1.invoice_pb2 import Freight, Invoice, InvoiceLine
from syncline.v1.product_pb2 import Product
from syncline.v1.record_pb2 import ConfirmInvoiceRequest, CreateInvoiceRequest, UpdateInvoiceRequest
from syncline_demo.story.cast import Cast
from syncline_demo.story.errors import StoryError

INVOICES = 60
_USUAL_PRICE = "25.00"
_DAYS_TO_PAY = timedelta(days=20)


def create_invoices(cast: Cast) -> list[Invoice]:
    """Create and confirm invoices for synced customers and products.

    The last one's freight is to be confirmed, so that the preflight has something to say.
    """
    customers = [one for one in cast.workspace.customers() if one.mapped_to]
    products = [one for one in cast.workspace.products() if _can_be_sold(one)]
    if not customers or not products:
        raise StoryError("There is no synced customer or product to make an invoice of.")
    first = len(cast.workspace.links())
    with cast.stage.bars() as bars:
        task = bars.add_task("create and confirm", total=INVOICES, note="")
        made = []
        for number in range(first, first + INVOICES):
            made.append(_confirmed(cast, _draft(cast, number, customers, products)))
            bars.advance(task)
    cast.stage.done(f"{len(made)} invoices are confirmed, {made[0].number} to {made[-1].number}")
    return made


def _can_be_sold(product: Product) -> bool:
    # What Xero keeps in stock could run out, and an invoice beyond the stock is never approved.
    return bool(product.mapped_to and product.tax_code) and not product.stock_quantity


def _draft(
    cast: Cast, number: int, customers: Sequence[Customer], products: Sequence[Product]
) -> Invoice:
    today = datetime.now(UTC).date()
    return Invoice(
        number=f"{cast.workspace.id.upper()}-{number + 1:04d}",
        customer=customers[number % len(customers)].name,
        currency_code=cast.organisation.currency,
        invoice_date=today.isoformat(),
        due_date=(today + _DAYS_TO_PAY).isoformat(),
        line_amounts=Invoice.LINE_AMOUNTS_EXCLUSIVE,
        reference=f"Order {1000 + number}",
        lines=[_line(products[(number + place) % len(products)], place) for place in range(3)],
    )


def _line(product: Product, place: int) -> InvoiceLine:
    return InvoiceLine(
        product=product.name,
        quantity=str(place + 1),
        unit_price=product.default_price or _USUAL_PRICE,
        tax_code=product.tax_code,
    )


def _confirmed(cast: Cast, draft: Invoice) -> Invoice:
    records = cast.workspace.client.records
    created = records.CreateInvoice(
        CreateInvoiceRequest(parent=cast.workspace.name, invoice=draft)
    ).invoice
    return records.ConfirmInvoice(ConfirmInvoiceRequest(name=created.name)).invoice


def set_freight(cast: Cast, invoice: Invoice, freight: Freight) -> Invoice:
    """Say what delivery of an invoice costs."""
    changed = Invoice(name=invoice.name, freight=freight)
    request = UpdateInvoiceRequest(invoice=changed)
    return cast.workspace.client.records.UpdateInvoice(request).invoice
