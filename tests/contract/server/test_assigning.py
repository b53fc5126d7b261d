"""Contact and item mappings settled by hand, over gRPC."""

from collections.abc import Callable, Iterator

import pytest

from syncline.v1 import customer_pb2, product_pb2, record_pb2
from syncline.v1 import mapping_pb2 as pb
from syncline_client import (
    Aborted,
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)
from syncline_sdk import Contact, Item
from syncline_server.core.access import Role
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts, items
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from wiring import ACME, ORGANISATION, Served, Wired

KAURI = Organisation(ACME.workspace, ACME.provider, ORGANISATION)
C1, C2 = f"{ACME}/contactMappings/c1", f"{ACME}/contactMappings/c2"
I1, I2 = f"{ACME}/itemMappings/i1", f"{ACME}/itemMappings/i2"
RIMU, TOTARA = "workspaces/acme/customers/rimu", "workspaces/acme/customers/totara"
PIPE, TUBE = "workspaces/acme/products/pipe", "workspaces/acme/products/tube"

Call = Callable[[Client], object]


@pytest.fixture
def pulled(server: Served, client: Client) -> Client:
    """A client of a workspace with doubtful contacts and items, and two records for each."""
    _store(server.wired)
    for id_ in ("rimu", "totara"):
        customer = customer_pb2.Customer(display_name=id_.title())
        client.records.CreateCustomer(
            record_pb2.CreateCustomerRequest(
                parent="workspaces/acme", customer=customer, customer_id=id_
            )
        )
    for id_ in ("pipe", "tube"):
        product = product_pb2.Product(sku=id_, display_name=id_.title())
        client.records.CreateProduct(
            record_pb2.CreateProductRequest(
                parent="workspaces/acme", product=product, product_id=id_
            )
        )
    return client


def _store(wired: Wired) -> None:
    wired.connect()
    doubtful = MappingState.AMBIGUOUS
    rows = [
        ContactRow(Contact(id_, "Rimu"), "", doubtful, candidates=("rimu", "totara"))
        for id_ in ("c1", "c2")
    ]
    listed = [
        ItemRow(Item(id_, "PIPE", "Pipe"), "", doubtful, candidates=("pipe", "tube"))
        for id_ in ("i1", "i2")
    ]
    with wired.database.transaction():
        contacts.write(wired.database, KAURI, rows, wired.clock())
        items.write(wired.database, KAURI, listed, wired.clock())


def assign_contact(client: Client, name: str, customer: str, etag: str = "") -> pb.ContactMapping:
    """Map a contact to a customer."""
    request = pb.AssignContactMappingRequest(name=name, customer=customer, etag=etag)
    return client.mappings.AssignContactMapping(request).contact_mapping


def remove_contact(client: Client, name: str, etag: str = "") -> pb.ContactMapping:
    """Leave a contact without a customer."""
    request = pb.RemoveContactMappingRequest(name=name, etag=etag)
    return client.mappings.RemoveContactMapping(request).contact_mapping


def assign_item(client: Client, name: str, product: str, etag: str = "") -> pb.ItemMapping:
    """Map an item to a product."""
    request = pb.AssignItemMappingRequest(name=name, product=product, etag=etag)
    return client.mappings.AssignItemMapping(request).item_mapping


def remove_item(client: Client, name: str, etag: str = "") -> pb.ItemMapping:
    """Leave an item without a product."""
    request = pb.RemoveItemMappingRequest(name=name, etag=etag)
    return client.mappings.RemoveItemMapping(request).item_mapping


