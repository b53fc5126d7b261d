"""Whose a field is, why, and where its value came from, as callers see it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from google.protobuf.json_format import ParseDict

from syncline.v1 import customer_pb2, integration_pb2, ownership_pb2, product_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import Client, FailedPrecondition
from syncline_sdk import Address, Contact, Item
from syncline_server.core.names import Connection
from syncline_server.registry import load
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.journal import Journal
from syncline_server.storage import runs
from syncline_server.storage.database import Database
from wiring import ACME as LEDGER
from wiring import Served, Wired, Wishes, served

XERO = Connection("acme", "xero")
KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",), email="hi@kerr.example", phone="555")
WIDGET = Item(id="i1", code="W1", name="Widget", price=Decimal("9.99"))


class Books:
    """A workspace connected to an organisation of what ships, as one caller sees it."""

    def __init__(self, server: Served, client: Client, connection: Connection = XERO) -> None:
        self._wired = server.wired
        self._client = client
        self._connection = connection

    def connect(self) -> None:
        """Connect to the organisation."""
        self._wired.connect(self._connection)

    def set(self, **settings: object) -> None:
        """Change settings."""
        values = {"name": f"{self._connection}/settings", **settings}
        message = ParseDict(values, integration_pb2.Settings())
        request = integration_pb2.UpdateSettingsRequest(settings=message)
        self._client.integrations.UpdateSettings(request)

    def settle_taxes(self) -> None:
        """Have tax rates be synced; there are none to map."""
        self._end(self._begin("tax_rates"))

    def pull(self, *records: Contact) -> bool:
        """Have a run store a page of contacts; return whether it was to read everything."""
        full = self._reads_all("contacts")
        journal = self._begin("contacts")
        sink = ContactSink(journal, self._wired.chain.find_master, self._wired.next_id)
        sink.store(records, cursor="")
        journal.watermark(self._wired.clock())
        self._end(journal)
        return full

    def pull_items(self, *records: Item) -> None:
        """Have a run store a list of items."""
        journal = self._begin("items")
        sink = ItemSink(journal, self._wired.chain.find_master, self._wired.next_id)
        sink.replace(records)
        self._end(journal)

    def customer(self) -> customer_pb2.Customer:
        """Return the one customer there is."""
        request = pb.ListCustomersRequest(parent="workspaces/acme")
        (found,) = self._client.records.ListCustomers(request).customers
        return found

    def product(self) -> product_pb2.Product:
        """Return the one product there is."""
        request = pb.ListProductsRequest(parent="workspaces/acme")
        (found,) = self._client.records.ListProducts(request).products
        return found

    def write(self, **values: str) -> None:
        """Change the customer."""
        message = ParseDict({"name": self.customer().name, **values}, customer_pb2.Customer())
        self._client.records.UpdateCustomer(pb.UpdateCustomerRequest(customer=message))

    def write_price(self, price: str) -> None:
        """Change the product's price."""
        message = product_pb2.Product(name=self.product().name, default_price=price)
        self._client.records.UpdateProduct(pb.UpdateProductRequest(product=message))

    def _begin(self, module: str) -> Journal:
        wired = self._wired
        wired.clock.advance(seconds=100)
        request = integration_pb2.TriggerSyncRequest(
            connection=str(self._connection), module=module
        )
        name = self._client.integrations.TriggerSync(request).run.name
        run = wired.begin(name.rpartition("/")[2])
        return Journal(wired.database, run, wired.clock, lambda _notice: None)

    def _end(self, journal: Journal) -> None:
        run = runs.get(self._wired.database, journal.run.id)
        assert run
        self._wired.end(run)

    def _reads_all(self, module: str) -> bool:
        request = integration_pb2.ListModulesRequest(parent=str(self._connection))
        nodes = self._client.integrations.ListModules(request).modules
        return next(node.next_full_read for node in nodes if node.id == module)


@pytest.fixture
def books(database: Database) -> Iterator[Books]:
    """What ships, connected, with contacts and items on, pulled once."""
    with served(Wired(database, Wishes(catalogue=load()))) as server, server.client() as client:
        pulled = Books(server, client)
        pulled.connect()
        pulled.set(toggles={"contacts": True})
        pulled.pull(KERR)
        yield pulled


def owned(record: customer_pb2.Customer | product_pb2.Product) -> set[str]:
    """Return the fields that are the provider's."""
    return {each.field for each in record.owned_fields}


def source(
    record: customer_pb2.Customer | product_pb2.Product, field: str
) -> ownership_pb2.FieldSource:
    """Return where a field's value came from."""
    return next(each for each in record.field_sources if each.field == field)


def test_owned_field_says_by_whom_and_why(books: Books) -> None:
    """The owner, the module by which it owns it, and a sentence for a person."""
    books.set(options={"phone_field": "MOBILE"})
    reasons = {each.field: each for each in books.customer().owned_fields}

    assert reasons["email"] == ownership_pb2.OwnedField(
        field="email",
        owner=str(XERO),
        module=f"{XERO}/modules/contacts",
        reason="Sync Contacts is on, and this customer is mapped to a contact of Xero.",
    )
    assert reasons["phone"].reason == (
        "Sync Contacts is on, Phone is Mobile, and this customer is mapped to a contact of Xero."
    )


def test_every_field_says_where_its_value_came_from(books: Books) -> None:
    """In the order of the message: the connection and organisation, or this workspace."""
    customer = books.customer()

    assert [each.field for each in customer.field_sources] == [
        "code",
        "display_name",
        "email",
        "phone",
        "address",
        "active",
        "contact_person",
        "web_access",
        "notes",
        "external_id",
    ]
    email, notes = source(customer, "email"), source(customer, "notes")
    assert (email.source, email.organisation) == (str(XERO), "kauri")
    assert (notes.source, notes.organisation) == ("", "")
    assert email.update_time == notes.update_time == customer.create_time


