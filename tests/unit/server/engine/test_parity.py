"""Comparisons of a stranger's module: on demand, and by themselves."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bench import Bench
from hand_timetable import HandTimetable
from meanwhile import Meanwhile
from scripted_modules import Scripted, installed, module
from syncline_sdk import (
    AccessLost,
    Census,
    CensusContext,
    Contact,
    OptionKind,
    RetryLater,
    RunFailed,
    Setting,
)
from syncline_server.core.errors import FailedPrecondition, Reason, Refusal, Unavailable
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.model import MappingState
from syncline_server.core.names import Scope
from syncline_server.core.notices import ConnectionChanged
from syncline_server.core.organisations import Organisation
from syncline_server.core.parity import Parity
from syncline_server.engine.parity import ParityChecks
from syncline_server.services.plans import Patience
from syncline_server.storage import contacts, parity_checks
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

DAY = timedelta(days=1)
PHONE = Setting(name="phone", title="Phone", kind=OptionKind.TEXT, default="WORK")
PARITY = "SELECT * FROM parity_checks"
Taking = Callable[[CensusContext], Census]


def empty(_ctx: CensusContext) -> Census:
    """Find nothing at all."""
    return Census()


class Setup:
    """A connected workspace whose rates have been pulled, and whoever compares them."""

    def __init__(self, database: Database, interval: timedelta = DAY) -> None:
        self.work, self.taking = Scripted(), empty
        self.seen: list[CensusContext] = []
        rates = replace(module("rates", run=self.work, settings=[PHONE]), census=self._take)
        self.bench = Bench(database, installed(rates, module("plain")))
        self.bench.connect()
        self.bench.switch(rates=True, plain=True)
        self.bench.execute(self.bench.trigger("rates"))
        self.timetable = HandTimetable()
        self.checks = ParityChecks(
            database=database,
            chain=self.bench.chain,
            clock=self.bench.clock,
            open_client=self.bench._open_client,
            lose_access=self.bench.lose_access,
            notify=self.bench.notices.append,
            timetable=self.timetable,
            interval=interval,
            places=threading.BoundedSemaphore(1),
        )

    def _take(self, ctx: CensusContext) -> Census:
        self.seen.append(ctx)
        return self.taking(ctx)

    def check(self, name: str = "rates", left: timedelta = timedelta(minutes=1)) -> Parity:
        """Compare a module."""
        scope = Scope(self.bench.connection, name)
        return self.checks.check(scope, Patience(left=left, is_awaited=lambda: True))

    def refusal(self, name: str = "rates") -> Refusal:
        """Return how a comparison is refused."""
        with pytest.raises(Refusal) as caught:
            self.check(name)
        return caught.value

    def look(self) -> int:
        """Look for what is due and do it; return how many were compared."""
        before = len(self.seen)
        self.checks.look()
        self.timetable.work(self.bench.clock())
        return len(self.seen) - before

    def pass_time(self, span: timedelta) -> None:
        """Let time pass."""
        self.bench.clock.advance(seconds=span.total_seconds())


@pytest.fixture
def setup(database: Database) -> Setup:
    """Everything, on an empty database."""
    return Setup(database)


def test_census_is_given_what_it_needs_and_no_more(setup: Setup) -> None:
    """Settings with defaults, the organisation, and up to where the last run has read."""
    setup.check()

    (ctx,) = setup.seen
    assert ctx.settings == {"phone": "WORK"}
    assert ctx.organisation_id == "kauri"
    assert ctx.since == setup.bench.state("rates").full_read_time
    assert ctx.sample == ()


def test_result_is_stored_shown_and_told(setup: Setup) -> None:
    """Watchers of the connection hear of it."""
    setup.bench.notices.clear()

    found = setup.check()

    assert (found.compared, found.differences) == (0, ())
    assert setup.bench.node("rates").parity == found
    assert setup.bench.notices == [ConnectionChanged(setup.bench.connection)]


@pytest.mark.parametrize("field", ["unreadable", "changed"])
def test_a_comparison_without_anything_to_look_at_forgets_nothing(setup: Setup, field: str) -> None:
    """It is refused until the module has read what changed, and the one before it stands."""
    at = Organisation("acme", setup.bench.connection.provider, "kauri")
    kerr = ContactRow(Contact(id="c1", name="Kerr"), "hash", MappingState.UNMAPPED)
    contacts.write(setup.bench.database, at, [kerr], setup.bench.clock())
    before = setup.check()
    assert before.differences
    rows = setup.bench.everything() | {"parity": setup.bench.database.rows(PARITY)}
    setup.taking = lambda ctx: Census(**{field: frozenset(ctx.sample)})

    refusal = setup.refusal()

    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason is Reason.PREREQUISITE_INCOMPLETE
    assert setup.seen[-1].sample == ("c1",)
    assert setup.bench.node("rates").parity == before
    assert setup.bench.everything() | {"parity": setup.bench.database.rows(PARITY)} == rows


def test_module_without_a_census_is_refused(setup: Setup) -> None:
    """Whatever else it may lack."""
    assert setup.refusal("plain").reason is Reason.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RetryLater("Closed."), Reason.PROVIDER_UNAVAILABLE),
        (httpx.ConnectError("refused"), Reason.PROVIDER_UNAVAILABLE),
        (RunFailed("NO", "No."), Reason.PROVIDER_REFUSED),
        (AccessLost("Gone."), Reason.RECONNECT_REQUIRED),
    ],
)
def test_what_a_census_raises_is_a_typed_refusal(
    setup: Setup, error: Exception, reason: Reason
) -> None:
    """Nothing is stored of it, and access that is gone is marked."""

    def fail(_ctx: CensusContext) -> Census:
        raise error

    setup.taking = fail

    assert setup.refusal().reason is reason
    assert setup.bench.node("rates").parity is None
    assert setup.bench.lost == (["Gone."] if isinstance(error, AccessLost) else [])


def test_census_may_not_write(setup: Setup) -> None:
    """A write does not leave."""
    arrived: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(200)

    def write(ctx: CensusContext) -> Census:
        ctx.http.post("rates")
        return Census()

    setup.bench.answer, setup.taking = answer, write

    assert isinstance(setup.refusal(), Unavailable)
    assert arrived == []


def test_time_that_ran_out_is_told(setup: Setup) -> None:
    """The call that would come too late is not made."""

    def slow(ctx: CensusContext) -> Census:
        setup.pass_time(timedelta(minutes=2))
        ctx.http.get("rates")
        return Census()

    setup.taking = slow

    assert isinstance(setup.refusal(), Unavailable)


def test_run_that_came_in_between_voids_the_comparison(setup: Setup) -> None:
    """What is here is not what the provider was held against."""

    def interrupted(_ctx: CensusContext) -> Census:
        setup.pass_time(timedelta(hours=1))
        setup.bench.execute(setup.bench.trigger("rates"))
        return Census()

    setup.taking = interrupted

    assert isinstance(setup.refusal(), Unavailable)
    assert setup.bench.node("rates").parity is None


def test_run_behind_the_last_look_changes_nothing(database: Database) -> None:
    """What a run stores that begins once a comparison knows of all others is held against none."""
    setup = Setup(meanwhile := Meanwhile(database.engine))
    at = Organisation("acme", setup.bench.connection.provider, "kauri")
    kerr = Contact(id="c1", name="Kerr")

    def store(hashed: str) -> None:
        row = ContactRow(kerr, hashed, MappingState.UNMAPPED)
        contacts.write(database, at, [row], setup.bench.clock())

    def run() -> None:
        setup.bench.execute(setup.bench.trigger("rates"))
        store("of another content")

    def counted(_ctx: CensusContext) -> Census:
        meanwhile.behind, meanwhile.act = "ORDER BY id DESC LIMIT 1", run
        return Census(records=(kerr,))

    store(Fingerprinter(()).of(kerr))
    setup.pass_time(timedelta(hours=1))
    setup.taking = counted

    assert setup.check().differences == ()
    assert meanwhile.act is None


def test_connecting_anew_in_between_voids_the_comparison(setup: Setup) -> None:
    """It may be another organisation's by now."""

    def reconnected(_ctx: CensusContext) -> Census:
        setup.bench.connect()
        return Census()

    setup.taking = reconnected

    assert isinstance(setup.refusal(), Unavailable)
    assert setup.bench.node("rates").parity is None


