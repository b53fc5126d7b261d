from datetime import timedelta

import httpx
import pytest

from creating_bench import A_MINUTE, KERR, TUI, Bench, creating_bench, refused
from creating_provider import Fault, Shelves, cut_after, cut_before, fail_after, fail_before
from syncline_server.core.creation import CreationState
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import Reason, Unavailable
from syncline_server.services.creation_hand import IN_FLIGHT
from syncline_server.storage.database import Database
from wiring import ACME


@pytest.fixture
def bench(database: Database) -> Bench:
    """A workspace that creates at its provider first."""
    return creating_bench(database)


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


def test_housekeeping_that_is_to_end_asks_no_further(bench: Bench) -> None:
    """Each provider that hangs would hold up a process that stops; the next one goes on."""
    bench.fail(cut_before, cut_before, reading=cut_before)
    for draft in (KERR, TUI):
        refused(lambda draft=draft: bench.customers.create(draft))
    bench.shelves.read_faults = []
    bench.clock.advance(seconds=A_MINUTE)
    stopping: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        stopping.append(True)
        return bench.shelves.answer(request)

    bench.ledger.intercept = answer
    bench.creations.resolve_abandoned(lambda: bool(stopping))
    left = bench.rows()
    bench.creations.resolve_abandoned()

    assert left == [CreationState.UNCERTAIN]
    assert bench.rows() == []


def test_creation_that_crashes_is_our_bug_and_is_settled_all_the_same(bench: Bench) -> None:
    """A creator that fails in its own way after the write left is treated as a lost answer."""

    def senseless(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
        shelves.usual(request)
        return httpx.Response(200, content=b"no JSON")

    bench.fail(senseless)

    assert bench.customers.create(KERR).mapped_to
    assert (bench.stored(), len(bench.shelves.writes)) == ({"kerr": "r1"}, 1)
