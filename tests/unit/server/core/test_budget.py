from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clockwork import START
from syncline_sdk import Allowance, Limits, RateLimit
from syncline_server.core import budget as rules
from syncline_server.core.budget import (
    APP_RESERVE,
    POLL,
    REST,
    UNTOLD_PAUSE,
    AppBudget,
    Budget,
    Hold,
    Ticket,
)

LIMITS = Limits(per_minute=20, concurrent=5)
XERO = Limits(per_minute=60, concurrent=5)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LEASE = 80 * SECOND


@dataclass
class Till:
    """One organisation's budget over time, and everything it let out."""

    limits: Limits = LIMITS
    budget: Budget = field(default_factory=Budget)
    app: AppBudget = field(default_factory=AppBudget)
    taken: int = 0

    def hold(self, at: float, *, urgent: bool = True) -> Hold | None:
        """Return what holds a call back so many seconds after the start."""
        return rules.hold(self.budget, self.app, self.limits, when(at), urgent=urgent)

    def take(self, at: float, *, urgent: bool = True) -> Ticket | None:
        """Take a ticket when one is given out."""
        if self.hold(at, urgent=urgent):
            return None
        self.taken += 1
        ticket = Ticket(
            id=f"{self.taken}",
            workspace="acme",
            generation=1,
            start_time=when(at),
            lease_time=when(at) + LEASE,
        )
        self.budget = rules.take(self.budget, ticket)
        return ticket

    def end(self, ticket: Ticket, at: float, answer: Allowance | None = None) -> None:
        """End a call."""
        now = when(at)
        self.budget = rules.give_back(self.budget, ticket, answer, self.limits, now, 0.5)
        if answer:
            self.app = rules.after_answer(self.app, ticket, answer, now, 0.5)

    def call(self, at: float, answer: Allowance | None = None, *, urgent: bool = True) -> bool:
        """Make a call that takes no time and return whether it was let out."""
        ticket = self.take(at, urgent=urgent)
        if ticket:
            self.end(ticket, at, answer)
        return ticket is not None

    def calls(self, count: int, at: float = 0, *, urgent: bool = True) -> int:
        """Try so many calls and return how many were let out."""
        return sum(self.call(at, urgent=urgent) for _ in range(count))


def when(at: float) -> datetime:
    """Return the time so many seconds after the start."""
    return START + at * SECOND


def test_the_minutes_calls_are_let_out() -> None:
    """As many calls as the limit leave, and the next waits until the first has rested."""
    till = Till()

    assert till.calls(25) == 20
    assert till.hold(10) == Hold(left=REST - 10 * SECOND, limit=RateLimit.MINUTE)


def test_a_ticket_counts_from_the_end_of_its_call() -> None:
    """A call that travelled for long rests its minute from when it was answered."""
    till = Till(Limits(per_minute=1, concurrent=1))
    ticket = till.take(0)
    assert ticket is not None
    till.end(ticket, 30)

    assert till.hold(70) == Hold(left=REST - 40 * SECOND, limit=RateLimit.MINUTE)
    assert till.hold(91) is None


def test_the_wait_is_until_enough_have_rested() -> None:
    """What is not urgent waits for as many tickets as it must leave to others."""
    till = Till()
    for at in range(20):
        till.call(at)

    urgent, patient = till.hold(20), till.hold(20, urgent=False)
    assert urgent is not None
    assert patient is not None
    assert urgent.left == REST - 20 * SECOND
    assert patient.left == REST - 19 * SECOND


def test_calls_at_once_are_limited() -> None:
    """So many are in flight at most; a place is free when one has ended."""
    till = Till()
    tickets = [till.take(0) for _ in range(6)]

    assert tickets[-1] is None
    assert till.hold(0) == Hold(left=POLL, limit=RateLimit.CONCURRENT)
    assert tickets[0] is not None
    till.end(tickets[0], 1)
    assert till.take(1) is not None


def test_pulls_leave_room_for_the_urgent() -> None:
    """Pulls take all but three calls of Xero's minute and one of its places; the urgent all."""
    till = Till(XERO)
    assert sum(till.call(step / 10, urgent=False) for step in range(600)) == 57
    assert till.calls(70, at=60) == 3

    till = Till(XERO)
    assert [till.take(0, urgent=False) is None for _ in range(5)] == [False] * 4 + [True]
    assert till.take(0) is not None


@pytest.mark.parametrize("limits", [XERO, Limits(per_minute=2, concurrent=2)])
def test_whoever_is_urgent_comes_first(limits: Limits) -> None:
    """As long as an urgent call must wait, no other is let out, whatever frees a place."""
    till = Till(limits)
    for step in range(600):
        at = step * 0.5
        if till.hold(at) is not None:
            assert till.hold(at, urgent=False) is not None
        till.call(at, urgent=step % 3 == 0)

    assert till.taken > limits.per_minute