def test_contact_is_assigned_changed_and_removed(pulled: Client) -> None:
    """Each answer is what the list says then, with both sides by name."""
    assigned = assign_contact(pulled, C1, RIMU)
    changed = assign_contact(pulled, C1, TOTARA, assigned.etag)
    removed = remove_contact(pulled, C1, changed.etag)
    listed = pulled.mappings.ListContactMappings(
        pb.ListContactMappingsRequest(parent=str(ACME))
    ).contact_mappings

    assert (assigned.state, assigned.customer, list(assigned.candidates)) == (
        pb.RECORD_MAPPING_STATE_MAPPED,
        RIMU,
        [],
    )
    assert (assigned.contact_name, assigned.customer_display_name) == ("Rimu", "Rimu")
    assert changed.customer_display_name == "Totara"
    assert (removed.state, removed.customer, removed.detached) == (
        pb.RECORD_MAPPING_STATE_UNMAPPED,
        "",
        True,
    )
    assert listed[0] == removed
    assert (listed[1].state, listed[1].detached) == (pb.RECORD_MAPPING_STATE_AMBIGUOUS, False)


def test_item_is_assigned_changed_and_removed(pulled: Client) -> None:
    """Each answer is what the list says then, with both sides by name."""
    assigned = assign_item(pulled, I1, PIPE)
    changed = assign_item(pulled, I1, TUBE, assigned.etag)
    removed = remove_item(pulled, I1, changed.etag)
    listed = pulled.mappings.ListItemMappings(
        pb.ListItemMappingsRequest(parent=str(ACME))
    ).item_mappings

    assert (assigned.state, assigned.product, list(assigned.candidates)) == (
        pb.RECORD_MAPPING_STATE_MAPPED,
        PIPE,
        [],
    )
    assert changed.product_display_name == "Tube"
    assert (removed.product, removed.detached) == ("", True)
    assert listed[0] == removed
    assert listed[1].state == pb.RECORD_MAPPING_STATE_AMBIGUOUS


def test_mapped_record_names_its_mapping(pulled: Client) -> None:
    """The customer's side of an assignment is visible, too, and goes with it."""
    request = record_pb2.GetCustomerRequest(name=RIMU)
    assign_contact(pulled, C1, RIMU)
    mapped = pulled.records.GetCustomer(request).customer.mapped_to
    remove_contact(pulled, C1)

    assert mapped == C1
    assert pulled.records.GetCustomer(request).customer.mapped_to == ""


@pytest.mark.parametrize(
    ("first", "call", "subject"),
    [
        (
            lambda client: assign_contact(client, C2, RIMU),
            lambda client: assign_contact(client, C1, RIMU),
            C2,
        ),
        (
            lambda client: assign_item(client, I2, PIPE),
            lambda client: assign_item(client, I1, PIPE),
            I2,
        ),
    ],
    ids=["contact", "item"],
)
def test_record_mapped_elsewhere_is_refused(
    pulled: Client, first: Call, call: Call, subject: str
) -> None:
    """The refusal names the mapping that has the record."""
    first(pulled)

    with pytest.raises(FailedPrecondition) as refusal:
        call(pulled)

    assert refusal.value.reason == "RECORD_MAPPED_ELSEWHERE"
    assert refusal.value.metadata["subjects"] == subject


def test_vanished_item_is_refused(server: Served, pulled: Client) -> None:
    """What the provider has no more cannot be assigned."""
    with server.wired.database.transaction():
        items.vanish(server.wired.database, KAURI, ["i1"], server.wired.clock())

    with pytest.raises(FailedPrecondition) as refusal:
        assign_item(pulled, I1, PIPE)

    assert refusal.value.reason == "RECORD_VANISHED"
    assert refusal.value.metadata["subjects"] == I1


@pytest.mark.parametrize(
    ("call", "resource"),
    [
        (lambda client: assign_contact(client, C1, RIMU, '"99"'), C1),
        (lambda client: remove_contact(client, C1, '"99"'), C1),
        (lambda client: assign_item(client, I1, PIPE, '"99"'), I1),
        (lambda client: remove_item(client, I1, '"99"'), I1),
    ],
)
def test_stale_etag_is_refused(pulled: Client, call: Call, resource: str) -> None:
    """Every change made on top of another version is ABORTED."""
    with pytest.raises(Aborted) as refusal:
        call(pulled)

    assert refusal.value.reason == "STALE_ETAG"
    assert refusal.value.resource == resource


