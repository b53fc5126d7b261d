from dataclasses import replace

import httpx
import pytest

from creating_bench import KERR, MUG, TUI, Bench, creating_bench, refused
from creating_provider import Shelves, cut_after, cut_before
from syncline_sdk import Contact, Item
from syncline_server.core.errors import AlreadyExists
from syncline_server.services.customers import Customers
from syncline_server.services.intake_items import ItemSink
from syncline_server.storage import connections
from syncline_server.storage.database import Database
from wiring import ACME


@pytest.fixture
def bench(database: Database) -> Bench:
    """A workspace that creates at its provider first."""
    return creating_bench(database)


def test_disconnecting_while_it_is_away_keeps_what_was_created(bench: Bench) -> None:
    """The answer is stored and mapped all the same; its fields are free."""

    def disconnects(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        bench.connections.disconnect(ACME)
        return shelves.usual(request)

    bench.fail(disconnects)

    view = bench.customers.create(KERR)

    assert bench.stored() == {"kerr": "r1"}
    assert view.owned_fields == ()


def test_pull_takes_id_and_local_fields_of_what_is_under_way(bench: Bench) -> None:
    """The record a pull reads first is the one that was asked for."""
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.customers.create(KERR))

    bench.pull(
        Contact("r1", "Kerr Ltd", ("K1",), "hi@kerr.example"), Contact("r9", "Other", ("K9",))
    )
    view = bench.customers.create(KERR)

    assert (view.record.id, view.record.notes) == ("kerr", "Rings first.")
    assert len(bench.stored()) == 2
    assert bench.stored()["kerr"] == "r1"
    assert len(bench.shelves.writes) == 1


def test_item_list_takes_id_and_local_fields_of_what_is_under_way(bench: Bench) -> None:
    """Products likewise."""
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.products.create(MUG))

    sink = ItemSink(bench.journal("items"), bench.chain.find_master, bench.next_id)
    sink.replace([Item("r1", "MUG", "Blue mug"), Item("r9", "CUP", "Cup")])

    assert bench.products.create(MUG).record.category == "Kitchen"
    ids = [row["id"] for row in bench.database.rows("SELECT id FROM products ORDER BY id")]
    assert (len(ids), ids[-1]) == (2, "mug")


def test_item_created_while_a_list_was_read_has_not_vanished(bench: Bench) -> None:
    """The list is older than the item."""
    journal = bench.journal("items")
    bench.clock.advance(seconds=1)
    bench.products.create(MUG)

    ItemSink(journal, bench.chain.find_master, bench.next_id).replace([])

    (row,) = bench.database.rows("SELECT state, present FROM items")
    assert (row["state"], bool(row["present"])) == ("MAPPED", True)


