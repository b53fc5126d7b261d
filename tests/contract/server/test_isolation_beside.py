"""Two workspaces side by side that call things alike, through the access of one person."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest

from harvesting import canaries, harvest
from probing import Caller
from setting_up import finish
from syncline.v1.customer_pb2 import Customer
from syncline.v1.integration_pb2 import TriggerSyncRequest, WatchConnectionRequest
from syncline.v1.invoice_pb2 import Invoice
from syncline.v1.product_pb2 import Product
from syncline.v1.record_pb2 import (
    CreateCustomerRequest,
    CreateInvoiceRequest,
    CreateProductRequest,
    CreateTaxCodeRequest,
    GetCustomerRequest,
    ImportCustomersRequest,
    ListCustomersRequest,
    ListInvoicesRequest,
    WatchChangesRequest,
)
from syncline.v1.run_pb2 import WatchRunRequest
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_client import Cancelled
from syncline_demo.story.workspace import Workspace
from syncline_server.core.access import Role
from syncline_xero_simulator import SigningKey
from tenants import OURS, SHARED_ID, THEIRS, Tenants, tenants

PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Both workspaces after a full life, each as its own admin sees it."""

    world: Tenants
    us: Workspace
    them: Workspace

    @property
    def both(self) -> tuple[Workspace, Workspace]:
        """The one and the other."""
        return self.us, self.them


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def neighbours(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Neighbours]:
    """Two workspaces whose records are local, so that whatever they create is theirs to name."""
    with ExitStack() as stack:
        world = stack.enter_context(tenants(database_url, tmp_path, signing_key))
        us, them = (stack.enter_context(world.workspace(each)) for each in (OURS, THEIRS))
        for workspace in (them, us):
            world.live(workspace)
            workspace.set_toggles(invoices=False)
            workspace.set_toggles(items=False, contacts=False)
        yield Neighbours(world=world, us=us, them=them)


def trigger(workspace: Workspace, request_id: str) -> str:
    """Start a run of tax rates under this request id and return its name."""
    request = TriggerSyncRequest(
        connection=workspace.connection, module="tax_rates", request_id=request_id
    )
    return workspace.client.integrations.TriggerSync(request).run.name


def create_alike(workspace: Workspace) -> list[str]:
    """Create a record of each kind, named and numbered as the other workspace does."""
    records, parent = workspace.client.records, workspace.name
    customer = records.CreateCustomer(
        CreateCustomerRequest(
            parent=parent,
            customer_id="same",
            customer=Customer(code="SAME", display_name="Same Ltd", email="same@same.example"),
        )
    ).customer
    tax_code = records.CreateTaxCode(
        CreateTaxCodeRequest(
            parent=parent,
            tax_code_id="same",
            tax_code=TaxCode(code="SAME", display_name="Same", rate="15"),
        )
    ).tax_code
    product = records.CreateProduct(
        CreateProductRequest(
            parent=parent,
            product_id="same",
            product=Product(sku="SAME", display_name="Same", tax_code=tax_code.name),
        )
    ).product
    invoice = Invoice(
        number="SAME-1",
        customer=customer.name,
        currency_code="NZD",
        invoice_date="2026-10-01",
        line_amounts=Invoice.LINE_AMOUNTS_EXCLUSIVE,
        external_id="same-invoice",
    )
    invoice.lines.add(product=product.name, quantity="1", unit_price="1.00", tax_code=tax_code.name)
    made = records.CreateInvoice(
        CreateInvoiceRequest(parent=parent, invoice_id="same", invoice=invoice)
    ).invoice
    return [customer.name, tax_code.name, product.name, made.name]


def test_request_id_is_a_workspaces_own(neighbours: Neighbours) -> None:
    """The same id starts a run in each, and repeated returns each its own."""
    request_id = str(uuid4())

    first = [trigger(each, request_id) for each in neighbours.both]
    again = [trigger(each, request_id) for each in neighbours.both]

    assert first == again
    for workspace, name in zip(neighbours.both, first, strict=True):
        assert name.startswith(f"{workspace.name}/")


def test_ids_codes_and_numbers_are_a_workspaces_own(neighbours: Neighbours) -> None:
    """Nothing exists already because somebody else has one of that name."""
    made = [create_alike(each) for each in neighbours.both]

    for names, workspace in zip(made, neighbours.both, strict=True):
        assert all(name.startswith(f"{workspace.name}/") for name in names)
        assert all(name.endswith("/same") for name in names)
        found = workspace.client.records.GetCustomer(GetCustomerRequest(name=names[0])).customer
        assert found.name == names[0]


def test_external_ids_are_a_workspaces_own(neighbours: Neighbours) -> None:
    """Each finds its own record by an id that both use, and an import changes no other's."""
    records = neighbours.us.client.records
    theirs = own_customer(neighbours.them)

    change = Customer(external_id=SHARED_ID, display_name="Renamed by us")
    request = ImportCustomersRequest(parent=neighbours.us.name, customers=[change])
    (result,) = records.ImportCustomers(request).results

    assert result.record == own_customer(neighbours.us).name
    assert own_customer(neighbours.us).display_name == "Renamed by us"
    assert own_customer(neighbours.them) == theirs
    for workspace in neighbours.both:
        asked = ListInvoicesRequest(parent=workspace.name, external_id=SHARED_ID)
        (invoice,) = workspace.client.records.ListInvoices(asked).invoices
        assert invoice.name.startswith(f"{workspace.name}/")


def own_customer(workspace: Workspace) -> Customer:
    """Return the one customer of the shared external id that a workspace has."""
    request = ListCustomersRequest(parent=workspace.name, external_id=SHARED_ID)
    (found,) = workspace.client.records.ListCustomers(request).customers
    return found


def test_streams_bring_nothing_of_others(neighbours: Neighbours) -> None:
    """Whoever watches while the other workspace is busy is told what is its own, and only that."""
    us, them = neighbours.both
    run = trigger(us, "")
    calls: list[Any] = [
        us.client.integrations.WatchConnection(WatchConnectionRequest(name=us.connection)),
        us.client.runs.WatchRun(WatchRunRequest(name=run)),
        us.client.records.WatchChanges(WatchChangesRequest(parent=us.name, from_beginning=True)),
    ]
    heard: list[str] = []
    is_told = threading.Event()
    threads = [threading.Thread(target=_hear, args=(call, heard, is_told)) for call in calls]
    for thread in threads:
        thread.start()

    create_alike(them)
    finish(them, "tax_rates")
    them.disconnect()
    create_alike(us)

    assert is_told.wait(PATIENCE)
    for call in calls:
        call.cancel()
    for thread in threads:
        thread.join(PATIENCE)
    found = secrets_of_theirs(neighbours)
    assert len(found) > 100
    assert [each for each in found if any(each in text for text in heard)] == []


def _hear(call: Any, heard: list[str], is_told: threading.Event) -> None:
    """Keep what a stream says until it is cancelled; tell when our last change has come."""
    try:
        for message in call:
            heard.append(str(message))
            if "SAME-1" in heard[-1]:
                is_told.set()
    except Cancelled:
        return


def secrets_of_theirs(neighbours: Neighbours) -> frozenset[str]:
    """Return the texts that only the other workspace has."""
    world = neighbours.world
    with grpc.insecure_channel(world.address) as channel:
        theirs, ours = (
            harvest(Caller(channel, world.token(Role.ADMIN, each)), each, world.receipt(each))
            for each in (THEIRS, OURS)
        )
    return canaries(world.database, theirs, ours)
