"""Disconnect wins: when it has returned, no process calls for the connection any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from databases import opened
from gate import Gate
from hammering import Hammers, Order
from local_stack import PATIENCE, LocalStack, wait_until
from setting_up import confirmed_invoices, connect, set_up_chain
from syncline.v1.customer_pb2 import Customer
from syncline.v1.record_pb2 import CreateCustomerRequest
from syncline.v1.run_pb2 import GetRunRequest, Run
from syncline_client import SynclineError
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
CONTACTS = 20_000
CREATORS = 3
CANCELLED = [Run.STATE_CANCELLED] * 2
UNLIMITED = {"minute": 10**6, "day": 10**6, "app_minute": 10**6, "concurrent": 100}


def test_nothing_is_called_after_a_disconnect(stack: LocalStack) -> None:
    """Neither by a pull, a push and creations under way, nor after connecting again at once."""
    workspace = busy_soon(stack)
    runs, gates = under_way(stack, workspace)
    with other_process(stack) as is_calling, creating(workspace) as answered:
        wait_until(lambda: made(stack) and is_calling(), "creations and others call")
        while_held(workspace, runs, gates, workspace.disconnect)
        calls = called(stack)
        before = answered()
        wait_until(lambda: answered() > before + 2 * CREATORS, "others are created here alone")
        assert called(stack) == calls
    assert states(workspace, runs) == CANCELLED

    connect(stack, workspace, workspace.id)
    wait_until(lambda: workspace.get_connection().HasField("allowance"), "it is connected")
    stack.stop("server")
    stack.start("server")
    assert states(workspace, runs) == CANCELLED
    assert called(stack) == calls


def test_old_work_does_not_go_on_over_a_new_connection(stack: LocalStack) -> None:
    """Connecting again while runs are under way cancels them before it returns."""
    workspace = busy_soon(stack)
    runs, gates = under_way(stack, workspace)
    while_held(workspace, runs, gates, lambda: connect(stack, workspace, workspace.id))
    calls = called(stack)
    assert states(workspace, runs) == CANCELLED

    workspace.trigger("tax_rates")
    wait_until(lambda: called(stack) > calls, "the new connection works")
    assert called(stack) <= calls + 1


def busy_soon(stack: LocalStack) -> Workspace:
    """Return a workspace with much to pull and to push, whose provider takes its time."""
    stack.control("POST", "/limits", UNLIMITED)
    workspace = stack.connected("busy", contacts=CONTACTS, items=5)
    set_up_chain(workspace)
    confirmed_invoices(workspace, 200)
    workspace.set_options(phone_field="MOBILE")
    database = opened(stack.database_url)
    database.execute("DELETE FROM cooldowns")
    database.close()
    slow = {"kind": "delay", "path": "Organisation", "seconds": 0.1, "count": None}
    stack.control("POST", "/faults", slow)
    stack.control("DELETE", "/counters")
    return workspace


def under_way(stack: LocalStack, workspace: Workspace) -> tuple[list[Run], list[Gate]]:
    """Begin a pull and a push; return them, and what holds a call of each up."""
    gates = [Gate(stack, "GET Contacts", after=3), Gate(stack, "PUT Invoices", after=1)]
    runs = [workspace.trigger(module) for module in ("contacts", "invoice_push")]
    for gate in gates:
        gate.wait_for()
    return runs, gates


def while_held(
    workspace: Workspace, runs: list[Run], gates: list[Gate], act: Callable[[], object]
) -> None:
    """Do something that cancels runs whose calls go on only once they are cancelled."""
    acting = threading.Thread(target=act)
    acting.start()
    wait_until(lambda: states(workspace, runs) == CANCELLED, "the runs are cancelled")
    for gate in gates:
        gate.open()
    acting.join()


def states(workspace: Workspace, runs: list[Run]) -> list[Run.State.ValueType]:
    """Return how runs are now."""
    names = [GetRunRequest(name=run.name) for run in runs]
    return [workspace.client.runs.GetRun(each).run.state for each in names]


@contextmanager
def other_process(stack: LocalStack) -> Iterator[Callable[[], bool]]:
    """Call from another process too, where several may share a database; yields whether it does."""
    if "SYNCLINE_DATABASE_URL" not in stack.settings.environ:
        yield lambda: True
        return
    order = Order(environ=stack.environment_of("server"), workspace="busy", seconds=PATIENCE)
    with Hammers(order, 1):
        yield lambda: "GET Organisation" in endpoints(stack)


@contextmanager
def creating(workspace: Workspace) -> Iterator[Callable[[], int]]:
    """Create customers meanwhile, at the provider first; yields how often that was answered."""
    answers: list[object] = []
    is_over = threading.Event()

    def create(thread: int) -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            customer = Customer(display_name=f"New {thread} {number}")
            request = CreateCustomerRequest(parent=workspace.name, customer=customer)
            try:
                answers.append(workspace.client.records.CreateCustomer(request))
            except SynclineError as error:
                answers.append(error)

    threads = [threading.Thread(target=create, args=(each,)) for each in range(CREATORS)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: len(answers)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def endpoints(stack: LocalStack) -> dict[str, int]:
    """Return how often each endpoint of the organisation was called."""
    tenants = stack.control("GET", "/counters")["tenants"].values()
    return {name: count for tenant in tenants for name, count in tenant["endpoints"].items()}


def called(stack: LocalStack) -> int:
    """Return how many calls the organisation has seen."""
    return sum(endpoints(stack).values())


def made(stack: LocalStack) -> bool:
    """Return whether a creation has been sent."""
    return any(each.startswith(("PUT Contacts", "POST Contacts")) for each in endpoints(stack))