def test_customer_a_pull_made_meanwhile_is_the_one(bench: Bench) -> None:
    """Where a pull was faster and recognised nothing, its customer takes the local fields."""

    def pulled(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        answer = shelves.usual(request)
        bench.clock.advance(seconds=1)
        bench.pull(Contact("r1", "Kerr Limited", ("K1",)))
        return answer

    bench.fail(pulled)

    view = bench.customers.create(KERR)

    assert bench.stored() == {view.record.id: "r1"}
    assert (view.record.display_name, view.record.notes) == ("Kerr Limited", "Rings first.")


def test_local_fields_of_what_was_faster_come_from_here(bench: Bench) -> None:
    """A record that was there already takes what is local, and says that it was set here."""

    def is_pulled(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        answer = shelves.usual(request)
        bench.pull(Contact("r1", "Kerr Ltd", ("K2",)))
        return answer

    bench.fail(is_pulled)

    sources = bench.customers.create(KERR).record.sources

    assert (sources["notes"].provider, sources["web_access"].provider) == ("", "")
    assert sources["display_name"].provider == ACME.provider
    assert "contact_person" not in sources


def test_somebody_elses_contact_is_never_taken(bench: Bench) -> None:
    """What is found and was mapped before this creation began is another customer's."""
    bench.shelves.records["contacts"].append({"id": "r0", "name": "Tui"})
    bench.pull(Contact("r0", "Tui"))
    bench.clock.advance(seconds=1)
    bench.fail(cut_before)

    refusal = refused(lambda: bench.customers.create(TUI))

    assert isinstance(refusal, AlreadyExists)
    assert (len(bench.stored()), bench.rows()) == (1, [])


def test_turning_the_sync_off_while_it_is_away_keeps_what_was_created(bench: Bench) -> None:
    """It is stored and mapped all the same, and every field is ours."""

    def switches_off(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        bench.switch_on()
        return shelves.usual(request)

    bench.fail(switches_off)

    view = bench.customers.create(KERR)

    assert bench.stored() == {"kerr": "r1"}
    assert view.owned_fields == ()


def test_customer_made_here_under_the_id_meanwhile_is_mapped(bench: Bench) -> None:
    """With the sync off it is a plain local record; what was created at the provider is its."""
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.customers.create(KERR))
    bench.switch_on()
    bench.customers.create(replace(KERR, notes="Mine."))

    bench.creations.resolve_abandoned()

    assert bench.stored() == {"kerr": "r1"}
    assert bench.customers.get("acme", "kerr").record.notes == "Mine."


def test_id_that_is_mapped_elsewhere_meanwhile_is_left_alone(bench: Bench) -> None:
    """The customer that was created gets an id of its own."""
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.customers.create(KERR))
    bench.switch_on()
    bench.customers.create(replace(KERR, code="K9", display_name="Another", email=""))
    bench.switch_on("contacts")
    bench.pull(Contact("r9", "Another", ("K9",)))

    bench.creations.resolve_abandoned()

    assert len(bench.stored()) == 2
    assert bench.stored()["kerr"] == "r9"
    assert set(bench.stored().values()) == {"r1", "r9"}


@pytest.mark.parametrize("kind", ["customers", "products"])
def test_external_id_that_is_given_away_meanwhile_is_left_out(bench: Bench, kind: str) -> None:
    """What was created at the provider is stored all the same, without it."""
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.customers.create(replace(KERR, external_id="E1")))
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.products.create(replace(MUG, external_id="E1")))
    bench.switch_on()
    bench.customers.create(replace(TUI, id="tui", external_id="E1"))
    bench.products.create(replace(MUG, id="cup", sku="CUP", external_id="E1"))

    bench.creations.resolve_abandoned()

    rows = bench.database.rows(f"SELECT id, external_id FROM {kind} ORDER BY id")
    taker, created = ("tui", "kerr") if kind == "customers" else ("cup", "mug")
    assert {row["id"]: row["external_id"] for row in rows} == {taker: "E1", created: ""}


@pytest.mark.parametrize(("asked", "given"), [("E1", "E1"), ("", "E9")], ids=["new", "kept"])
def test_external_id_goes_to_the_record_a_pull_made(bench: Bench, asked: str, given: str) -> None:
    """Where a pull was faster its record takes it, and keeps its own where none is asked for."""

    def pulled(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        answer = shelves.usual(request)
        bench.clock.advance(seconds=1)
        bench.pull(Contact("r1", "Kerr Limited", ("K1",)))
        bench.database.execute("UPDATE customers SET external_id = 'E9'")
        return answer

    def listed(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        answer = shelves.usual(request)
        bench.clock.advance(seconds=1)
        sink = ItemSink(bench.journal("items"), bench.chain.find_master, bench.next_id)
        sink.replace([Item("r2", "CUP", "Cup")])
        bench.database.execute("UPDATE products SET external_id = 'E9'")
        return answer

    bench.fail(pulled)
    customer = bench.customers.create(replace(KERR, external_id=asked))
    bench.fail(listed)
    product = bench.products.create(replace(MUG, external_id=asked))

    assert (customer.record.external_id, product.record.external_id) == (given, given)


def test_connecting_again_sends_nothing_that_began_before(bench: Bench) -> None:
    """A creation that met a disconnect and a new connection on its way is refused, not sent."""

    def connected_anew() -> str:
        row = connections.get(bench.database, ACME)
        anew = replace(row, generation=row.generation + 2)
        connections.save(bench.database, anew, bench.clock())
        return bench.next_id()

    creations = replace(bench.creations, make_id=connected_anew)
    customers = Customers(
        bench.database, bench.clock, bench.next_id, bench.chain.find_master, creations
    )
    refused(lambda: customers.create(KERR))

    assert (bench.shelves.writes, bench.rows()) == ([], [])
