import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from dumps import dump
from fake_provider import Scripts, fake_catalogue
from syncline.v1 import integration_pb2 as pb
from syncline.v1.plan_pb2 import SyncPlan
from syncline_client import Client, SynclineError
from syncline_sdk import RunContext
from syncline_server.storage.database import Database
from wiring import ACME, Served, Wired, Wishes, served


def trigger(
    client: Client, module: str, *, validate_only: bool = True, request_id: str = ""
) -> pb.TriggerSyncResponse:
    """Ask what a module would do, or start it."""
    request = pb.TriggerSyncRequest(
        connection=str(ACME), module=module, validate_only=validate_only, request_id=request_id
    )
    return client.integrations.TriggerSync(request)


def refusal(client: Client, module: str, *, validate_only: bool) -> tuple[str, str, object]:
    """Return how a trigger is refused."""
    with pytest.raises(SynclineError) as caught:
        trigger(client, module, validate_only=validate_only)
    return type(caught.value).__name__, caught.value.reason, caught.value.metadata


def connected(server: Served, _client: Client) -> None:
    """Connect, with everything off."""
    server.wired.connect()


def unready(server: Served, _client: Client) -> None:
    """Turn items on, whose tax rates have not been read."""
    server.wired.connect()
    server.wired.switch_on("items", "tax_rates")


def active(server: Served, client: Client) -> None:
    """Have a run be under way."""
    server.wired.connect()
    server.wired.switch_on("contacts")
    trigger(client, "contacts", validate_only=False)


def cooling(server: Served, client: Client) -> None:
    """Have a run have ended a moment ago."""
    active(server, client)
    server.wired.end(server.wired.begin(server.wired.started[-1]))


@pytest.mark.parametrize(
    ("ground", "module", "reason"),
    [
        (lambda *_: None, "contacts", "NOT_CONNECTED"),
        (connected, "contacts", "MODULE_OFF"),
        (unready, "items", "PREREQUISITE_INCOMPLETE"),
        (active, "contacts", "RUN_ACTIVE"),
        (cooling, "contacts", "COOLDOWN"),
        (connected, "weather", "RESOURCE_NOT_FOUND"),
    ],
)
def test_plan_is_refused_as_the_run_would_be(
    server: Served,
    client: Client,
    ground: Callable[[Served, Client], None],
    module: str,
    reason: str,
) -> None:
    """The same code, reason and metadata, and nothing is different afterwards."""
    ground(server, client)
    before = dump(server.wired.database)

    planned = refusal(client, module, validate_only=True)

    assert planned[1] == reason
    assert dump(server.wired.database) == before
    assert planned == refusal(client, module, validate_only=False)


def test_request_that_has_started_a_run_is_answered_with_it(server: Served, client: Client) -> None:
    """The same request would start nothing, so there is nothing to plan."""
    server.wired.connect()
    server.wired.switch_on("contacts")
    request_id = str(uuid4())
    started = trigger(client, "contacts", validate_only=False, request_id=request_id)

    answer = trigger(client, "contacts", request_id=request_id)

    assert answer.run.name == started.run.name
    assert not answer.HasField("plan")


def test_run_that_is_started_comes_without_a_plan(server: Served, client: Client) -> None:
    """Plans are for those who ask for them."""
    server.wired.connect()
    server.wired.switch_on("contacts")

    assert not trigger(client, "contacts", validate_only=False).HasField("plan")


def test_module_that_writes_cannot_be_planned(database: Database) -> None:
    """The caller is told that this module has no plan, with a reason of its own."""
    scripts = Scripts()
    scripts.work["contacts"] = lambda ctx: ctx.http.post("seen").raise_for_status()
    wired = Wired(database, Wishes(catalogue=fake_catalogue(scripts)))
    with served(wired) as server, server.client() as client:
        wired.approve()
        wired.switch_on("contacts")

        found = refusal(client, "contacts", validate_only=True)

    assert found == ("FailedPrecondition", "NOT_PLANNABLE", {"subjects": "contacts"})


def test_plan_of_nothing_is_complete(server: Served, client: Client) -> None:
    """A module that stores nothing has a plan without counts."""
    server.wired.approve()
    server.wired.switch_on("contacts")

    assert trigger(client, "contacts").plan == SyncPlan(complete=True, full_read=True)


def test_plans_leave_a_thread_free(database: Database) -> None:
    """Where two threads answer calls, one plan at once is made, and other calls are answered."""
    scripts, begun, go_on = Scripts(), threading.Event(), threading.Event()

    def wait(_ctx: RunContext) -> None:
        begun.set()
        go_on.wait(timeout=30)

    scripts.work["contacts"] = wait
    wired = Wired(database, Wishes(catalogue=fake_catalogue(scripts), threads=2))
    with served(wired) as server, server.client() as client, ThreadPoolExecutor(1) as pool:
        wired.approve()
        wired.switch_on("contacts")
        first = pool.submit(trigger, client, "contacts")
        begun.wait(timeout=30)

        found = refusal(client, "contacts", validate_only=True)
        go_on.set()

        assert found[:2] == ("ResourceExhausted", "QUOTA")
        assert first.result().plan.complete