def test_disconnecting_in_between_is_told(setup: Setup) -> None:
    """There is nobody to compare with any more."""

    def disconnected(_ctx: CensusContext) -> Census:
        setup.bench.disconnect()
        return Census()

    setup.taking = disconnected

    refusal = setup.refusal()
    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason is Reason.NOT_CONNECTED


def test_comparisons_at_once_are_bounded(setup: Setup) -> None:
    """One that is one too many is told to come back."""
    met: list[Refusal] = []

    def nested(_ctx: CensusContext) -> Census:
        met.append(setup.refusal())
        return Census()

    setup.taking = nested
    setup.check()

    assert [refusal.reason for refusal in met] == [Reason.QUOTA]
    setup.taking = empty
    setup.check()


def test_module_is_compared_by_itself_once_an_interval(setup: Setup) -> None:
    """First an interval and a little more behind its completion, then again and again."""
    assert setup.look() == 0
    setup.pass_time(DAY * 1.11)
    assert (setup.look(), setup.look()) == (1, 0)
    assert setup.bench.node("rates").parity is not None
    setup.pass_time(DAY * 1.11)
    assert setup.look() == 1


def test_comparison_on_demand_counts(setup: Setup) -> None:
    """What was compared just now is not due."""
    setup.pass_time(DAY * 1.11)
    setup.check()

    assert setup.look() == 0