@pytest.mark.parametrize(
    ("call", "resource"),
    [
        (lambda client: assign_contact(client, f"{C1}9", RIMU), f"{C1}9"),
        (lambda client: assign_contact(client, C1, f"{RIMU}9"), f"{RIMU}9"),
        (lambda client: remove_contact(client, f"{C1}9"), f"{C1}9"),
        (lambda client: assign_item(client, f"{I1}9", PIPE), f"{I1}9"),
        (lambda client: assign_item(client, I1, f"{PIPE}9"), f"{PIPE}9"),
        (lambda client: remove_item(client, f"{I1}9"), f"{I1}9"),
    ],
)
def test_what_is_not_there_is_not_found(pulled: Client, call: Call, resource: str) -> None:
    """The answer names what there is none of."""
    with pytest.raises(NotFound) as refusal:
        call(pulled)

    assert refusal.value.resource == resource


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (lambda client: assign_contact(client, I1, "", "e" * 101), ["name", "customer", "etag"]),
        (lambda client: assign_contact(client, C1, PIPE), ["customer"]),
        (lambda client: assign_contact(client, C1, "workspaces/globex/customers/a"), ["customer"]),
        (lambda client: remove_contact(client, "", "e" * 101), ["name", "etag"]),
        (lambda client: assign_item(client, C1, "", "e" * 101), ["name", "product", "etag"]),
        (lambda client: assign_item(client, I1, "workspaces/globex/products/a"), ["product"]),
        (lambda client: remove_item(client, "", "e" * 101), ["name", "etag"]),
    ],
)
def test_malformed_requests_are_refused(pulled: Client, call: Call, fields: list[str]) -> None:
    """Every field that is wrong is named, another workspace's record among them."""
    with pytest.raises(InvalidArgument) as refusal:
        call(pulled)

    assert [each.field for each in refusal.value.violations] == fields


@pytest.fixture
def strangers(guarded: Served) -> Iterator[tuple[Client, Client]]:
    """A viewer of acme, and an operator of globex."""
    _store(guarded.wired)
    viewer = guarded.wired.token(Role.VIEWER, "acme")
    other = guarded.wired.token(Role.OPERATOR, "globex")
    with guarded.client(viewer) as first, guarded.client(other) as second:
        yield first, second


@pytest.mark.parametrize(
    "call",
    [
        lambda client: assign_contact(client, C1, RIMU),
        lambda client: remove_contact(client, C1),
        lambda client: assign_item(client, I1, PIPE),
        lambda client: remove_item(client, I1),
    ],
)
def test_only_operators_of_the_workspace_settle(
    strangers: tuple[Client, Client], call: Call
) -> None:
    """Neither a viewer nor another workspace's operator changes a mapping."""
    for client in strangers:
        with pytest.raises(PermissionDenied):
            call(client)


def test_record_of_a_foreign_workspace_is_not_even_looked_for(
    strangers: tuple[Client, Client],
) -> None:
    """An operator is refused a request that names another workspace's record."""
    globex = "workspaces/globex/connections/ledger/contactMappings/c1"
    with pytest.raises(PermissionDenied):
        assign_contact(strangers[1], globex, RIMU)


def test_candidates_are_told_by_name(pulled: Client) -> None:
    """Whoever chooses sees what people call each record that fits, and its code."""
    contact = pulled.mappings.ListContactMappings(
        pb.ListContactMappingsRequest(parent=str(ACME), page_size=1)
    ).contact_mappings[0]
    item = pulled.mappings.ListItemMappings(
        pb.ListItemMappingsRequest(parent=str(ACME), page_size=1)
    ).item_mappings[0]

    assert [(each.record, each.display_name) for each in contact.candidate_records] == [
        (RIMU, "Rimu"),
        (TOTARA, "Totara"),
    ]
    assert [(each.record, each.code) for each in item.candidate_records] == [
        (PIPE, "pipe"),
        (TUBE, "tube"),
    ]
    assert list(contact.candidates) == [RIMU, TOTARA]
