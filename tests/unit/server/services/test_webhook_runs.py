from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from bench import Bench
from clockwork import START, Clockwork
from scene import raising
from scripted_modules import Scripted, installed, module, step
from syncline_sdk import RecordKind, RunContext, RunFailed, Trigger
from syncline_server.core.model import Run, RunState
from syncline_server.core.notices import ConnectionChanged
from syncline_server.core.organisations import Organisation
from syncline_server.storage import runs, webhook_events
from syncline_server.storage.database import Database
from told import Told

FAILED = raising(RunFailed("BROKEN", "It is broken."))
FIRST = Told("kauri", "CONTACT", "c1")


@pytest.fixture
def work() -> Scripted:
    """What the contacts module does."""
    return Scripted()


@pytest.fixture
def bench(database: Database, work: Scripted) -> Bench:
    """A connected workspace whose contacts have been read once, and an hour has passed."""
    contacts = module("contacts", after=["mapping"], run=work, takes_targets=True)
    rates = module("rates", kind=RecordKind.TAX_RATE)
    bench = Bench(database, installed(rates, step("mapping", requires=["rates"]), contacts))
    bench.connect()
    bench.switch(contacts=True)
    bench.complete("contacts")
    return bench


def modules(found: Sequence[Run]) -> list[str]:
    """Return the modules of runs."""
    return [run.scope.module for run in found]


def waiting(bench: Bench) -> int:
    """Return how many events wait."""
    query = "SELECT COUNT(*) FROM webhook_events WHERE done_time IS NULL"
    return int(bench.database.tuples(query)[0][0])


def test_events_of_a_module_become_one_run(bench: Bench) -> None:
    """However many they are; it is queued as WEBHOOK, and whoever watches is told."""
    bench.tell(FIRST, Told("kauri", "CONTACT", "c2"))
    bench.tell(Told("kauri", "CONTACT", "c3"))
    bench.notices.clear()

    (run,) = bench.look()

    assert (run.trigger, run.state) == (Trigger.WEBHOOK, RunState.QUEUED)
    assert run.generation == bench.row.generation
    assert bench.notices == [ConnectionChanged(bench.connection)]
    assert bench.look() == []


def test_nothing_told_starts_nothing(bench: Bench) -> None:
    """And neither does what has been read."""
    assert bench.look() == []
    bench.tell(FIRST)
    (run,) = bench.look()
    bench.execute(run)

    assert waiting(bench) == 0
    assert bench.look() == []


def test_repeats_start_no_second_run(bench: Bench) -> None:
    """Neither while the first waits nor when it has ended."""
    bench.tell(FIRST)
    (run,) = bench.look()
    bench.tell(FIRST)
    bench.execute(run)
    bench.tell(FIRST)

    assert bench.look() == []


def test_events_wait_for_the_end_of_a_run_of_their_module(bench: Bench) -> None:
    """Then they have one of their own: the running one may have passed them."""
    running = bench.trigger("contacts")
    assert runs.start(bench.database, running, bench.clock(), None)
    bench.tell(FIRST)
    assert bench.look() == []

    runs.end(bench.database, bench.run(running.id), RunState.CANCELLED, bench.clock())
    assert modules(bench.look()) == ["contacts"]


def test_events_during_a_webhooks_run_have_the_next(bench: Bench, work: Scripted) -> None:
    """They are not settled by a run that did not know of them."""
    bench.tell(FIRST)
    (run,) = bench.look()
    work.then(lambda _ctx: bench.tell(Told("kauri", "CONTACT", "c2")))
    bench.execute(run)

    (second,) = bench.look()
    bench.execute(second)

    assert [ctx.targets for ctx in work.seen[1:]] == [("c1",), ("c2",)]


def test_manual_cooldowns_hold_nothing_back(bench: Bench) -> None:
    """A webhook's run starts inside one, and starts none itself."""
    bench.execute(bench.trigger("contacts"))
    held = bench.node("contacts").cooldown_left
    bench.tell(FIRST)
    (run,) = bench.look()
    bench.execute(run)

    assert held > timedelta()
    assert bench.node("contacts").cooldown_left == held


def test_before_its_first_run_a_module_is_left_alone(database: Database) -> None:
    """A webhook does not begin what nobody began; the first run reads it all."""
    bench = Bench(database, installed(module("contacts", takes_targets=True)))
    bench.connect()
    bench.switch(contacts=True)
    bench.tell(FIRST)
    assert bench.look() == []

    bench.complete("contacts")
    assert waiting(bench) == 0


def test_linked_invoices_are_refreshed_before_anybody_has_pulled(database: Database) -> None:
    """They were sent from here, so there is something to bring up to date."""
    pull = module("invoice_pull", kind=RecordKind.INVOICE, takes_targets=True)
    bench = Bench(database, installed(pull))
    bench.connect()
    bench.switch(invoice_pull=True)
    row = webhook_events.EventRow(
        organisation=Organisation("acme", "books", "kauri"),
        module="invoice_pull",
        record_id="x1",
        key="1",
        event_time=bench.clock(),
    )
    webhook_events.insert(database, [row], bench.clock())

    (run,) = bench.look()

    assert bench.execute(run).state is RunState.SUCCEEDED
    assert bench.state("invoice_pull").complete_time is None


