import contextlib
import threading
from dataclasses import replace
from functools import partial

import httpx
import pytest

from connect_bench import in_threads
from creating_bench import A_MINUTE, KERR, Bench, creating_bench, refused
from creating_provider import Shelves
from mortal import Killed, MortalDatabase
from syncline_sdk import Contact
from syncline_server.core.creation import CreationState
from syncline_server.core.errors import Aborted, AlreadyExists, Reason, Refusal
from syncline_server.services.customers import Customers
from syncline_server.services.provider_clients import Manner
from syncline_server.storage import connections
from syncline_server.storage.database import Database
from wiring import ACME


@pytest.fixture
def bench(database: Database) -> Bench:
    """A workspace that creates at its provider first."""
    return creating_bench(database)


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


@pytest.mark.parametrize("round_", range(5))
def test_pull_and_creation_at_once_make_one(bench: Bench, round_: int) -> None:
    """Whichever stores the contact first, there is one customer, with its local fields."""
    created = threading.Event()

    def tells(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        answer = shelves.usual(request)
        created.set()
        return answer

    def pull() -> None:
        created.wait(timeout=60)
        bench.pull(Contact("r1", "Kerr Ltd", ("K1",), "hi@kerr.example", "", KERR.address))

    bench.fail(tells)
    view, pulled = in_threads(lambda: bench.customers.create(KERR), pull)

    assert pulled is None
    assert bench.stored() == {"kerr": "r1"}, round_
    assert not isinstance(view, Exception)
    assert bench.customers.get("acme", "kerr").record.notes == "Rings first."


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
    with clients.for_connection(ACME, row.generation, manner=Manner(urgent=True)) as http:
        for _ in range(60):
            http.get("contacts")
    bench.clock.advance(seconds=55)
    customers = Customers(
        bench.database, bench.clock, bench.next_id, bench.chain.find_master, slowed
    )

    refusal = refused(lambda: customers.create(KERR))

    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert bench.shelves.writes == []
