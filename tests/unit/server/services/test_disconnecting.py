import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from calling import LIMITS, another, entered, gate, no_wait
from connect_bench import ACME, GLOBEX, Bench
from ledger import ledger_provider
from syncline_sdk import RunStopped
from syncline_server.outbound.pause import Pause
from syncline_server.services.provider_clients import Manner
from syncline_server.storage import connections
from syncline_server.storage.database import Database


@pytest.fixture
def one(database: Database) -> Bench:
    """A process, connected to an organisation that allows six calls a minute and two at once."""
    bench = Bench(database, provider=ledger_provider(LIMITS))
    bench.connect()
    bench.ledger.calls.clear()
    return bench


@pytest.fixture
def other(one: Bench) -> Bench:
    """Another server process beside it."""
    return another(one)


def patient(bench: Bench, wait: Callable[[float], None]) -> Bench:
    """Return the same process, which waits so for calls that may be leaving."""
    room = replace(bench.clients.budgets, wait=wait)
    bench.connections = replace(bench.connections, budgets=room)
    return bench


@pytest.mark.parametrize("act", ["disconnect", "connect"])
def test_calls_that_may_be_leaving_are_waited_for(one: Bench, other: Bench, act: str) -> None:
    """Disconnecting, and connecting again, returns when another process's call has ended."""
    passage = entered(other)
    order: list[str] = []

    def wait(_seconds: float) -> None:
        order.append("waited")
        if len(order) == 3:
            order.append("ended")
            passage.__exit__(None, None, None)

    bench = patient(one, wait)
    if act == "connect":
        bench.connect()
    else:
        bench.connections.disconnect(ACME)

    assert order == ["waited", "waited", "waited", "ended"]


def test_disconnecting_again_waits_as_well(one: Bench, other: Bench) -> None:
    """Whoever is told that it is disconnected may rely on it, also when another did it."""
    passage = entered(other)
    waits: list[float] = []
    second = patient(another(one), lambda _: passage.__exit__(None, None, None))

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            second.connections.disconnect(ACME)

    patient(one, wait).connections.disconnect(ACME)

    assert len(waits) == 1


def test_a_call_that_hangs_is_waited_for_until_it_must_have_left(one: Bench, other: Bench) -> None:
    """No longer than it takes to leave; and what has not left by then never does."""
    manner = Manner(before_write=lambda: one.connections.disconnect(ACME))
    with other.clients.for_connection(ACME, 1, manner=manner) as http, pytest.raises(RunStopped):
        http.put("things")

    assert sum(one.clock.waits) == pytest.approx(15, abs=0.1)
    assert one.ledger.count("PUT /api/things") == 0


def test_others_calls_are_not_waited_for(one: Bench) -> None:
    """Neither another connection's nor those of the connection as it is now."""
    one.connect(GLOBEX, "rimu", subject="ben")
    calling = entered(one)

    patient(one, no_wait).connections.disconnect(GLOBEX)
    one.connections.budgets.see_off(one.row())
    calling.__exit__(None, None, None)


def test_calls_are_waited_for_although_another_workspace_calls_already(
    one: Bench, other: Bench
) -> None:
    """Who connects the organisation next does not hide the last calls of who left it."""
    passage = entered(other)
    order: list[str] = []

    def wait(_seconds: float) -> None:
        order.append("waited")
        if len(order) == 1:
            other.connect(GLOBEX, "kauri", subject="ben")
            with other.client(GLOBEX) as http:
                http.get("things")
        else:
            passage.__exit__(None, None, None)

    patient(one, wait).connections.disconnect(ACME)

    assert order == ["waited", "waited"]


def test_taking_a_ticket_and_disconnecting_happen_one_after_the_other(
    one: Bench, other: Bench
) -> None:
    """Who looks at the connection first has a ticket before it can change, and is waited for."""
    looked, go_on, leave = threading.Event(), threading.Event(), threading.Event()
    order: list[str] = []
    row = other.row()

    def check() -> None:
        connections.hold(other.database, ACME)
        looked.set()
        go_on.wait(timeout=60)

    def call() -> None:
        with gate(other, check).passage(Pause(no_wait)):
            order.append("entered")
            leave.wait(timeout=60)
            order.append("left")

    def disconnect() -> None:
        looked.wait(timeout=60)
        patient(one, lambda _: leave.set()).connections.disconnect(ACME)
        order.append("disconnected")

    threads = [threading.Thread(target=each) for each in (call, disconnect)]
    for thread in threads:
        thread.start()
    threads[1].join(timeout=0.3)
    assert order == []
    assert one.row().generation == row.generation
    go_on.set()
    for thread in threads:
        thread.join(timeout=60)

    assert order == ["entered", "left", "disconnected"]
