import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import httpx
import pytest

from connect_bench import in_threads
from creating_provider import (
    Fault,
    Shelves,
    creating_catalogue,
    cut_after,
    cut_before,
    fail_after,
    fail_before,
    limit_the_day,
)
from mortal import Killed, MortalDatabase
from syncline_sdk import Address, Contact, Item, Trigger
from syncline_server.core.creation import CreationState
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    Reason,
    Refusal,
    Unavailable,
)
from syncline_server.core.model import ConnectionState, Run, RunState
from syncline_server.core.names import Scope
from syncline_server.core.product_draft import ProductDraft
from syncline_server.services.creation_hand import IN_FLIGHT
from syncline_server.services.customers import Customers
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.journal import Journal
from syncline_server.services.products import Products
from syncline_server.storage import connections, runs
from syncline_server.storage.database import Database
from wiring import ACME, Wired, Wishes

KERR = CustomerDraft(
    workspace="acme",
    id="kerr",
    code="K1",
    display_name="Kerr Ltd",
    email="hi@kerr.example",
    address=Address(("1 Quay",), "Nelson"),
    notes="Rings first.",
    web_access=True,
)
TUI = CustomerDraft(workspace="acme", display_name="Tui", notes="Sings.")
MUG = ProductDraft(
    workspace="acme", id="mug", sku="MUG", display_name="Blue mug", category="Kitchen"
)
A_MINUTE = IN_FLIGHT.total_seconds()


class Bench(Wired):
    """A connected workspace whose contacts and items are the ledger's."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Wishes(catalogue=creating_catalogue()))
        self.shelves = Shelves()
        self.ledger.intercept = self.shelves.answer
        self.customers = Customers(
            database, self.clock, self.next_id, self.chain.find_master, self.creations
        )
        self.products = Products(
            database, self.clock, self.next_id, self.chain.find_master, self.creations
        )

    def fail(self, *faults: Fault, reading: Fault | None = None) -> None:
        """Let the next writes go wrong, and every read after the first of them, too, if asked."""
        self.shelves.write_faults = list(faults)
        self.shelves.read_faults = [reading] * 4 if reading else []

    def rows(self) -> list[CreationState]:
        """Return the state of every creation that is stored."""
        return [
            CreationState(row["state"])
            for row in self.database.rows("SELECT state FROM creations ORDER BY id")
        ]

    def stored(self) -> dict[str, str]:
        """Return customers by id, with the contact each is mapped to."""
        found = self.database.rows(
            "SELECT customers.id, contact_id FROM customers LEFT JOIN contacts"
            " ON customer_id = customers.id ORDER BY customers.id"
        )
        return {row["id"]: row["contact_id"] for row in found}

    def pull(self, *contacts: Contact) -> None:
        """Store a page of contacts, as a pull does."""
        ContactSink(self.journal("contacts"), self.chain.find_master, self.next_id).store(
            contacts, cursor=""
        )

    def journal(self, module: str) -> Journal:
        """Return the journal of a run that has begun."""
        row = connections.get(self.database, ACME)
        self.database.execute("UPDATE runs SET state = 'SUCCEEDED'")
        run = Run(
            id=self.next_id(),
            scope=Scope(ACME, module),
            organisation_id=row.organisation_id,
            generation=row.generation,
            trigger=Trigger.MANUAL,
            state=RunState.QUEUED,
            create_time=self.clock(),
        )
        runs.insert(self.database, run)
        return Journal(self.database, self.begin(run.id), self.clock, lambda _: None)


@pytest.fixture
def bench(database: Database) -> Bench:
    """A workspace that creates at its provider first."""
    bench = Bench(database)
    bench.approve()
    bench.switch_on("contacts", "items", "tax_rates")
    return bench


def refused(call: Callable[[], object]) -> Refusal:
    """Return how a call is refused."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


