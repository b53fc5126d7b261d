"""Creating customers and products at the provider first, as callers see it."""

from collections.abc import Iterator

import grpc
import httpx
import pytest

from creating_provider import Shelves, creating_catalogue, cut_after, cut_before, limit_the_day
from syncline.v1 import customer_pb2, product_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import Aborted, Client, FailedPrecondition, SynclineError
from syncline_server.services.provider_clients import Manner
from syncline_server.storage.database import Database
from wiring import ACME, Served, Wired, Wishes, served

HOME = "workspaces/acme"
KERR = customer_pb2.Customer(code="K1", display_name="Kerr Ltd", notes="Rings first.")


@pytest.fixture
def shelves() -> Shelves:
    """What the provider keeps."""
    return Shelves()


@pytest.fixture
def creating(database: Database, shelves: Shelves) -> Iterator[Served]:
    """A server whose provider creates, connected, with contacts and items on."""
    wired = Wired(database, Wishes(catalogue=creating_catalogue()))
    wired.ledger.intercept = shelves.answer
    wired.approve()
    wired.switch_on("contacts", "items", "tax_rates")
    with served(wired) as running:
        yield running


@pytest.fixture
def caller(creating: Served) -> Iterator[Client]:
    """A client of it."""
    with creating.client() as connected:
        yield connected


def create(
    caller: Client,
    customer: customer_pb2.Customer = KERR,
    identifier: str = "kerr",
    timeout: float | None = None,
) -> customer_pb2.Customer:
    """Create a customer."""
    request = pb.CreateCustomerRequest(parent=HOME, customer=customer, customer_id=identifier)
    return caller.records.CreateCustomer(request, timeout=timeout).customer


def test_customer_comes_back_mapped(caller: Client) -> None:
    """It has its mapping, its owner and its local fields."""
    made = create(caller)

    assert made.name == f"{HOME}/customers/kerr"
    assert made.mapped_to == f"{ACME}/contactMappings/r1"
    assert "display_name" in [each.field for each in made.owned_fields]
    assert made.notes == "Rings first."


def test_product_comes_back_mapped(caller: Client) -> None:
    """Products likewise."""
    product = product_pb2.Product(sku="MUG", display_name="Blue mug", category="Kitchen")
    request = pb.CreateProductRequest(parent=HOME, product=product)

    made = caller.records.CreateProduct(request).product

    assert (made.mapped_to, made.category) == (f"{ACME}/itemMappings/r1", "Kitchen")


def test_providers_refusal_is_typed_and_has_its_reason(caller: Client) -> None:
    """FAILED_PRECONDITION, PROVIDER_REFUSED, and the provider's own words."""
    create(caller)
    other = customer_pb2.Customer(display_name="Kerr Ltd")

    with pytest.raises(FailedPrecondition) as refusal:
        create(caller, other, "other")

    assert refusal.value.reason == "PROVIDER_REFUSED"
    assert refusal.value.metadata["provider_message"] == "It is there already."
    (blocker,) = refusal.value.blockers
    assert (blocker.subject, blocker.description) == ("LEDGER_TAKEN", "It is there already.")


def test_unknown_outcome_says_to_repeat(caller: Client, shelves: Shelves) -> None:
    """UNAVAILABLE with the time left; the same request finds what was created."""
    shelves.write_faults = [cut_after]
    shelves.read_faults = [cut_before] * 4

    with pytest.raises(SynclineError) as refusal:
        create(caller)
    shelves.read_faults = []
    made = create(caller)

    assert (refusal.value.code, refusal.value.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "OUTCOME_UNKNOWN",
    )
    assert made.mapped_to == f"{ACME}/contactMappings/r1"
    assert len(shelves.writes) == 1


def test_limit_tells_when_to_come_back(caller: Client, shelves: Shelves) -> None:
    """UNAVAILABLE with the provider's own time."""
    shelves.write_faults = [limit_the_day]

    with pytest.raises(SynclineError) as refusal:
        create(caller)

    assert refusal.value.reason == "PROVIDER_UNAVAILABLE"


def test_concurrent_creation_is_aborted(creating: Served, caller: Client, shelves: Shelves) -> None:
    """It names the one that is under way."""
    refusals: list[Aborted] = []

    def meanwhile(_shelves: Shelves, _request: httpx.Request) -> httpx.Response | None:
        with creating.client() as second, pytest.raises(Aborted) as refusal:
            create(second)
        refusals.append(refusal.value)
        return None

    shelves.write_faults = [meanwhile]
    create(caller)

    assert [each.reason for each in refusals] == ["CREATION_ACTIVE"]
    assert refusals[0].resource == f"{HOME}/customers/kerr"


def test_callers_deadline_bounds_the_waiting(creating: Served, caller: Client) -> None:
    """A used-up budget is waited for only as long as the caller does."""
    clients = creating.wired.creations.calls.clients
    with clients.for_connection(ACME, 1, manner=Manner(urgent=True)) as http:
        for _ in range(60):
            http.get("contacts")

    with pytest.raises(SynclineError) as refusal:
        create(caller, timeout=6)

    assert refusal.value.reason == "PROVIDER_UNAVAILABLE"
    assert sum(creating.wired.clock.waits) <= 2.5
