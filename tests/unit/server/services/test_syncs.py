import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bench import Accepted, Bench, never
from clockwork import Clockwork
from databases import opened
from scripted_modules import installed, module, plugin, provider, step
from syncline_sdk import Option, OptionKind, Trigger
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
)
from syncline_server.core.model import RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.notices import ConnectionChanged
from syncline_server.registry import Source, catalogue, load
from syncline_server.services.syncs import TriggerRequest
from syncline_server.storage import runs
from syncline_server.storage.database import Database

WINDOW = Option(name="window", title="Window", kind=OptionKind.CHOICE, choices=("ALL", "NEW"))


def chain() -> Catalogue:
    """Return rates, a mapping, and items behind it."""
    return installed(
        module("rates", options=[WINDOW]),
        step("mapping", requires=["rates"]),
        module("items", requires=["mapping"]),
    )


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace with everything on."""
    bench = Bench(database, chain())
    bench.connect()
    bench.switch(items=True)
    bench.notices.clear()
    return bench


def test_accepted_trigger_is_queued_and_told(bench: Bench) -> None:
    """The run is stored QUEUED, and engine and watchers hear of it once it is committed."""
    run = bench.trigger("rates", options={"window": "ALL"}, request_id="once")

    assert run == bench.run(run.id)
    assert run.state is RunState.QUEUED
    assert run.trigger is Trigger.MANUAL
    assert run.organisation_id == "kauri"
    assert run.options == {"window": "ALL"}
    assert (run.requested_by, run.request_id) == ("tester", "once")
    assert run.create_time == bench.clock()
    assert bench.accepted == [Accepted(run.id, bench.clock() + timedelta(seconds=60))]
    assert bench.notices == [ConnectionChanged(bench.connection)]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(Connection("acme", "ledger"), "rates"),
        Scope(Connection("acme", "books"), "rats"),
        Scope(Connection("acme", "books"), "mapping"),
    ],
    ids=["no-provider", "no-module", "manual-step"],
)
def test_what_is_not_installed_is_not_found(bench: Bench, scope: Scope) -> None:
    """Unknown providers and modules are told as such, and a manual step is no module."""
    with pytest.raises(NotFound):
        bench.syncs.trigger(TriggerRequest(scope=scope, options={}, caller="tester"))


def test_options_are_checked_before_anything_is_written(bench: Bench) -> None:
    """An option that does not fit is a violation, and leaves no trace."""
    before = bench.everything()

    with pytest.raises(InvalidArgument) as refused:
        bench.trigger("rates", options={"window": "SOME", "depth": 1})

    assert [each.field for each in refused.value.violations] == ["options.window", "options.depth"]
    assert bench.everything() == before


def test_refusals_come_in_order_and_start_no_cooldown(bench: Bench) -> None:
    """Not connected, off, not ready, active, cooling: each is told only when the ones before pass.

    None of them writes a row, and none starts a cooldown.
    """
    first = bench.trigger("rates")
    bench.disconnect()
    bench.switch(items=False)
    bench.switch(rates=False)
    assert refused(bench, "items", FailedPrecondition) == [
        "NOT_CONNECTED",
        "MODULE_OFF",
        "PREREQUISITE_INCOMPLETE",
        "PREREQUISITE_INCOMPLETE",
    ]
    bench.connect()
    bench.lose_access(bench.connection, bench.row.generation, "gone")
    assert refused(bench, "rates", FailedPrecondition) == ["RECONNECT_REQUIRED", "MODULE_OFF"]
    bench.connect()
    assert refused(bench, "rates", FailedPrecondition) == ["MODULE_OFF"]
    bench.switch(items=True)
    assert refused(bench, "rates", ResourceExhausted) == ["COOLDOWN"]
    bench.clock.advance(seconds=60)
    second = bench.trigger("rates")
    assert refused(bench, "rates", Aborted) == ["RUN_ACTIVE"]
    assert [each.run_id for each in bench.accepted] == [first.id, second.id]


def refused(bench: Bench, name: str, kind: type[Exception]) -> list[str]:
    """Trigger and return the reasons of the refusal, in order; check that nothing changed."""
    before = bench.everything()
    with pytest.raises(kind) as caught:
        bench.trigger(name)
    assert bench.everything() == before
    if isinstance(caught.value, FailedPrecondition):
        return [blocker.reason.value for blocker in caught.value.blockers]
    return [caught.value.reason.value]  # type: ignore[attr-defined]  # every refusal has one


def test_refused_trigger_of_a_blocked_module_leaves_it_free(bench: Bench) -> None:
    """A trigger refused for its prerequisites starts no cooldown: it is taken once they are met."""
    with pytest.raises(FailedPrecondition):
        bench.trigger("items")
    bench.execute(bench.trigger("rates"))

    assert bench.trigger("items").state is RunState.QUEUED


def test_open_mapping_blocks_what_comes_behind(bench: Bench) -> None:
    """Items wait while a mapping is open, and the refusal says how many are left."""
    bench.complete("rates")
    bench.open_mappings = 2

    with pytest.raises(FailedPrecondition, match="Map 2 open tax rates"):
        bench.trigger("items")


def test_active_run_is_named_to_whoever_comes_second(bench: Bench) -> None:
    """While a run is active another trigger is refused and names it, however long it takes."""
    run = bench.trigger("rates")
    bench.clock.advance(seconds=3600)

    with pytest.raises(Aborted) as refusal:
        bench.trigger("rates")

    assert refusal.value.resource == f"workspaces/acme/runs/{run.id}"


def test_request_id_returns_the_same_run(bench: Bench) -> None:
    """A repeated call starts nothing twice, also long after the run has ended."""
    run = bench.trigger("rates", request_id="once")
    assert bench.trigger("rates", request_id="once") == run

    ended = bench.execute(run)
    bench.clock.advance(seconds=3600)

    assert bench.trigger("rates", request_id="once") == ended
    assert len(bench.accepted) == 1


def test_request_id_of_another_module_is_refused(bench: Bench) -> None:
    """An id belongs to the first run it started."""
    bench.complete("rates")
    run = bench.trigger("rates", request_id="once")

    with pytest.raises(AlreadyExists) as refusal:
        bench.trigger("items", request_id="once")

    assert refusal.value.resource == f"workspaces/acme/runs/{run.id}"


def test_validating_changes_nothing(bench: Bench) -> None:
    """A trigger that only validates is checked like any, and leaves no row and no cooldown."""
    before = bench.everything()

    assert bench.trigger("rates", validate_only=True).id == ""
    with pytest.raises(FailedPrecondition):
        bench.trigger("items", validate_only=True)

    assert bench.everything() == before
    assert bench.accepted == bench.notices == []
    bench.trigger("rates")


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("tax_rates", 60), ("contacts", 60), ("items", 60), ("invoice_push", 5), ("invoice_pull", 10)],
)
def test_first_party_cooldown_is_exact(database: Database, name: str, seconds: int) -> None:
    """Each module's cooldown holds to its last microsecond, with the time left told exactly."""
    bench = Bench(database, xero_without_work())
    bench.connect()
    bench.switch(invoices=True)
    bench.complete("tax_rates", "contacts", "items")
    bench.execute(bench.trigger(name))

    bench.clock.advance(seconds=1.25)
    assert time_left(bench, name) == timedelta(seconds=seconds - 1.25)
    assert bench.node(name).cooldown_left == timedelta(seconds=seconds - 1.25)
    bench.clock.advance(seconds=seconds - 1.25 - 0.001)
    assert time_left(bench, name) == timedelta(milliseconds=1)
    bench.clock.advance(seconds=0.001)
    assert bench.node(name).cooldown_left == timedelta()
    assert bench.trigger(name).state is RunState.QUEUED


