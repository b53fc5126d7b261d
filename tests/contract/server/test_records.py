import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from record_calls import (
    GST,
    HOME,
    KAURI,
    PIPE,
    Values,
    customer,
    fields,
    product,
    shown,
    tax_code,
)
from syncline.v1 import customer_pb2, product_pb2, tax_code_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import (
    Aborted,
    AlreadyExists,
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from wiring import Served


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


@pytest.mark.parametrize("method", ["Customer", "Product", "TaxCode", "Invoice"])
def test_record_that_is_not_there_is_not_found(client: Client, method: str) -> None:
    """Get of an unknown id is NOT_FOUND and names it."""
    name = f"{HOME}/{method[0].lower()}{method[1:]}s/none"
    request = getattr(pb, f"Get{method}Request")(name=name)

    with pytest.raises(NotFound) as refusal:
        getattr(client.records, f"Get{method}")(request)

    assert refusal.value.resource == name