def test_owned_change_is_refused_whole(books: Books) -> None:
    """The refusal names fields and owner, and a local field beside them stays as it was."""
    before = books.customer()

    with pytest.raises(FailedPrecondition) as refusal:
        books.write(email="mine@kerr.example", code="MINE", notes="Rings first.")

    assert [each.subject for each in refusal.value.blockers] == ["code", "email"]
    assert refusal.value.metadata["owner"] == str(XERO)
    assert books.customer() == before


def test_sync_that_is_turned_off_frees_its_fields_at_once(books: Books) -> None:
    """Without any run a person may write them, and is their source."""
    books.set(toggles={"contacts": False})
    assert owned(books.customer()) == set()

    books.write(email="mine@kerr.example")

    customer = books.customer()
    assert source(customer, "email").source == ""
    assert source(customer, "email").update_time == customer.update_time
    assert source(customer, "code").source == str(XERO)


def test_sync_that_is_turned_on_again_takes_its_fields_back(books: Books) -> None:
    """Owned at once; the next run reads everything and overwrites what was written meanwhile."""
    books.set(toggles={"contacts": False})
    books.write(email="mine@kerr.example")

    books.set(toggles={"contacts": True})
    assert "email" in owned(books.customer())
    assert books.pull(KERR)

    customer = books.customer()
    assert customer.email == "hi@kerr.example"
    assert source(customer, "email").source == str(XERO)
    assert source(customer, "email").update_time == customer.update_time
    assert source(customer, "code").update_time == customer.create_time
    assert not books.pull(KERR)


def test_choice_not_to_sync_frees_its_field_and_back(books: Books) -> None:
    """Ownership moves at once, the next run is a full one, and values follow the choice."""
    books.set(options={"phone_field": "NONE"})
    assert "phone" not in owned(books.customer())
    assert books.pull(KERR._replace(phone=""))
    books.write(phone="mine")
    assert (books.customer().phone, source(books.customer(), "phone").source) == ("mine", "")

    books.set(options={"phone_field": "DEFAULT"})
    with pytest.raises(FailedPrecondition):
        books.write(phone="again")
    assert books.pull(KERR)

    assert books.customer().phone == "555"
    assert source(books.customer(), "phone").source == str(XERO)


def test_address_follows_its_choice(books: Books) -> None:
    """None is free, another one is another value."""
    books.set(options={"address_field": "NONE"})
    assert "address" not in owned(books.customer())
    assert books.pull(KERR)
    assert not books.pull(KERR)

    books.set(options={"address_field": "DELIVERY"})
    assert "address" in owned(books.customer())
    assert books.pull(KERR._replace(address=Address(("1 Quay",), "Nelson")))

    assert books.customer().address.city == "Nelson"
    assert not books.pull(KERR._replace(address=Address(("1 Quay",), "Nelson")))


def test_other_choice_brings_the_other_value(books: Books) -> None:
    """Another phone of the contact: the next run is a full one, and its number is taken."""
    books.set(options={"phone_field": "MOBILE"})

    assert books.pull(KERR._replace(phone="021"))

    assert books.customer().phone == "021"
    assert source(books.customer(), "phone").update_time == books.customer().update_time


def test_base_price_sync_moves_the_price(books: Books) -> None:
    """The price is ours without it, Xero's with it, and ours again when it is turned off."""
    books.set(toggles={"items": True})
    books.settle_taxes()
    books.pull_items(WIDGET._replace(price=None))
    assert "default_price" not in owned(books.product())
    books.write_price("5")
    assert source(books.product(), "default_price").source == ""

    books.set(options={"base_price_sync": True})
    price = next(each for each in books.product().owned_fields if each.field == "default_price")
    assert "Base Price Sync is on" in price.reason
    with pytest.raises(FailedPrecondition):
        books.write_price("6")
    books.pull_items(WIDGET)
    assert (books.product().default_price, source(books.product(), "default_price").source) == (
        "9.99",
        str(XERO),
    )

    books.set(options={"base_price_sync": False})
    books.write_price("7")
    books.pull_items(WIDGET._replace(price=None))
    assert books.product().default_price == "7"


def test_disconnected_workspace_owns_everything_until_it_is_connected_again(
    server: Served, client: Client
) -> None:
    """Disconnecting frees the fields; connecting again takes them back with a full run."""
    books = Books(server, client, LEDGER)
    server.wired.approve()
    books.set(toggles={"contacts": True})
    books.pull(KERR)
    client.integrations.Disconnect(integration_pb2.DisconnectRequest(name=str(LEDGER)))
    assert owned(books.customer()) == set()
    books.write(email="mine@kerr.example")
    assert source(books.customer(), "email").source == ""
    assert source(books.customer(), "code").source == str(LEDGER)

    server.wired.approve()
    assert "email" in owned(books.customer())
    assert books.pull(KERR)

    assert books.customer().email == "hi@kerr.example"
    assert source(books.customer(), "email").source == str(LEDGER)
    assert not books.pull(KERR)


def test_other_organisation_owns_nothing_of_the_first_ones_records(
    server: Served, client: Client
) -> None:
    """Moving to another organisation frees the fields; moving back takes them back."""
    books = Books(server, client, LEDGER)
    server.wired.approve()
    books.set(toggles={"contacts": True})
    books.pull(KERR)
    server.wired.approve(organisation="rata")
    assert owned(books.customer()) == set()
    books.write(email="mine@kerr.example")

    server.wired.approve()

    assert books.pull(KERR)
    assert books.customer().email == "hi@kerr.example"
