from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from syncline.v1 import customer_pb2, invoice_pb2, product_pb2, tax_code_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import (
    Aborted,
    AlreadyExists,
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from wiring import ACME, Served

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


@pytest.fixture
def stocked(client: Client) -> Client:
    """A client of a workspace with a tax code, a product and a customer."""
    tax_code(client, GST, "gst")
    product(client, PIPE, "pipe")
    customer(client, KAURI, "kauri")
    return client


def shown(message: Message) -> dict[str, Any]:
    """Return a message as JSON, by our field names."""
    return MessageToDict(message, preserving_proto_field_name=True)


def fields(refusal: pytest.ExceptionInfo[InvalidArgument]) -> list[str]:
    """Return the fields that were refused."""
    return [each.field for each in refusal.value.violations]


def test_customer_comes_back_as_written(client: Client) -> None:
    """A customer is created under the id it was given, with defaults for what is absent."""
    address = {"lines": ["1 Queen St"], "city": "Auckland", "country": "New Zealand"}

    made = customer(client, {**KAURI, "address": address, "notes": "Rings first."}, "kauri")
    found = client.records.GetCustomer(pb.GetCustomerRequest(name=made.name)).customer

    assert made == found
    assert made.name == f"{HOME}/customers/kauri"
    assert shown(made.address) == address
    assert (made.active, made.web_access) == (True, False)
    assert made.etag
    assert made.HasField("create_time")


def test_server_makes_up_an_id(client: Client) -> None:
    """Without an id of the caller's the server makes one."""
    assert customer(client, KAURI).name.startswith(f"{HOME}/customers/")


@pytest.mark.parametrize(
    ("values", "identifier"), [({**KAURI, "code": "X"}, "kauri"), (KAURI, "another")]
)
def test_taken_id_or_code_already_exists(client: Client, values: Values, identifier: str) -> None:
    """A second customer of the same id or code is refused and names the first."""
    customer(client, KAURI, "kauri")

    with pytest.raises(AlreadyExists) as refusal:
        customer(client, values, identifier)

    assert refusal.value.resource == f"{HOME}/customers/kauri"


def test_every_mistake_in_a_customer_is_told(client: Client) -> None:
    """All violations come at once, with their paths on the wire."""
    with pytest.raises(InvalidArgument) as refusal:
        customer(client, {"code": "x" * 51, "address": {"lines": [""] * 5}}, "Not An Id")

    assert set(fields(refusal)) >= {"customer.code", "customer.display_name", "customer_id"}


def test_empty_mask_changes_what_is_populated(client: Client) -> None:
    """Fields that are present and not empty are set; an optional one that is false is present."""
    name = customer(client, KAURI, "kauri").name

    message = customer_pb2.Customer(name=name, phone="09 555", active=False)
    changed = client.records.UpdateCustomer(pb.UpdateCustomerRequest(customer=message)).customer

    assert (changed.phone, changed.active) == ("09 555", False)
    assert (changed.code, changed.email) == ("KAURI", "kauri@example.org")


def test_mask_clears_what_it_names(client: Client) -> None:
    """A named field that is empty is cleared; ``*`` sets everything."""
    name = customer(client, KAURI, "kauri").name

    def update(message: customer_pb2.Customer, *paths: str) -> customer_pb2.Customer:
        request = pb.UpdateCustomerRequest(customer=message, update_mask=FieldMask(paths=paths))
        return client.records.UpdateCustomer(request).customer

    cleared = update(customer_pb2.Customer(name=name, code="IGNORED"), "email", "create_time")
    assert (cleared.email, cleared.code) == ("", "KAURI")
    replaced = update(customer_pb2.Customer(name=name, display_name="Rimu"), "*")
    assert (replaced.display_name, replaced.code) == ("Rimu", "")
    with pytest.raises(InvalidArgument) as refusal:
        update(customer_pb2.Customer(name=name), "address.city")
    assert fields(refusal) == ["update_mask.paths[0]"]


def test_stale_etag_is_refused(client: Client) -> None:
    """A change on top of an older version is ABORTED."""
    made = customer(client, KAURI, "kauri")
    for phone in ("1", "2"):
        message = customer_pb2.Customer(name=made.name, phone=phone, etag=made.etag)
        request = pb.UpdateCustomerRequest(customer=message)
        if phone == "1":
            client.records.UpdateCustomer(request)
            continue
        with pytest.raises(Aborted) as refusal:
            client.records.UpdateCustomer(request)
        assert (refusal.value.reason, refusal.value.resource) == ("STALE_ETAG", made.name)


def test_customers_come_in_pages(client: Client) -> None:
    """Pages together are all customers, by id; activity and text narrow them."""
    for index in range(5):
        customer(client, {"display_name": f"Customer {index}", "active": index != 3}, f"c{index}")

    found: list[str] = []
    token = ""
    while True:
        request = pb.ListCustomersRequest(parent=HOME, page_size=2, page_token=token)
        answer = client.records.ListCustomers(request)
        found += [each.name.rpartition("/")[2] for each in answer.customers]
        token = answer.next_page_token
        if not token:
            break
    active = client.records.ListCustomers(pb.ListCustomersRequest(parent=HOME, active_only=True))
    named = client.records.ListCustomers(pb.ListCustomersRequest(parent=HOME, query="CUSTOMER 4"))

    assert found == [f"c{index}" for index in range(5)]
    assert len(active.customers) == 4
    assert [each.display_name for each in named.customers] == ["Customer 4"]


def test_creation_is_refused_while_the_provider_makes_them(server: Served, client: Client) -> None:
    """While Sync Contacts is on for a connected workspace, customers come from the provider."""
    server.wired.connect()
    server.wired.switch_on("contacts")

    with pytest.raises(FailedPrecondition) as refusal:
        customer(client, KAURI)

    assert refusal.value.reason == "RECORD_CREATED_IN_PROVIDER"
    assert [each.subject for each in refusal.value.blockers] == ["contacts"]


def test_product_comes_back_as_written(stocked: Client) -> None:
    """Decimals come back plain, the tax code by its name."""
    values = {**PIPE, "sku": "TUBE", "default_price": "1.50", "stock_quantity": "100"}

    made = product(stocked, values, "tube")
    found = stocked.records.GetProduct(pb.GetProductRequest(name=made.name)).product

    assert made == found
    assert (made.default_price, made.stock_quantity) == ("1.5", "100")
    assert made.tax_code == f"{HOME}/taxCodes/gst"


def test_product_is_changed_and_listed(stocked: Client) -> None:
    """UpdateProduct sets what the mask names; ListProducts finds by SKU."""
    message = product_pb2.Product(name=f"{HOME}/products/pipe", category="Tubes")
    changed = stocked.records.UpdateProduct(pb.UpdateProductRequest(product=message)).product
    listed = stocked.records.ListProducts(pb.ListProductsRequest(parent=HOME, query="pip"))

    assert changed.category == "Tubes"
    assert list(listed.products) == [changed]


def test_product_with_a_foreign_tax_code_is_refused(stocked: Client) -> None:
    """A reference must lie in the same workspace and exist."""
    with pytest.raises(InvalidArgument) as foreign:
        product(stocked, {**PIPE, "sku": "A", "tax_code": "workspaces/globex/taxCodes/gst"})
    with pytest.raises(InvalidArgument) as missing:
        product(stocked, {**PIPE, "sku": "A", "tax_code": f"{HOME}/taxCodes/none"})

    assert fields(foreign) == fields(missing) == ["product.tax_code"]


def test_tax_code_is_made_read_changed_and_listed(client: Client) -> None:
    """The four methods of tax codes."""
    made = tax_code(client, GST, "gst")
    found = client.records.GetTaxCode(pb.GetTaxCodeRequest(name=made.name)).tax_code
    message = tax_code_pb2.TaxCode(name=made.name, rate="12.5")
    changed = client.records.UpdateTaxCode(pb.UpdateTaxCodeRequest(tax_code=message)).tax_code
    listed = client.records.ListTaxCodes(pb.ListTaxCodesRequest(parent=HOME))

    assert made == found
    assert (made.rate, changed.rate) == ("15", "12.5")
    assert list(listed.tax_codes) == [changed]


def test_invoice_is_computed(stocked: Client) -> None:
    """Line, tax and totals are computed to the cent, freight included."""
    made = invoice(stocked, INVOICE, "first")
    found = stocked.records.GetInvoice(pb.GetInvoiceRequest(name=made.name)).invoice

    assert made == found
    assert made.state == invoice_pb2.Invoice.STATE_DRAFT
    line = made.lines[0]
    assert (line.description, line.quantity, line.unit_price) == ("Pipe", "3", "10.005")
    assert (line.line_amount, line.tax_amount) == ("30.02", "4.50")
    assert (made.subtotal, made.total_tax, made.total) == ("50.02", "7.50", "57.52")
    assert (made.freight.amount, made.invoice_date) == ("20.00", "2026-10-01")
    assert not made.HasField("link")


def test_every_mistake_in_an_invoice_is_told(stocked: Client) -> None:
    """Bad numbers, dates and enum values come together with missing fields."""
    with pytest.raises(InvalidArgument) as refusal:
        invoice(
            stocked,
            {
                "number": "INV-2",
                "invoice_date": "soon",
                "line_amounts": 99,
                "lines": [{"quantity": "many"}],
                "freight": {"state": 77},
            },
        )

    assert set(fields(refusal)) >= {
        "invoice.customer",
        "invoice.currency_code",
        "invoice.invoice_date",
        "invoice.line_amounts",
        "invoice.lines[0].quantity",
        "invoice.freight.state",
    }


def test_every_wrong_reference_of_an_invoice_is_told(stocked: Client) -> None:
    """Once each field is what it can be, unknown references and what contradicts come together."""
    with pytest.raises(InvalidArgument) as refusal:
        invoice(
            stocked,
            {
                **INVOICE,
                "number": "INV-2",
                "customer": f"{HOME}/customers/nobody",
                "due_date": "1999-12-31",
                "lines": [{"quantity": "1", "unit_price": "1", "tax_code": f"{HOME}/taxCodes/no"}],
            },
        )

    assert set(fields(refusal)) >= {
        "invoice.customer",
        "invoice.due_date",
        "invoice.lines[0].description",
        "invoice.lines[0].tax_code",
    }


def test_confirmed_invoice_can_be_changed_until_it_is_sent(stocked: Client) -> None:
    """Confirming twice succeeds; until it is sent it can be changed, and stays confirmed."""
    name = invoice(stocked, INVOICE, "first").name
    for _ in range(2):
        answer = stocked.records.ConfirmInvoice(pb.ConfirmInvoiceRequest(name=name))
        assert answer.invoice.state == invoice_pb2.Invoice.STATE_CONFIRMED

    freight = invoice_pb2.Freight(state="STATE_NONE")
    message = invoice_pb2.Invoice(name=name, reference="PO 7", freight=freight)
    changed = stocked.records.UpdateInvoice(pb.UpdateInvoiceRequest(invoice=message)).invoice

    assert (changed.total, changed.reference) == ("34.52", "PO 7")
    assert changed.state == invoice_pb2.Invoice.STATE_CONFIRMED


def test_invoice_is_voided_for_good(stocked: Client) -> None:
    """Voiding twice succeeds; a void invoice is not confirmed any more, and the refusal says so."""
    name = invoice(stocked, INVOICE, "first").name
    for _ in range(2):
        answer = stocked.records.VoidInvoice(pb.VoidInvoiceRequest(name=name))
        assert answer.invoice.state == invoice_pb2.Invoice.STATE_VOID

    with pytest.raises(FailedPrecondition) as refusal:
        stocked.records.ConfirmInvoice(pb.ConfirmInvoiceRequest(name=name))

    assert refusal.value.reason == "INVOICE_STATE"


def test_invoices_are_filtered(stocked: Client) -> None:
    """State, customer and text narrow the list."""
    first = invoice(stocked, INVOICE, "first")
    invoice(stocked, {**INVOICE, "number": "INV-2"}, "second")
    stocked.records.ConfirmInvoice(pb.ConfirmInvoiceRequest(name=first.name))

    def listed(**more: Any) -> list[str]:
        answer = stocked.records.ListInvoices(pb.ListInvoicesRequest(parent=HOME, **more))
        return [each.number for each in answer.invoices]

    assert listed() == ["INV-1", "INV-2"]
    assert listed(states=["STATE_CONFIRMED"]) == ["INV-1"]
    assert listed(customer=f"{HOME}/customers/kauri", query="-2") == ["INV-2"]
    assert listed(customer=f"{HOME}/customers/other") == []


@pytest.mark.parametrize("method", ["Customer", "Product", "TaxCode", "Invoice"])
def test_record_that_is_not_there_is_not_found(client: Client, method: str) -> None:
    """Get of an unknown id is NOT_FOUND and names it."""
    name = f"{HOME}/{method[0].lower()}{method[1:]}s/none"
    request = getattr(pb, f"Get{method}Request")(name=name)

    with pytest.raises(NotFound) as refusal:
        getattr(client.records, f"Get{method}")(request)

    assert refusal.value.resource == name


def test_preflight_needs_an_organisation(client: Client) -> None:
    """Nobody can say what would be pushed where nothing was ever connected."""
    with pytest.raises(FailedPrecondition) as refusal:
        client.records.PreflightInvoices(pb.PreflightInvoicesRequest(connection=str(ACME)))

    assert refusal.value.reason == "NOT_CONNECTED"


def test_preflight_tells_every_reason(server: Served, stocked: Client) -> None:
    """Verdicts come in the order asked for, unknown ones as they were asked for."""
    server.wired.connect()
    name = invoice(stocked, INVOICE, "first").name

    request = pb.PreflightInvoicesRequest(connection=str(ACME), invoices=["nothing", name])
    answer = stocked.records.PreflightInvoices(request)

    assert (answer.eligible_count, answer.blocked_count, answer.linked_count) == (0, 2, 0)
    unknown, known = answer.results
    assert (unknown.invoice, unknown.reasons[0].code) == ("nothing", "INVOICE_UNKNOWN")
    assert (known.invoice, known.number) == (name, "INV-1")
    assert known.outcome == pb.PreflightResult.OUTCOME_BLOCKED
    assert "INVOICE_NOT_CONFIRMED" in [each.code for each in known.reasons]


def test_links_are_listed(server: Served, client: Client) -> None:
    """Where nothing was sent there are no links."""
    server.wired.connect()

    answer = client.records.ListInvoiceLinks(pb.ListInvoiceLinksRequest(parent=str(ACME)))

    assert list(answer.invoice_links) == []