def test_pulls_leave_spread_out_when_half_the_minute_is_used() -> None:
    """The first thirty leave at once; the others share the time until tickets come back."""
    till = Till(XERO)

    assert till.calls(70, urgent=False) == 30
    assert till.hold(0, urgent=False) == Hold(left=SECOND, limit=RateLimit.MINUTE)
    assert not any(till.call(at / 10, urgent=False) for at in range(80))
    assert till.calls(70, at=9.9, urgent=False) == 5
    assert till.calls(70, at=9.9) == 25


def test_who_is_urgent_never_waits_for_a_minute() -> None:
    """While pulls take all they can, an urgent call every four seconds waits for none."""
    till, at, due, waited = Till(XERO), 0.0, 4.0, []
    while at < 600:
        if at >= due and till.call(at):
            waited.append(at - due)
            due += 4
        till.call(at, urgent=False)
        at += 0.1

    assert len(waited) > 145
    assert max(waited) < 5
    assert till.taken > 0.9 * 600


def test_a_dead_processs_ticket_ends_by_its_lease() -> None:
    """It holds a place until then, and rests its minute behind that."""
    till = Till(Limits(per_minute=1, concurrent=1))
    till.take(0)

    assert till.hold(79) is not None
    assert till.hold(81) == Hold(left=LEASE + REST - 81 * SECOND, limit=RateLimit.MINUTE)
    assert till.hold(142) is None


def test_after_a_start_nobody_is_in_flight() -> None:
    """Tickets of a process that is known to be dead end at once and rest."""
    till = Till()
    for _ in range(5):
        till.take(0)
    till.budget = rules.all_ended(till.budget, when(1))

    assert till.hold(1) is None
    assert rules.minute_remaining(till.budget, LIMITS, when(1)) == 15


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    """Ends far in the future are of a clock that went wrong, and do not count."""
    till = Till()
    till.calls(20, at=3600)

    assert till.hold(0) is None


def test_what_others_called_counts_as_well() -> None:
    """When the provider counted more than we made, only so many are left, for a minute."""
    till = Till()
    till.call(0, Allowance(minute_remaining=2))

    assert till.calls(5, at=1) == 2
    assert till.calls(25, at=61) == 18  # the two of a moment ago rest still


def test_what_we_made_ourselves_is_no_news() -> None:
    """A count that our own calls explain changes nothing, also where answers overtake."""
    till = Till()
    one, two = till.take(0), till.take(0)
    assert one is not None
    assert two is not None
    till.end(two, 1, Allowance(minute_remaining=18))
    till.end(one, 1, Allowance(minute_remaining=19))

    assert till.calls(25, at=1) == 18


def test_an_answer_that_took_long_is_judged_by_what_counted_then() -> None:
    """Calls that have rested since a slow call left explain what its answer says."""
    till = Till()
    till.calls(10, at=0)
    slow = till.take(30)
    assert slow is not None
    till.end(slow, 70, Allowance(minute_remaining=9))

    assert rules.minute_remaining(till.budget, LIMITS, when(70)) == 19


def test_more_than_we_know_of_is_allowed_while_it_is_said() -> None:
    """A provider that says more to be left than the whole limit is believed."""
    till = Till()
    for _ in range(100):
        assert till.call(0, Allowance(minute_remaining=1000))
    assert till.call(0, Allowance(minute_remaining=15))

    assert not till.call(0)


def test_refusal_closes_until_told() -> None:
    """After a refusal nothing leaves for as long as it says, however urgent."""
    till = Till()
    pause = Allowance(limited=True, retry_after=30 * SECOND, limit=RateLimit.MINUTE)
    till.call(0, pause)

    assert till.hold(10) == Hold(left=20 * SECOND, limit=RateLimit.MINUTE)
    assert till.calls(25, at=30) == 19


def test_a_shorter_refusal_opens_nothing() -> None:
    """What is closed for the day stays closed when a late answer says less."""
    till = Till()
    late = till.take(0)
    assert late is not None
    told = Allowance(
        limited=True, retry_after=timedelta(hours=2), limit=RateLimit.DAY, day_remaining=0
    )
    till.call(0, told)
    till.end(late, 1, Allowance(limited=True, limit=RateLimit.CONCURRENT))

    assert till.hold(60) == Hold(left=timedelta(hours=2) - MINUTE, limit=RateLimit.DAY)
    assert till.budget.day is not None
    assert till.budget.day.remaining == 0