def test_events_of_a_blocked_module_wait_until_it_is_ready(bench: Bench) -> None:
    """They resume by themselves when what is missing is there."""
    bench.switch(rates=True)
    bench.open_mappings = 1
    bench.tell(FIRST)
    assert bench.look() == []

    bench.complete("rates")
    assert bench.look() == []
    bench.open_mappings = 0
    assert modules(bench.look()) == ["contacts"]


def test_events_wait_while_what_their_module_builds_on_is_running(bench: Bench) -> None:
    """As automatic runs do."""
    bench.switch(rates=True)
    bench.complete("rates")
    bench.trigger("rates")
    bench.tell(FIRST)

    assert bench.look() == []


def test_a_later_ordinary_run_reads_what_waits(bench: Bench, work: Scripted) -> None:
    """It began behind the event, so the event is settled by it, and has no run of its own."""
    bench.tell(FIRST)
    bench.execute(bench.trigger("contacts"))

    assert work.seen[-1].targets == ()
    assert waiting(bench) == 0
    assert bench.look() == []


def test_an_ordinary_run_that_fails_settles_nothing(bench: Bench, work: Scripted) -> None:
    """The event still has its run."""
    bench.tell(FIRST)
    work.then(FAILED)
    bench.execute(bench.trigger("contacts"))

    assert waiting(bench) == 1
    assert modules(bench.look()) == ["contacts"]


def test_what_fails_is_tried_less_and_less_often(bench: Bench, work: Scripted) -> None:
    """Each time the events wait as long again as they had, and not less than a minute."""
    bench.tell(FIRST)
    tried = []
    for second in range(0, 1000, 10):
        for run in bench.look():
            work.then(FAILED)
            bench.execute(run)
            tried.append(second)
        bench.clock.advance(seconds=10)

    assert tried == [0, 60, 120, 240, 480, 960]
    assert waiting(bench) == 1


def test_a_list_that_collapsed_is_no_reason_to_ask_all_the_time(
    bench: Bench, work: Scripted
) -> None:
    """The run went through and read too little: its events wait as after a failure."""

    def collapse(ctx: RunContext) -> None:
        runs.collapse(bench.database, ctx.run.id)

    bench.tell(FIRST)
    work.then(collapse)
    (run,) = bench.look()
    bench.execute(run)

    assert bench.look() == []
    bench.clock.advance(seconds=61)
    assert modules(bench.look()) == ["contacts"]


class Meddling(Clockwork):
    """A clock behind which something happens, once."""

    def __init__(self) -> None:
        super().__init__()
        self.meddle: Callable[[], object] = lambda: None

    def __call__(self) -> datetime:
        """Return the time."""
        meddle, self.meddle = self.meddle, lambda: None
        meddle()
        return super().__call__()


def test_a_process_that_comes_too_late_claims_nothing(database: Database) -> None:
    """What was told since another one started the run is not that run's."""
    clock = Meddling()
    bench = Bench(database, installed(module("contacts", takes_targets=True)), clock)
    bench.connect()
    bench.switch(contacts=True)
    bench.complete("contacts")
    bench.tell(FIRST)
    (run,) = bench.look()

    # Between the look at the run and the lock on its connection.
    clock.meddle = lambda: runs.start(database, run, START, None)
    bench.execute(run)

    assert database.tuples("SELECT run_id FROM webhook_events") == [(None,)]


def test_connecting_again_ends_the_rest(bench: Bench, work: Scripted) -> None:
    """What failed belonged to another connection; the events of the organisation are kept."""
    bench.tell(FIRST)
    work.then(FAILED)
    bench.execute(bench.look()[0])
    bench.disconnect()
    assert bench.look() == []

    bench.connect()
    assert modules(bench.look()) == ["contacts"]


def test_another_organisation_is_not_asked_for_the_firsts_records(bench: Bench) -> None:
    """What was told belongs to the organisation that told it."""
    bench.tell(FIRST)
    bench.connect("rata")
    bench.complete("contacts")

    assert bench.look() == []
    assert waiting(bench) == 1


def test_a_disconnect_cancels_the_run_and_keeps_the_events(bench: Bench, work: Scripted) -> None:
    """Nothing is called for a connection that is gone."""
    bench.tell(FIRST)
    (run,) = bench.look()
    before = len(work.seen)
    bench.disconnect()

    assert bench.execute(run).state is RunState.CANCELLED
    assert len(work.seen) == before
    assert webhook_events.waiting_connections(bench.database) == [bench.connection]


def test_a_workspace_that_fails_keeps_nobody_waiting(bench: Bench, database: Database) -> None:
    """Whatever is wrong with one, those behind it get their runs."""
    bench.tell(FIRST)
    database.execute(
        "INSERT INTO webhook_events (workspace, provider, organisation_id, module, record_id,"
        " event_key, event_time, receive_time) SELECT 'aaa', provider, organisation_id, module,"
        " record_id, event_key, event_time, receive_time FROM webhook_events"
    )
    database.execute(
        "INSERT INTO connections (workspace, provider, state, candidates, update_time)"
        " VALUES ('aaa', 'books', 'CONNECTED', 'no JSON', 0)"
    )

    assert modules(bench.look()) == ["contacts"]
