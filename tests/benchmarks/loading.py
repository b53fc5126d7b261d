"""How long services take to load their own records, and to load them again."""

import time
from collections.abc import Callable, Iterator, Sequence

from figures import Figure
from lab import Lab
from sizes import Sizes

from syncline.v1.import_pb2 import ImportResult
from syncline.v1.record_pb2 import (
    ImportCustomersRequest,
    ImportCustomersResponse,
    ImportInvoicesRequest,
    ImportInvoicesResponse,
    ImportProductsRequest,
    ImportProductsResponse,
)

_HOME = "workspaces/acme"
_LINES = 5
_MILLISECONDS = 1000
_Answer = ImportCustomersResponse | ImportProductsResponse | ImportInvoicesResponse


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield how long one call takes for a batch of new records, and for the same again."""
    size = sizes.imported
    with lab.server() as stack:
        records = stack.client.records
        customers, products = _customers(size), _products(size)
        first, buyers = _timed(lambda: records.ImportCustomers(customers))
        again, _ = _timed(lambda: records.ImportCustomers(customers))
        made, sold = _timed(lambda: records.ImportProducts(products))
        invoices = _invoices(buyers, sold)
        billed, _ = _timed(lambda: records.ImportInvoices(invoices))
    for what, milliseconds in (
        ("new customers", first),
        ("customers as they were", again),
        ("new products", made),
        (f"new invoices of {_LINES} lines", billed),
    ):
        yield Figure(name=f"one import of {size:,} {what}", measured=milliseconds, unit="ms")


def _timed(call: Callable[[], _Answer]) -> tuple[float, list[str]]:
    """Return the milliseconds a call took, and the names of what it imported."""
    begin = time.perf_counter()
    results: Sequence[ImportResult] = call().results
    return (time.perf_counter() - begin) * _MILLISECONDS, [each.record for each in results]


def _customers(size: int) -> ImportCustomersRequest:
    customers = [
        {
            "external_id": f"C-{number}",
            "code": f"C{number}",
            "display_name": f"Customer {number}",
            "email": f"customer{number}@example.org",
            "address": {"lines": ["1 Quay Street"], "city": "Auckland"},
        }
        for number in range(size)
    ]
    return ImportCustomersRequest(parent=_HOME, customers=customers)


def _products(size: int) -> ImportProductsRequest:
    products = [
        {
            "external_id": f"P-{number}",
            "sku": f"P{number}",
            "display_name": f"Product {number}",
            "default_price": "12.50",
        }
        for number in range(size)
    ]
    return ImportProductsRequest(parent=_HOME, products=products)


def _invoices(customers: Sequence[str], products: Sequence[str]) -> ImportInvoicesRequest:
    lines = [
        {"product": product, "quantity": "3", "unit_price": "12.50"}
        for product in products[:_LINES]
    ]
    invoices = [
        {
            "confirm": True,
            "invoice": {
                "external_id": f"I-{number}",
                "number": f"I-{number}",
                "customer": customer,
                "currency_code": "NZD",
                "invoice_date": "2026-10-01",
                "line_amounts": "LINE_AMOUNTS_NO_TAX",
                "lines": lines,
            },
        }
        for number, customer in enumerate(customers)
    ]
    return ImportInvoicesRequest(parent=_HOME, invoices=invoices)