def test_untold_refusal_closes_shortly() -> None:
    """A refusal without a time holds back for a moment, a random one."""
    till = Till()
    till.call(0, Allowance(limited=True, limit=RateLimit.CONCURRENT))

    assert till.hold(0) == Hold(left=UNTOLD_PAUSE, limit=RateLimit.CONCURRENT)
    assert till.hold(2) is None


def test_refusal_without_end_is_asked_about_again_after_a_day() -> None:
    """A provider that names an absurd pause closes the gate for a day and breaks nothing."""
    till = Till()
    till.call(0, Allowance(limited=True, retry_after=timedelta.max))

    assert till.hold(0) == Hold(left=timedelta(days=1), limit=None)


def test_a_refusal_of_the_app_closes_every_organisation() -> None:
    """It says nothing about the organisation that met it, and stops all of them."""
    one, other = Till(), Till()
    told = Allowance(limited=True, retry_after=20 * SECOND, limit=RateLimit.APP_MINUTE)
    one.call(0, told)
    other.app = one.app

    assert one.budget.closure is None
    assert other.hold(5) == Hold(left=15 * SECOND, limit=RateLimit.APP_MINUTE)
    assert other.hold(20) is None


def test_little_left_to_the_app_holds_pulls_back() -> None:
    """Below the reserve pulls wait for the minute's end, or for news; the urgent do not."""
    till = Till()
    till.call(0, Allowance(app_remaining=APP_RESERVE - 1))

    assert till.hold(1, urgent=False) == Hold(left=REST - SECOND, limit=RateLimit.APP_MINUTE)
    assert till.hold(61, urgent=False) is None
    assert till.call(2, Allowance(app_remaining=9000))
    assert till.hold(2, urgent=False) is None


def test_stale_news_of_the_app_is_none() -> None:
    """An answer to a call that left before little was left does not say that there is plenty."""
    till = Till()
    early = till.take(0)
    assert early is not None
    till.call(1, Allowance(app_remaining=5))
    till.end(early, 2, Allowance(app_remaining=400))

    assert till.hold(2, urgent=False) is not None


@dataclass
class Provider:
    """Counts as Xero does: fixed minutes from some moment on, each call when it arrives."""

    phase: float
    arrived: list[float] = field(default_factory=list)

    def in_minute(self, at: float) -> int:
        """Return how many calls arrived in the minute of this moment."""
        minute = (at + self.phase) // 60
        return sum((each + self.phase) // 60 == minute for each in self.arrived)


STEPS = st.lists(
    st.tuples(
        st.floats(min_value=0, max_value=6),  # pause before it
        st.floats(min_value=0, max_value=20),  # to arrive
        st.floats(min_value=0, max_value=20),  # to come back
        st.sampled_from((True, True, False)),  # urgent
    ),
    min_size=30,
    max_size=120,
)


@settings(deadline=None)
@given(STEPS, st.floats(min_value=0, max_value=60))
def test_no_minute_of_the_providers_sees_more_than_the_limit(
    steps: list[tuple[float, float, float, bool]], phase: float
) -> None:
    """However calls fall and travel, no minute sees more, no more are out, and headers agree."""
    limits = Limits(per_minute=6, concurrent=4)
    till, provider, at = Till(limits), Provider(phase), 0.0
    out: list[tuple[float, float, Ticket]] = []
    for pause, there, back, urgent in steps:
        at += pause
        ticket = till.take(at, urgent=urgent)
        if ticket:
            out.append((at + there, at + there + back, ticket))
        for landed in sorted(out, key=lambda each: each[1]):
            if landed[1] <= at:
                out.remove(landed)
                provider.arrived.append(landed[0])
                left = limits.per_minute - provider.in_minute(landed[0])
                till.end(landed[2], landed[1], Allowance(minute_remaining=max(left, 0)))
        assert len(out) <= limits.concurrent
    provider.arrived += [each[0] for each in out]

    for moment in provider.arrived:
        within = [each for each in provider.arrived if moment <= each < moment + 60]
        assert len(within) <= limits.per_minute
    assert till.budget.closure is None


@pytest.mark.parametrize("latency", [0.05, 0.3, 0.9, 1.0, 1.1, 2.0])
def test_pulls_alone_use_nine_tenths(latency: float) -> None:
    """Whoever pulls one page behind the other gets nine tenths of the limit, if time suffices."""
    till, at = Till(XERO), 0.0
    while at < 3600:
        held = till.hold(at, urgent=False)
        if held:
            at += held.left.total_seconds()
            continue
        ticket = till.take(at, urgent=False)
        assert ticket is not None
        at += latency
        till.end(ticket, at, None)

    assert till.taken >= 60 * min(0.9 * XERO.per_minute, 0.99 * 60 / latency)
