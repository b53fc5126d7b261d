"""A workspace with something of everything, for requests that name what is there."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from fuzz_calls import METHODS
from fuzz_requests import Known
from syncline.v1 import record_pb2
from syncline.v1.customer_pb2 import Customer
from syncline.v1.integration_pb2 import GetSettingsRequest
from syncline.v1.invoice_pb2 import Invoice, InvoiceLine
from syncline.v1.product_pb2 import Product
from syncline.v1.record_pb2 import WatchChangesRequest
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_client import Client, InvalidArgument

_MODULES = ("tax_rates", "contacts", "items", "invoice_push", "invoice_pull", "tax_mapping")
_KINDS = {
    "Customer": "customers",
    "Product": "products",
    "TaxCode": "taxCodes",
    "Invoice": "invoices",
}
_MORE = ("acme", "nobody", "-", *_MODULES)


def stock(client: Client, workspace: str) -> None:
    """Create some records of each kind."""
    records = client.records
    for number in range(3):
        code = TaxCode(code=f"T{number}", display_name=f"Tax {number}", rate=str(number))
        made = records.CreateTaxCode(
            record_pb2.CreateTaxCodeRequest(parent=workspace, tax_code=code)
        )
        product = Product(
            sku=f"P{number}", display_name=f"Product {number}", tax_code=made.tax_code.name
        )
        records.CreateProduct(record_pb2.CreateProductRequest(parent=workspace, product=product))
        customer = Customer(
            code=f"C{number}", display_name=f"Customer {number}", external_id=f"x{number}"
        )
        buyer = records.CreateCustomer(
            record_pb2.CreateCustomerRequest(parent=workspace, customer=customer)
        )
        draft = Invoice(
            number=f"I{number}",
            customer=buyer.customer.name,
            currency_code="NZD",
            invoice_date="2026-10-01",
            line_amounts=Invoice.LINE_AMOUNTS_EXCLUSIVE,
            lines=[
                InvoiceLine(
                    description="x", quantity="1", unit_price="1", tax_code=made.tax_code.name
                )
            ],
        )
        records.CreateInvoice(record_pb2.CreateInvoiceRequest(parent=workspace, invoice=draft))


def known_of(client: Client, workspace: str, connection: str, redirect_uri: str) -> Known:
    """Return everything there is to name, and the tokens that lists, streams and records gave."""
    names = [workspace, connection, f"{connection}/settings", f"{workspace}/runs/-", *_MORE]
    tokens: dict[str, list[str]] = {"page_token": [], "resume_token": [], "etag": []}
    for answer in every_page(client, workspace, connection, size=2):
        tokens["page_token"].append(answer.next_page_token)
        names += [each.name for each in elements(answer) if hasattr(each, "name")]
        tokens["etag"] += [each.etag for each in elements(answer) if hasattr(each, "etag")]
    settings = client.integrations.GetSettings(GetSettingsRequest(name=f"{connection}/settings"))
    tokens["etag"].append(settings.settings.etag)
    stream: Any = client.records.WatchChanges(
        WatchChangesRequest(parent=workspace, from_beginning=True)
    )
    tokens["resume_token"].append(next(stream).resume_token)
    stream.cancel()
    tokens |= {
        "StartConnectionRequest.provider": [connection.rpartition("/")[2]],
        "StartConnectionRequest.redirect_uri": [redirect_uri],
        "TriggerSyncRequest.module": list(_MODULES),
        "CheckParityRequest.module": list(_MODULES),
        **{f"{kind}.name": _within(names, of) for kind, of in _KINDS.items()},
        "TogglesEntry.key": ["contacts", "items", "invoices", "tax_rates"],
        "AutomaticIntervalsEntry.key": list(_MODULES),
    }
    kept = {name: tuple(dict.fromkeys(given)) for name, given in tokens.items()}
    return Known(names=list(dict.fromkeys(names)), tokens=kept)


def every_page(client: Client, workspace: str, connection: str, *, size: int) -> Iterator[Any]:
    """Yield every page of every list of a workspace, so that whatever is stored is read."""
    for path, method in METHODS.items():
        if not method.name.startswith("List"):
            continue
        call: Any = client.channel.unary_unary(
            path,
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        for parent in (workspace, connection, f"{workspace}/runs/-"):
            request: Any = GetMessageClass(method.input_type)(parent=parent, page_size=size)
            with contextlib.suppress(InvalidArgument):  # the parent of another list
                yield from _pages(call, request)


def _pages(call: Any, request: Any) -> Iterator[Any]:
    answer = call(request)
    yield answer
    while answer.next_page_token:
        request.page_token = answer.next_page_token
        answer = call(request)
        yield answer


def _within(names: Sequence[str], collection: str) -> list[str]:
    return [name for name in names if f"/{collection}/" in name]


def elements(answer: Message) -> Sequence[Any]:
    """Return what a page holds: a list's answer has it first."""
    return list(getattr(answer, answer.DESCRIPTOR.fields[0].name))