def time_left(bench: Bench, name: str) -> timedelta:
    """Return the time left that a refusal tells."""
    with pytest.raises(ResourceExhausted) as refusal:
        bench.trigger(name)
    return refusal.value.retry_after


def xero_without_work() -> Catalogue:
    """Return the installed Xero chain with modules that do nothing."""
    xero = load().providers["xero"]
    return installed(
        *(
            module(
                each.name,
                requires=each.requires,
                after=each.after,
                toggle=each.toggle.name,
                cooldown=each.cooldown,
            )
            for each in xero.modules.values()
        ),
        *(step(name, requires=xero.nodes[name].requires) for name in ("tax_mapping",)),
    )


def test_cooldown_survives_a_restart(database_url: str) -> None:
    """A new process on the same database still knows the time left."""
    clock = Clockwork()
    first = opened(database_url)
    bench = Bench(first, chain(), clock)
    bench.connect()
    bench.switch(rates=True)
    bench.execute(bench.trigger("rates"), never)
    first.close()
    clock.advance(seconds=59)

    second = opened(database_url)
    try:
        assert time_left(Bench(second, chain(), clock), "rates") == timedelta(seconds=1)
    finally:
        second.close()


def test_one_request_id_on_two_connections_at_once_starts_one_run(database: Database) -> None:
    """Of two calls that bring one id to different connections, one is told whose it is."""
    both = catalogue(
        Source(name, plugin(module("rates", of=name), providers=[provider(name)]))
        for name in ("books", "ledger")
    )
    bench = Bench(database, both)
    scopes = [Scope(Connection("acme", name), "rates") for name in both.providers]
    for scope in scopes:
        bench.connection = scope.connection
        bench.connect(f"organisation of {scope.connection.provider}")
        bench.switch(rates=True)
    gate = threading.Barrier(2, timeout=60)

    def ask(scope: Scope, request_id: str) -> str:
        gate.wait()
        request = TriggerRequest(scope=scope, options={}, caller="tester", request_id=request_id)
        try:
            return bench.syncs.trigger(request).state
        except (AlreadyExists, ResourceExhausted, Aborted) as refusal:
            return refusal.reason

    with ThreadPoolExecutor(2) as pool:
        for number in range(5):
            answers = set(pool.map(ask, scopes, [f"id{number}"] * 2))
            assert answers == {"QUEUED", "REQUEST_ID_REUSED"}
            bench.clock.advance(seconds=60)
            for scope in scopes:
                bench.connection = scope.connection
                if run := runs.active(database, scope):
                    bench.execute(run)