def test_customer_is_created_at_the_provider_and_stored_mapped(bench: Bench) -> None:
    """What is the provider's comes from its answer, what is local from the request."""
    view = bench.customers.create(KERR)

    (contact,) = bench.shelves.records["contacts"]
    assert (contact["name"], contact["code"]) == ("Kerr Ltd", "K1")
    record = view.record
    assert (record.id, record.display_name, record.code) == ("kerr", "Kerr Ltd", "K1")
    assert (record.notes, record.web_access, record.address) == (
        "Rings first.",
        True,
        KERR.address,
    )
    assert view.mapped_to == f"{ACME}/contactMappings/{contact['id']}"
    assert "display_name" in view.owned_fields
    assert bench.rows() == []


def test_product_is_created_at_the_provider_and_stored_mapped(bench: Bench) -> None:
    """Products likewise."""
    view = bench.products.create(MUG)

    (item,) = bench.shelves.records["items"]
    assert (view.record.sku, view.record.category) == ("MUG", "Kitchen")
    assert view.mapped_to == f"{ACME}/itemMappings/{item['id']}"
    assert bench.rows() == []


def test_next_pull_finds_what_was_created_unchanged(bench: Bench) -> None:
    """Neither the contact nor the item is news."""
    bench.customers.create(KERR)
    bench.products.create(MUG)
    before = bench.customers.get("acme", "kerr").record.version

    (row,) = bench.shelves.records["contacts"]
    bench.pull(Contact(row["id"], "Kerr Ltd", ("K1",), "hi@kerr.example", "", KERR.address))

    assert bench.customers.get("acme", "kerr").record.version == before
    assert bench.stored() == {"kerr": row["id"]}


def test_refusal_reaches_the_caller_and_stores_nothing(bench: Bench) -> None:
    """The provider's reason comes back; another try is a new one."""
    bench.customers.create(KERR)
    other = replace(KERR, id="other", code="K2")

    refusal = refused(lambda: bench.customers.create(other))

    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason is Reason.PROVIDER_REFUSED
    assert refusal.metadata["provider_message"] == "It is there already."
    assert bench.stored() == {"kerr": "r1"}
    assert bench.rows() == []


@pytest.mark.parametrize("again", [{"id": "other"}, {"code": "K2"}], ids=["code", "id"])
def test_taken_id_or_code_is_refused_before_anything_is_sent(
    bench: Bench, again: dict[str, str]
) -> None:
    """A customer of ours in the way is named."""
    bench.customers.create(KERR)

    refusal = refused(lambda: bench.customers.create(replace(KERR, **again)))

    assert isinstance(refusal, AlreadyExists)
    assert len(bench.shelves.writes) == 1


def test_what_the_provider_makes_up_itself_is_refused(bench: Bench) -> None:
    """An inactive customer, a stock and a tax code of no tax type cannot be created there."""
    inactive = refused(lambda: bench.customers.create(replace(KERR, active=False)))
    counted = refused(lambda: bench.products.create(replace(MUG, stock_quantity="3")))
    bench.database.execute(
        "INSERT INTO tax_codes (workspace, id, code, code_key, name, name_key, rate, create_time,"
        " update_time) VALUES ('acme', 'gst', 'GST', 'gst', 'GST', 'gst', '15', 0, 0)"
    )
    taxed = replace(MUG, tax_code="workspaces/acme/taxCodes/gst")
    untyped = refused(lambda: bench.products.create(taxed))

    assert (inactive.reason, counted.reason) == (Reason.FIELD_OWNED, Reason.FIELD_OWNED)
    assert isinstance(untyped, InvalidArgument)
    assert bench.shelves.writes == []


@pytest.mark.parametrize("fault", [cut_after, fail_after])
def test_lost_answer_is_found_at_once(bench: Bench, fault: Fault) -> None:
    """The same call reads the provider and answers."""
    bench.fail(fault)

    view = bench.customers.create(KERR)

    assert view.record.notes == "Rings first."
    assert bench.stored() == {"kerr": "r1"}
    assert (len(bench.shelves.writes), bench.rows()) == (1, [])