def test_two_servers_make_one_comparison(setup: Setup) -> None:
    """Whoever claims the row does it."""
    setup.pass_time(DAY * 1.11)
    setup.checks.look()
    other = setup.timetable.jobs.copy()
    setup.checks.look()

    assert len(other) == 1
    assert setup.timetable.jobs == other


def test_nothing_is_due_while_a_run_is_active_or_nothing_is_connected(setup: Setup) -> None:
    """The time comes again."""
    setup.pass_time(DAY * 1.11)
    run = setup.bench.trigger("rates")
    assert setup.look() == 0
    setup.bench.execute(run)
    setup.bench.disconnect()
    assert setup.look() == 0


def test_module_that_was_turned_off_is_left_alone(setup: Setup) -> None:
    """Until it is on again."""
    setup.bench.switch(rates=False)
    setup.pass_time(DAY * 1.11)
    assert setup.look() == 0
    setup.bench.switch(rates=True)
    assert setup.look() == 1


def test_comparison_that_came_to_nothing_is_tried_again_in_an_hour(setup: Setup) -> None:
    """Not at once, and not only tomorrow."""

    def closed(_ctx: CensusContext) -> Census:
        raise RetryLater("Closed.")

    setup.taking = closed
    setup.pass_time(DAY * 1.11)
    assert (setup.look(), setup.look()) == (1, 0)
    setup.pass_time(timedelta(hours=4))
    assert setup.look() == 1


def test_crash_of_a_census_is_its_own(setup: Setup) -> None:
    """The next one is made when it is due."""

    def crash(_ctx: CensusContext) -> Census:
        raise ZeroDivisionError

    setup.taking = crash
    setup.pass_time(DAY * 1.11)
    assert (setup.look(), setup.look()) == (1, 0)
    setup.taking = empty
    setup.pass_time(DAY * 1.11)
    assert setup.look() == 1


def test_comparisons_by_themselves_can_be_turned_off(database: Database) -> None:
    """An interval of nothing is never."""
    setup = Setup(database, timedelta())
    setup.pass_time(DAY * 10)

    assert setup.look() == 0


def test_row_is_claimed_once(setup: Setup, database: Database) -> None:
    """By what was read of it, so that a second claim finds it changed."""
    at = Organisation("acme", setup.bench.connection.provider, "kauri")
    now = setup.bench.clock()
    assert parity_checks.claim(database, at, "rates", None, now)
    assert not parity_checks.claim(database, at, "rates", None, now)
    assert parity_checks.claim(database, at, "rates", now, now + DAY)
    assert not parity_checks.claim(database, at, "rates", now, now + DAY)
