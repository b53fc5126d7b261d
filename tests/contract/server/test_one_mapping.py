"""GetTaxMapping, GetContactMapping and GetItemMapping: one mapping by its name."""

from collections.abc import Callable
from typing import Any

import pytest

from pulled import rate, store_contacts, store_items, store_tax_rates
from record_calls import customer, fields, product, tax_code
from syncline.v1 import mapping_pb2 as pb
from syncline_client import Aborted, Client, InvalidArgument, NotFound, PermissionDenied
from syncline_sdk import Contact, Item
from syncline_server.core.access import Role
from syncline_server.core.model import MappingState
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from wiring import ACME, GLOBEX, Served, Wired

AMBIGUOUS, MAPPED, UNMAPPED = MappingState.AMBIGUOUS, MappingState.MAPPED, MappingState.UNMAPPED
KINDS = {"Contact": "contactMappings/c1", "Item": "itemMappings/i1", "Tax": "taxMappings/OUTPUT"}
each_kind = pytest.mark.parametrize(("kind", "path"), KINDS.items(), ids=KINDS)


def get(client: Client, kind: str, name: str) -> Any:
    """Return one mapping."""
    request = getattr(pb, f"Get{kind}MappingRequest")(name=name)
    answer = getattr(client.mappings, f"Get{kind}Mapping")(request)
    return getattr(answer, f"{kind.lower()}_mapping")


def listed(client: Client, kind: str) -> list[Any]:
    """Return what the list has."""
    request = getattr(pb, f"List{kind}MappingsRequest")(parent=str(ACME))
    answer = getattr(client.mappings, f"List{kind}Mappings")(request)
    return list(getattr(answer, f"{kind.lower()}_mappings"))


def store(wired: Wired) -> None:
    """Have the organisation have mappings in every state."""
    unclear, review = ("rimu", "rimu-2"), MappingState.NEEDS_REVIEW
    store_contacts(
        wired,
        ContactRow(Contact("c1", "Rimu"), "", AMBIGUOUS, candidates=unclear),
        ContactRow(Contact("c2", "Totara", ("T1",), "a@b.example"), "", MAPPED, "totara"),
        ContactRow(Contact("c3", "Kowhai"), "", UNMAPPED, detached=True),
        ContactRow(Contact("c4", "Matai"), "", review, "matai", "It was merged."),
    )
    store_items(
        wired,
        ItemRow(Item("i1", "PIPE", "Pipe"), "", AMBIGUOUS, candidates=("pipe", "tube")),
        ItemRow(Item("i2", "ROD", "Rod"), "", MAPPED, "rod"),
        ItemRow(Item("i3", "BAR", "Bar"), "", UNMAPPED),
    )
    store_tax_rates(
        wired,
        rate("OUTPUT"),
        rate("ZERO", "0", MappingState.NOT_USED),
        rate("HALF", "7.5", MAPPED, tax_code_id="half"),
    )


@pytest.fixture
def pulled(server: Served, client: Client) -> Client:
    """A client of a workspace with mappings in every state, and records for them."""
    store(server.wired)
    for id_ in ("rimu", "rimu-2", "totara"):
        customer(client, {"display_name": id_.title(), "code": id_}, id_)
    for id_ in ("pipe", "tube", "rod"):
        product(client, {"sku": id_, "display_name": id_.title()}, id_)
    for id_, percent in (("gst", "15"), ("half", "7.5")):
        tax_code(client, {"code": id_, "display_name": id_, "rate": percent}, id_)
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_one_is_as_its_list_has_it(pulled: Client, kind: str) -> None:
    """Field by field, the etag too, in whatever state."""
    found = listed(pulled, kind)

    assert len(found) > 1
    assert [get(pulled, kind, each.name) for each in found] == found


def test_candidates_and_suggestions_come_along(pulled: Client) -> None:
    """What fits is told by name; what is mapped to nothing says so."""
    contact, item, rate_ = (get(pulled, kind, f"{ACME}/{path}") for kind, path in KINDS.items())
    unmapped = get(pulled, "Contact", f"{ACME}/contactMappings/c3")

    assert [(each.record, each.code) for each in contact.candidate_records] == [
        ("workspaces/acme/customers/rimu", "rimu"),
        ("workspaces/acme/customers/rimu-2", "rimu-2"),
    ]
    assert [each.display_name for each in item.candidate_records] == ["Pipe", "Tube"]
    assert rate_.suggestion == "workspaces/acme/taxCodes/gst"
    assert (unmapped.state, unmapped.customer, unmapped.detached) == (
        pb.RECORD_MAPPING_STATE_UNMAPPED,
        "",
        True,
    )


def test_its_etag_is_good_for_a_change(pulled: Client) -> None:
    """A change with it succeeds, and it is stale from then on."""
    name = f"{ACME}/contactMappings/c1"
    etag = get(pulled, "Contact", name).etag
    request = pb.RemoveContactMappingRequest(name=name, etag=etag)

    changed = pulled.mappings.RemoveContactMapping(request).contact_mapping

    assert get(pulled, "Contact", name) == changed
    assert changed.etag != etag
    with pytest.raises(Aborted):
        pulled.mappings.RemoveContactMapping(request)


@each_kind
def test_one_that_is_not_there_is_not_found(
    server: Served, pulled: Client, kind: str, path: str
) -> None:
    """Unknown, of another workspace or of an organisation connected before: it is named alone."""
    unknown = f"{ACME}/{path.partition('/')[0]}/none"
    server.wired.connect(GLOBEX, "rata")
    for name in (unknown, f"{GLOBEX}/{path}"):
        with pytest.raises(NotFound) as refusal:
            get(pulled, kind, name)
        assert refusal.value.resource == name

    server.wired.connect(ACME, "totara")
    with pytest.raises(NotFound):
        get(pulled, kind, f"{ACME}/{path}")


@each_kind
def test_without_an_organisation_there_is_none(client: Client, kind: str, path: str) -> None:
    """Where nothing was ever connected, every name is NOT_FOUND."""
    with pytest.raises(NotFound):
        get(client, kind, f"{ACME}/{path}")


@each_kind
def test_name_of_something_else_is_refused(client: Client, kind: str, path: str) -> None:
    """No name, a connection's and one that nothing can have are malformed, not absent."""
    for name in ("", str(ACME), f"{ACME}/{path}/more", f"{ACME}/{path} "):
        with pytest.raises(InvalidArgument) as refusal:
            get(client, kind, name)
        assert fields(refusal) == ["name"]


@each_kind
def test_viewers_of_the_workspace_read_it(
    guarded: Served, acting: Callable[..., Client], kind: str, path: str
) -> None:
    """A viewer is enough; whoever is not of the workspace does not learn whether it is there."""
    store(guarded.wired)
    viewer, stranger = acting(Role.VIEWER, "acme"), acting(Role.ADMIN, "globex")

    assert get(viewer, kind, f"{ACME}/{path}").name == f"{ACME}/{path}"
    for id_ in (path, f"{path}9"):
        with pytest.raises(PermissionDenied):
            get(stranger, kind, f"{ACME}/{id_}")