def test_failure_that_created_nothing_may_be_repeated(bench: Bench) -> None:
    """The provider has ended the call, so not to find the record is proof."""
    bench.fail(fail_before)

    refusal = refused(lambda: bench.customers.create(KERR))
    view = bench.customers.create(KERR)

    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert view.record.id == "kerr"
    assert len(bench.shelves.records["contacts"]) == 1
    assert len(set(bench.shelves.writes)) == 2


@pytest.mark.parametrize("draft", [KERR, TUI], ids=["with id and code", "with neither"])
def test_unknown_outcome_is_found_by_the_same_request(bench: Bench, draft: CustomerDraft) -> None:
    """While nothing can be read nobody can tell; the request repeated finds it."""
    bench.fail(cut_after, reading=cut_before)

    refusal = refused(lambda: bench.customers.create(draft))
    unknown = bench.rows()
    view = bench.customers.create(draft)

    assert isinstance(refusal, Unavailable)
    assert refusal.reason is Reason.OUTCOME_UNKNOWN
    assert unknown == [CreationState.UNCERTAIN]
    assert view.record.notes == draft.notes
    assert bench.stored() == {view.record.id: "r1"}
    assert (len(bench.shelves.writes), bench.rows()) == (1, [])


def test_cut_connection_is_no_proof_for_a_minute(bench: Bench) -> None:
    """The call may still be at work; afterwards it is sent again under another key."""
    bench.fail(cut_before)

    first = refused(lambda: bench.customers.create(KERR))
    second = refused(lambda: bench.customers.create(KERR))
    bench.clock.advance(seconds=A_MINUTE)
    view = bench.customers.create(KERR)

    assert isinstance(first, Unavailable)
    assert (first.reason, second.reason) == (Reason.OUTCOME_UNKNOWN, Reason.OUTCOME_UNKNOWN)
    assert first.retry_after
    assert timedelta() < first.retry_after <= IN_FLIGHT
    assert view.record.id == "kerr"
    assert len(bench.shelves.records["contacts"]) == 1
    assert len(set(bench.shelves.writes)) == 2


