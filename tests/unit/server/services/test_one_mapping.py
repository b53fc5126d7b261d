"""One mapping by itself: the same as its list has, and read without the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from bookkeeping import add_customer, add_product, add_tax_code, add_tax_rate
from counting import Counting
from running import ACME, KAURI, NOON, connect, noon
from syncline_sdk import Contact, Item
from syncline_server.core.errors import NotFound
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import Candidate
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import contacts, items, tax_rates
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database
from syncline_server.storage.items import ItemRow

AMBIGUOUS, MAPPED, UNMAPPED = MappingState.AMBIGUOUS, MappingState.MAPPED, MappingState.UNMAPPED


def contact_mappings(database: Database) -> ContactMappings:
    """Return the service of contacts."""
    find = partial(find_organisation, database)
    return ContactMappings(database, noon, find, lambda *_: (), lambda _notice: None)


def item_mappings(database: Database) -> ItemMappings:
    """Return the service of items."""
    find = partial(find_organisation, database)
    return ItemMappings(database, noon, find, lambda _notice: None)


def tax_mappings(database: Database) -> TaxMappings:
    """Return the service of tax types."""
    find = partial(find_organisation, database)
    return TaxMappings(database, noon, find, lambda _notice: None)


@dataclass(frozen=True)
class Kind:
    """One kind of mapping."""

    collection: str
    """As in resource names."""
    service: Callable[[Database], Any]
    ids: Sequence[str]
    """Of those that are there, in order."""


each_kind = pytest.mark.parametrize(
    "kind",
    [
        Kind("contactMappings", contact_mappings, ("c1", "c2", "c3")),
        Kind("itemMappings", item_mappings, ("i1", "i2", "i3")),
        Kind("taxMappings", tax_mappings, ("OUTPUT", "ZERO")),
    ],
    ids=lambda kind: kind.collection,
)


@pytest.fixture
def pulled(database: Database) -> Database:
    """An organisation with a mapping of each kind in each state that is not the same everywhere."""
    connect(database)
    for place in (1, 2):
        add_customer(database, f"kerr-{place}", Contact("", f"Kerr {place}", (f"K{place}",)))
        add_product(database, f"pipe-{place}", Item("", f"P{place}", f"Pipe {place}"))
    add_tax_code(database, "gst")
    add_tax_code(database, "nil", "0")
    add_tax_rate(database, "OUTPUT", "15", "gst")
    add_tax_rate(database, "ZERO", "0")
    read = [
        ContactRow(Contact("c1", "Kerr"), "", AMBIGUOUS, candidates=("kerr-1", "gone")),
        ContactRow(Contact("c2", "Kerr 2"), "", MAPPED, "kerr-2"),
        ContactRow(Contact("c3", "Tui"), "", UNMAPPED, detached=True),
    ]
    contacts.write(database, KAURI, read, NOON)
    sold = [
        ItemRow(Item("i1", "PIPE", "Pipe"), "", AMBIGUOUS, candidates=("pipe-1", "pipe-2")),
        ItemRow(Item("i2", "P2", "Pipe 2"), "", MAPPED, "pipe-2"),
        ItemRow(Item("i3", "TUBE", "Tube"), "", UNMAPPED),
    ]
    items.write(database, KAURI, sold, NOON)
    return database


@each_kind
def test_one_is_as_its_list_has_it(pulled: Database, kind: Kind) -> None:
    """In whatever state: with its version, what people call ours, candidates and suggestion."""
    service = kind.service(pulled)

    found = [service.get(ACME, id_) for id_ in kind.ids]

    assert found == list(service.page(ACME, MappingFilter(), "", 10))


def test_candidates_and_suggestions_come_along(pulled: Database) -> None:
    """What fits is named; one that is gone meanwhile is listed without a name."""
    contact = contact_mappings(pulled).get(ACME, "c1")
    item = item_mappings(pulled).get(ACME, "i1")

    assert contact.candidates == (Candidate("kerr-1", "Kerr 1", "K1"), Candidate("gone", "", ""))
    assert [each.id for each in item.candidates] == ["pipe-1", "pipe-2"]
    assert tax_mappings(pulled).get(ACME, "ZERO").suggestion_id == "nil"


@each_kind
def test_one_that_is_not_there_is_not_found(pulled: Database, kind: Kind) -> None:
    """Neither an unknown id is, nor one of another organisation, workspace or provider."""
    service, known = kind.service(pulled), kind.ids[0]
    with pytest.raises(NotFound):
        service.get(ACME, "none")
    connect(pulled, KAURI._replace(id="totara"))
    connect(pulled, KAURI._replace(workspace="globex"))

    for connection in (ACME, Connection("globex", "xero"), Connection("acme", "ledger")):
        with pytest.raises(NotFound) as refusal:
            service.get(connection, known)
        assert refusal.value.resource == f"{connection}/{kind.collection}/{known}"


@each_kind
def test_one_is_read_without_the_others(pulled: Database, kind: Kind) -> None:
    """The organisation, the mapping and ours are one statement each, however many there are."""
    more = [ContactRow(Contact(f"d{n}", f"Tui {n}"), "", UNMAPPED) for n in range(50)]
    contacts.write(pulled, KAURI, more, NOON)
    counting = Counting(pulled.engine)

    kind.service(counting).get(ACME, kind.ids[0])

    assert counting.count == 3


def test_unknown_tax_types_are_left_out(pulled: Database) -> None:
    """Of several tax types those that are there are told."""
    found = tax_mappings(pulled).of_tax_types(KAURI, ["NONE", "ZERO"])

    assert [each.tax_type for each in found] == ["ZERO"]
    assert len(tax_rates.every(pulled, KAURI)) > len(found)
