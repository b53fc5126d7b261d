"""How many calls to one organisation may be made now: a count that errs on the safe side only.

All processes share it. Each call holds a ticket from before it leaves until after its answer is
here, and its ticket counts for a minute more. The provider counts a call at some moment in between.
So of two calls it counts within one minute, the earlier one's ticket still counts when the later
one's is taken: no minute of the provider's ever sees more calls than the limit, wherever its minute
begins and however long calls travel (Xero counts fixed minutes that begin at a moment of their own
per organisation; developer.xero.com, "OAuth 2.0 API limits"). The price is small: it takes a minute
and a call's duration to use what the provider allows in a minute.

What the provider says of its own count can only lower ours: others may call as well, and a database
may be an older one. Everything here is values: state and time in, state or wait out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from syncline_sdk import Allowance, Limits, RateLimit

REST: Final = timedelta(seconds=61)
"""How long a ticket counts after its call: the provider's minute, and a second for the clocks of
processes, which do not agree to the instant."""
POLL: Final = timedelta(milliseconds=50)
"""How soon to ask again while as many calls are in flight as may be."""
UNTOLD_PAUSE: Final = timedelta(seconds=2)
"""How long to hold back after a refusal that does not say how long, give or take a half."""
LONGEST_PAUSE: Final = timedelta(days=1)
"""No limit lasts longer, whatever an answer says: look again then."""
_GLANCE: Final = timedelta(seconds=1)
"""How soon to look again at an even spread, which narrows as tickets are about to come back."""
_EARLY: Final = 0.75
"""By which an even spread is shortened."""
APP_RESERVE: Final = 300
"""Calls of all organisations' minute that are left to whatever is urgent."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """The right of one call to be in flight."""

    id: str
    workspace: str
    generation: int
    """Of the connection it was taken for."""
    start_time: datetime
    lease_time: datetime
    """When it counts as ended if nobody says so: its process is dead."""


@dataclass(frozen=True, kw_only=True)
class Closure:
    """No call may leave until then."""

    until: datetime
    limit: RateLimit | None = None
    """What for; None when the provider did not say."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the provider said to be left, and when."""

    remaining: int
    time: datetime


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What is known of one organisation's limits."""

    in_flight: tuple[Ticket, ...] = ()
    ended: tuple[datetime, ...] = ()
    """Ends of the calls that may count still, the oldest first."""
    closure: Closure | None = None
    day: Told | None = None
    ample_time: datetime | None = None
    """When the provider last said more to be left than a whole minute's limit, if that was the last
    it said: it allows more than we know."""


@dataclass(frozen=True, kw_only=True)
class AppBudget:
    """What is known of the limits that all organisations of a provider share."""

    closure: Closure | None = None
    low_time: datetime | None = None
    """When little was left of the minute, if that was the last that was said."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why a call may not leave now, and when to ask again."""

    left: timedelta
    limit: RateLimit | None


def hold(
    budget: Budget, app: AppBudget, limits: Limits, now: datetime, *, urgent: bool
) -> Hold | None:
    """Return what holds a call back; None when it may leave.

    What is not urgent leaves a twentieth of the minute and a fifth of the places unused. So of all
    who wait the urgent come first: a place is free for them before it is free for others. And once
    half of the minute is used it leaves spread over the time until tickets come back, so that they
    come back one by one: who is urgent waits for the next, not for the end of a minute.
    """
    shut = _shut(budget, app, now, urgent=urgent)
    if shut is not None:
        return Hold(left=shut.until - now, limit=shut.limit)
    budget = current(budget, now)
    if not _is_ample(budget, now):
        minute = limits.per_minute - (0 if urgent else _reserve(limits.per_minute, 20))
        rest = _rest(budget, minute, now)
        if not rest and not urgent:
            rest = _pace(budget, minute, limits, now)
        if rest:
            return Hold(left=rest, limit=RateLimit.MINUTE)
    places = limits.concurrent - (0 if urgent else _reserve(limits.concurrent, 5))
    if len(budget.in_flight) >= places:
        return Hold(left=POLL, limit=RateLimit.CONCURRENT)
    return None


def take(budget: Budget, ticket: Ticket) -> Budget:
    """Return the budget with a call in flight that nothing holds back."""
    budget = current(budget, ticket.start_time)
    return replace(budget, in_flight=(*budget.in_flight, ticket))


def give_back(
    budget: Budget,
    ticket: Ticket,
    allowance: Allowance | None,
    limits: Limits,
    now: datetime,
    jitter: float,
) -> Budget:
    """Return the budget after a call.

    :param allowance: what its answer said; None when there was none.
    :param jitter: 0 to 1, so that those who were refused do not come back as one.
    """
    budget = current(budget, now)
    others = tuple(each for each in budget.in_flight if each.id != ticket.id)
    budget = replace(budget, in_flight=others, ended=tuple(sorted((*budget.ended, now))))
    if allowance is None:
        return budget
    if allowance.day_remaining is not None:
        budget = replace(budget, day=Told(remaining=allowance.day_remaining, time=now))
    if allowance.limited:
        closes = allowance.limit is not RateLimit.APP_MINUTE
        return _closed(budget, allowance, now, jitter) if closes else budget
    if allowance.minute_remaining is None:
        return budget
    return _corrected(budget, ticket, allowance.minute_remaining, limits, now)