def test_earlier_sending_that_arrives_late_is_the_one(bench: Bench) -> None:
    """The provider refuses the second, and reading it shows the first."""
    waiting: list[httpx.Request] = []

    def held_up(_shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        waiting.append(request)
        raise httpx.ReadError("cut", request=request)

    def arrives_late(shelves: Shelves, _request: httpx.Request) -> httpx.Response | None:
        shelves.usual(waiting[0])
        return None

    bench.fail(held_up, arrives_late)
    refused(lambda: bench.customers.create(KERR))
    bench.clock.advance(seconds=A_MINUTE)

    assert bench.customers.create(KERR).record.id == "kerr"
    assert bench.stored() == {"kerr": "r1"}


def test_limit_refuses_without_a_trace(bench: Bench) -> None:
    """A call that was not carried out leaves nothing, and says when to come back."""
    bench.fail(limit_the_day)

    refusal = refused(lambda: bench.customers.create(KERR))

    assert isinstance(refusal, Unavailable)
    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert refusal.retry_after == timedelta(seconds=40_000)
    assert bench.rows() == []


def test_waiting_for_the_budget_ends_with_the_callers_patience(bench: Bench) -> None:
    """Nothing has left by then, so nothing is left behind."""
    with bench.creations.calls.clients.for_connection(
        ACME, connections.get(bench.database, ACME).generation
    ) as http:
        for _ in range(60):
            http.get("contacts")

    refusal = refused(lambda: bench.customers.create(KERR, timedelta(seconds=3)))

    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert sum(bench.clock.waits) == pytest.approx(3, abs=0.6)
    assert (bench.shelves.writes, bench.rows()) == ([], [])


def test_connection_that_waits_for_a_person_prevents_it(bench: Bench) -> None:
    """Nothing is sent, and the caller is told what to do."""
    row = connections.get(bench.database, ACME)
    with bench.database.transaction():
        gone = replace(row, state=ConnectionState.RECONNECT_REQUIRED, state_reason="Gone.")
        connections.save(bench.database, gone, bench.clock())

    refusal = refused(lambda: bench.customers.create(KERR))

    assert refusal.reason is Reason.RECONNECT_REQUIRED
    assert (bench.shelves.writes, bench.rows()) == ([], [])


def test_disconnecting_while_it_is_away_keeps_what_was_created(bench: Bench) -> None:
    """The answer is stored and mapped all the same; its fields are free."""

    def disconnects(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        bench.connections.disconnect(ACME)
        return shelves.usual(request)

    bench.fail(disconnects)

    view = bench.customers.create(KERR)

    assert bench.stored() == {"kerr": "r1"}
    assert view.owned_fields == ()


def test_lost_answer_of_a_disconnected_organisation_waits_for_it(bench: Bench) -> None:
    """Nothing is guessed; the organisation connected again, housekeeping finds out."""

    def disconnects(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        bench.connections.disconnect(ACME)
        return cut_after(shelves, request)

    bench.fail(disconnects)
    refusal = refused(lambda: bench.customers.create(KERR))
    bench.clock.advance(seconds=A_MINUTE)
    bench.creations.resolve_abandoned()
    waiting = bench.rows()
    bench.approve()
    bench.clock.advance(seconds=A_MINUTE)
    bench.creations.resolve_abandoned()

    assert refusal.reason is Reason.OUTCOME_UNKNOWN
    assert waiting == [CreationState.UNCERTAIN]
    assert bench.stored() == {"kerr": "r1"}


def test_housekeeping_stores_what_a_dead_process_created(bench: Bench) -> None:
    """And whoever repeats the request within a day gets that answer, though it has no id."""
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.customers.create(TUI))

    bench.creations.resolve_abandoned()
    stored = bench.stored()
    view = bench.customers.create(TUI)

    assert bench.stored() == stored == {view.record.id: "r1"}
    assert view.record.notes == "Sings."
    assert bench.rows() == [CreationState.DONE]
    bench.clock.advance(seconds=25 * 3600)
    bench.creations.resolve_abandoned()
    assert bench.rows() == []


def test_housekeeping_forgets_what_was_never_created(bench: Bench) -> None:
    """Not before a minute has passed, and it sends nothing by itself."""
    bench.fail(cut_before)
    refused(lambda: bench.customers.create(KERR))

    bench.creations.resolve_abandoned()
    early = bench.rows()
    bench.clock.advance(seconds=A_MINUTE)
    bench.creations.resolve_abandoned()

    assert early == [CreationState.UNCERTAIN]
    assert bench.rows() == []
    assert (bench.stored(), len(bench.shelves.writes)) == ({}, 1)


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


def test_somebody_elses_contact_is_never_taken(bench: Bench) -> None:
    """What is found and was mapped before this creation began is another customer's."""
    bench.shelves.records["contacts"].append({"id": "r0", "name": "Tui"})
    bench.pull(Contact("r0", "Tui"))
    bench.clock.advance(seconds=1)
    bench.fail(cut_before)

    refusal = refused(lambda: bench.customers.create(TUI))

    assert isinstance(refusal, AlreadyExists)
    assert (len(bench.stored()), bench.rows()) == (1, [])


def test_one_of_two_at_once_goes(bench: Bench) -> None:
    """The other is told which one; a second one of its code or name likewise."""
    refusals: list[Refusal] = []

    def meanwhile(_shelves: Shelves, _request: httpx.Request) -> httpx.Response | None:
        drafts = (KERR, replace(KERR, id="b", code="K2"), replace(KERR, id="c"))
        refusals.extend(refused(partial(bench.customers.create, each)) for each in drafts)
        return None

    bench.fail(meanwhile)
    bench.customers.create(KERR)

    assert {type(each) for each in refusals} == {Aborted}
    assert {each.metadata["resource"] for each in refusals} == {"workspaces/acme/customers/kerr"}
    assert {each.reason for each in refusals} == {Reason.CREATION_ACTIVE}
    assert len(bench.shelves.writes) == 1


def test_two_threads_make_one(bench: Bench) -> None:
    """However the calls meet there is one contact and one customer."""
    ready = threading.Barrier(4)

    def call() -> object:
        ready.wait()
        return bench.customers.create(KERR)

    outcomes = in_threads(call, call, call, call)

    made = [each for each in outcomes if not isinstance(each, Exception)]
    assert len(made) == 1
    assert all(isinstance(each, Aborted | AlreadyExists | type(made[0])) for each in outcomes)
    assert (len(bench.shelves.writes), bench.stored()) == (1, {"kerr": "r1"})


@pytest.mark.parametrize("finder", ["request", "housekeeping", "pull"])
@pytest.mark.parametrize("statement", range(1, 8))
def test_process_may_die_at_any_statement(bench: Bench, statement: int, finder: str) -> None:
    """Whoever comes first finds out, and there is one contact and one customer."""
    mortal = MortalDatabase(bench.database, statement)
    calls = replace(bench.creations.calls, database=mortal)
    dying = replace(bench.creations, database=mortal, calls=calls)
    with contextlib.suppress(Killed):
        Customers(mortal, bench.clock, bench.next_id, bench.chain.find_master, dying).create(KERR)
    bench.clock.advance(seconds=A_MINUTE)
    written = len(bench.shelves.records["contacts"])

    if finder == "housekeeping":
        bench.creations.resolve_abandoned()
    elif finder == "pull" and written:
        bench.pull(Contact("r1", "Kerr Ltd", ("K1",), "hi@kerr.example"))
    try:
        bench.customers.create(KERR)
    except AlreadyExists:
        assert bench.stored() == {"kerr": "r1"}

    assert len(bench.shelves.records["contacts"]) == 1
    assert bench.stored() == {"kerr": "r1"}
    assert bench.customers.get("acme", "kerr").record.notes == "Rings first."
    assert CreationState.SENT not in bench.rows()


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


@pytest.mark.parametrize("round_", range(5))
def test_pull_and_creation_at_once_make_one(bench: Bench, round_: int) -> None:
    """Whichever stores the contact first, there is one customer, with its local fields."""
    created = threading.Event()

    def tells(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        answer = shelves.usual(request)
        created.set()
        return answer

    def pull() -> None:
        created.wait(timeout=10)
        bench.pull(Contact("r1", "Kerr Ltd", ("K1",), "hi@kerr.example", "", KERR.address))

    bench.fail(tells)
    view, pulled = in_threads(lambda: bench.customers.create(KERR), pull)

    assert pulled is None
    assert bench.stored() == {"kerr": "r1"}, round_
    assert not isinstance(view, Exception)
    assert bench.customers.get("acme", "kerr").record.notes == "Rings first."


def test_creation_that_crashes_is_our_bug_and_is_settled_all_the_same(bench: Bench) -> None:
    """A creator that fails in its own way after the write left is treated as a lost answer."""

    def senseless(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        shelves.usual(request)
        return httpx.Response(200, content=b"no JSON")

    bench.fail(senseless)

    assert bench.customers.create(KERR).mapped_to
    assert (bench.stored(), len(bench.shelves.writes)) == ({"kerr": "r1"}, 1)


def test_lost_lease_prevents_the_write(bench: Bench) -> None:
    """Whoever was taken over sends nothing."""
    taking_over = bench.clock.wait

    def slow(seconds: float) -> None:
        taking_over(seconds)
        bench.database.execute("UPDATE creations SET version = version + 1")

    clients = replace(bench.creations.calls.clients, wait=slow)
    calls = replace(bench.creations.calls, clients=clients)
    slowed = replace(bench.creations, calls=calls)
    row = connections.get(bench.database, ACME)
    with clients.for_connection(ACME, row.generation) as http:
        for _ in range(60):
            http.get("contacts")
    bench.clock.advance(seconds=55)
    customers = Customers(
        bench.database, bench.clock, bench.next_id, bench.chain.find_master, slowed
    )

    refusal = refused(lambda: customers.create(KERR))

    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert bench.shelves.writes == []
