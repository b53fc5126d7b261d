"""Making records over the wire."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from syncline.v1 import customer_pb2, invoice_pb2, product_pb2, tax_code_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import Client, InvalidArgument

HOME = "workspaces/acme"
GST = {"code": "GST", "display_name": "GST on sales", "rate": "15.00"}
PIPE = {"sku": "PIPE", "display_name": "Pipe", "tax_code": f"{HOME}/taxCodes/gst"}
KAURI = {"code": "KAURI", "display_name": "Kauri Ltd", "email": "kauri@example.org"}
INVOICE = {
    "number": "INV-1",
    "customer": f"{HOME}/customers/kauri",
    "currency_code": "NZD",
    "invoice_date": "2026-10-01",
    "due_date": "2026-10-20",
    "line_amounts": "LINE_AMOUNTS_EXCLUSIVE",
    "lines": [
        {
            "product": f"{HOME}/products/pipe",
            "quantity": "3",
            "unit_price": "10.005",
            "tax_code": f"{HOME}/taxCodes/gst",
        }
    ],
    "freight": {
        "state": "STATE_FIXED",
        "amount": "20",
        "tax_code": f"{HOME}/taxCodes/gst",
    },
}
Values = Mapping[str, Any]


def customer(client: Client, values: Values, identifier: str = "") -> customer_pb2.Customer:
    """Create a customer."""
    message = ParseDict(dict(values), customer_pb2.Customer())
    request = pb.CreateCustomerRequest(parent=HOME, customer=message, customer_id=identifier)
    return client.records.CreateCustomer(request).customer


def product(client: Client, values: Values, identifier: str = "") -> product_pb2.Product:
    """Create a product."""
    message = ParseDict(dict(values), product_pb2.Product())
    request = pb.CreateProductRequest(parent=HOME, product=message, product_id=identifier)
    return client.records.CreateProduct(request).product


def tax_code(client: Client, values: Values, identifier: str = "") -> tax_code_pb2.TaxCode:
    """Create a tax code."""
    message = ParseDict(dict(values), tax_code_pb2.TaxCode())
    request = pb.CreateTaxCodeRequest(parent=HOME, tax_code=message, tax_code_id=identifier)
    return client.records.CreateTaxCode(request).tax_code


def invoice(client: Client, values: Values, identifier: str = "") -> invoice_pb2.Invoice:
    """Create an invoice."""
    message = ParseDict(dict(values), invoice_pb2.Invoice())
    request = pb.CreateInvoiceRequest(parent=HOME, invoice=message, invoice_id=identifier)
    return client.records.CreateInvoice(request).invoice


def shown(message: Message) -> dict[str, Any]:
    """Return a message as JSON, by our field names."""
    return MessageToDict(message, preserving_proto_field_name=True)


def fields(refusal: pytest.ExceptionInfo[InvalidArgument]) -> list[str]:
    """Return the fields that were refused."""
    return [each.field for each in refusal.value.violations]