def after_answer(
    app: AppBudget, ticket: Ticket, allowance: Allowance, now: datetime, jitter: float
) -> AppBudget:
    """Return what is known of the limits of all organisations after one's call; often the same."""
    if allowance.limited and allowance.limit is RateLimit.APP_MINUTE:
        return replace(app, closure=_later(app.closure, _closure(allowance, now, jitter)))
    if allowance.app_remaining is None:
        return app
    if allowance.app_remaining < APP_RESERVE:
        return app if _is_low(app, now) else replace(app, low_time=now)
    # A call that left before it was low says nothing about what is left by now.
    fresh = app.low_time is not None and app.low_time < ticket.start_time
    return replace(app, low_time=None) if fresh else app


def current(budget: Budget, now: datetime) -> Budget:
    """Return the budget without what does not count any more; tickets end with their lease."""
    lost = [each.lease_time for each in budget.in_flight if each.lease_time <= now]
    in_flight = tuple(each for each in budget.in_flight if each.lease_time > now)
    # An answer is judged by what counted when its call left, so that is kept as well. What is far
    # in the future is of a clock that was set back since.
    since = min((each.start_time for each in in_flight), default=now) - REST
    ended = sorted(each for each in (*budget.ended, *lost) if since < each < now + REST)
    return replace(budget, in_flight=in_flight, ended=tuple(ended))


def all_ended(budget: Budget, now: datetime) -> Budget:
    """Return the budget when nobody is left who could be making a call."""
    ends = (*budget.ended, *[now] * len(budget.in_flight))
    return current(replace(budget, in_flight=(), ended=ends), now)


def minute_remaining(budget: Budget, limits: Limits, now: datetime) -> int:
    """Return how many calls may leave at once, as far as the minute goes."""
    budget = current(budget, now)
    return max(limits.per_minute - len(budget.in_flight) - len(_counting(budget, now)), 0)


def closed(budget: Budget, app: AppBudget, now: datetime) -> Closure | None:
    """Return what lets no call leave, however urgent; None when they may."""
    return _shut(budget, app, now, urgent=True)


def _shut(budget: Budget, app: AppBudget, now: datetime, *, urgent: bool) -> Closure | None:
    known = [each for each in (budget.closure, app.closure) if each and each.until > now]
    if not urgent and app.low_time is not None and _is_low(app, now):
        known.append(Closure(until=app.low_time + REST, limit=RateLimit.APP_MINUTE))
    return max(known, key=lambda each: each.until, default=None)


def _is_low(app: AppBudget, now: datetime) -> bool:
    return app.low_time is not None and now < app.low_time + REST


def _is_ample(budget: Budget, now: datetime) -> bool:
    return budget.ample_time is not None and now < budget.ample_time + REST


def _reserve(limit: int, share: int) -> int:
    """Return a share of a limit: at least one, and never all of it."""
    return min(max(limit // share, 1), limit - 1)


def _counting(budget: Budget, now: datetime) -> list[datetime]:
    return [each for each in budget.ended if each > now - REST]


def _pace(budget: Budget, allowed: int, limits: Limits, now: datetime) -> timedelta:
    """Return how long it is until the next of an even spread; nothing while little is used."""
    counting = _counting(budget, now)
    used = len(counting) + len(budget.in_flight)
    if not counting or used < limits.per_minute // 2:
        return timedelta()
    # A few at a time and a little early, or whoever is late for a turn would have lost it.
    few = max(limits.per_minute // 12, 1)
    until_one_is_back = counting[0] + REST - now
    even = max(_EARLY * REST / limits.per_minute, until_one_is_back / (allowed - used + few - 1))
    recent = [*counting, *[now] * len(budget.in_flight)][-few:]
    if len(recent) < few:
        return timedelta()
    return min(max(recent[0] + few * even - now, timedelta()), _GLANCE)


def _rest(budget: Budget, allowed: int, now: datetime) -> timedelta:
    """Return how long it takes at least until a ticket may be given out; nothing when one may."""
    counting = _counting(budget, now)
    too_many = len(counting) + len(budget.in_flight) - allowed + 1
    if too_many <= 0:
        return timedelta()
    # Calls in flight count for a minute from their end, so nothing is known of them before.
    oldest = counting[too_many - 1] if too_many <= len(counting) else now
    return oldest + REST - now


def _closed(budget: Budget, allowance: Allowance, now: datetime, jitter: float) -> Budget:
    return replace(budget, closure=_later(budget.closure, _closure(allowance, now, jitter)))


def _closure(allowance: Allowance, now: datetime, jitter: float) -> Closure:
    untold = UNTOLD_PAUSE * (0.5 + jitter)
    pause = untold if allowance.retry_after is None else min(allowance.retry_after, LONGEST_PAUSE)
    return Closure(until=now + pause, limit=allowance.limit)


def _later(known: Closure | None, new: Closure) -> Closure:
    return known if known and known.until > new.until else new


def _corrected(
    budget: Budget, ticket: Ticket, remaining: int, limits: Limits, now: datetime
) -> Budget:
    """Return the budget with as many more calls as the provider must have counted.

    All our calls it can have counted when it answered are those that counted when this one left,
    and those that left since; what it counted beyond them is somebody else's, and counts from now.
    """
    if remaining >= limits.per_minute:
        return replace(budget, ample_time=now, ended=budget.ended[-limits.per_minute :])
    ours = len(_counting(budget, ticket.start_time)) + len(budget.in_flight)
    foreign = limits.per_minute - remaining - ours
    ended = (*budget.ended, *[now] * foreign)
    return replace(budget, ample_time=None, ended=tuple(sorted(ended)))
