from datetime import datetime, timedelta

import httpx
import pytest

from clockwork import Clockwork
from connect_bench import Bench
from ledger import GRACE, Answering
from syncline_server.core.model import ConnectionState
from syncline_server.oauth.errors import ClientMisconfigured, EndpointUnavailable, GrantDead
from syncline_server.outbound.pause import go_on
from syncline_server.services.grants import LEASE
from syncline_server.storage import grants
from syncline_server.storage.database import Database

LIFE = 1800
TOKEN = "POST /oauth/token"
DAY = 86_400


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process with a connected workspace; only renewals are counted from here."""
    bench = Bench(database)
    bench.connect()
    bench.ledger.calls.clear()
    return bench


class Off(Clockwork):
    """Another machine's clock, which differs."""

    def __init__(self, right: Clockwork, minutes: float) -> None:
        super().__init__()
        self._right = right
        self._difference = timedelta(minutes=minutes)

    def __call__(self) -> datetime:
        """Return the time as that machine has it."""
        return self._right() + self._difference


def other_process(bench: Bench) -> Bench:
    """Return another process on the same rows."""
    return Bench(bench.database, clock=bench.clock, ledger=bench.ledger)


def token(bench: Bench, stale: str | None = None) -> str:
    """Ask for an access token."""
    return bench.grants.access_token(bench.row().grant_id, stale)


def broken(request: httpx.Request) -> httpx.Response | None:
    """Answer no renewal."""
    return httpx.Response(503) if request.url.path == "/oauth/token" else None


def silent(request: httpx.Request) -> httpx.Response | None:
    """Take a renewal and say nothing."""
    if request.url.path == "/oauth/token":
        raise httpx.ReadTimeout("slow", request=request)
    return None


def refusing(request: httpx.Request) -> httpx.Response | None:
    """Refuse to know us."""
    if request.url.path == "/oauth/token":
        return httpx.Response(400, json={"error": "invalid_client"})
    return None


def losing(bench: Bench) -> Answering:
    """Return an interception that renews at the provider and loses the answer."""

    def lose(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/oauth/token":
            bench.ledger.intercept = lambda _: None
            bench.ledger._answer(request)
            raise httpx.ReadError("cut", request=request)
        return None

    return lose


@pytest.mark.parametrize(
    ("answer", "error"), [(broken, EndpointUnavailable), (refusing, ClientMisconfigured)]
)
def test_failing_endpoint_is_asked_once_a_pause(
    bench: Bench, answer: Answering, error: type[Exception]
) -> None:
    """However many calls of however many processes need a token, one a pause asks for it."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = answer
    other, pauses = other_process(bench), []

    for _ in range(8):
        asked = bench.ledger.count(TOKEN)
        begin = bench.clock()
        while bench.ledger.count(TOKEN) == asked:
            for process in (bench, other, bench, other):
                with pytest.raises(error):
                    token(process)
            bench.clock.advance(seconds=1)
        pauses.append((bench.clock() - begin).total_seconds())

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_who_is_refused_for_a_pause_hears_how_long(bench: Bench) -> None:
    """The time left comes with the refusal, so that nobody has to guess."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = broken
    for _ in range(2):
        with pytest.raises(EndpointUnavailable) as first:
            token(bench)
    assert first.value.retry_after == timedelta(seconds=2)


def test_renewal_that_may_be_at_work_is_let_end(bench: Bench) -> None:
    """After a call that was given up nobody asks again before that call has ended over there."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = silent
    with pytest.raises(EndpointUnavailable) as first:
        token(bench)

    assert first.value.retry_after == LEASE
    bench.clock.advance(seconds=LEASE.total_seconds() - 1)
    with pytest.raises(EndpointUnavailable):
        token(bench)
    assert bench.ledger.count(TOKEN) == 1


def test_good_token_is_used_through_a_pause(bench: Bench) -> None:
    """A renewal ahead of time that failed keeps nobody from using what still lasts."""
    first = token(bench)
    bench.clock.advance(seconds=LIFE - 60)
    bench.ledger.intercept = broken

    assert [token(bench) for _ in range(5)] == [first] * 5
    assert bench.ledger.count(TOKEN) == 1


def test_refused_token_is_no_good_through_a_pause(bench: Bench) -> None:
    """Who was refused with a token is not handed the same again."""
    first = token(bench)
    bench.ledger.intercept = broken

    for _ in range(3):
        with pytest.raises(EndpointUnavailable):
            token(bench, first)
    assert bench.ledger.count(TOKEN) == 1


def test_clock_that_is_put_back_holds_nobody_up(bench: Bench) -> None:
    """Neither a pause nor a dead worker's lease outlasts what it ever was."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = broken
    with pytest.raises(EndpointUnavailable):
        token(bench)
    bench.ledger.intercept = lambda _: None
    bench.clock.advance(seconds=-3600)

    assert token(bench, token(bench))


def test_lost_answer_is_fetched_before_anybody_needs_it(bench: Bench) -> None:
    """The clock asks again by itself, well inside the time in which the old token is taken."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = losing(bench)
    with pytest.raises(EndpointUnavailable):
        token(bench)
    assert bench.grants.finish_renewals() == 0  # the pause
    bench.clock.advance(seconds=60)

    assert bench.grants.finish_renewals() == 1
    assert bench.grants.finish_renewals() == 0
    bench.clock.advance(seconds=GRACE.total_seconds() + 1)
    assert token(bench)
    assert bench.row().state is ConnectionState.CONNECTED


def test_worker_that_died_between_rotating_and_storing_is_made_up_for(bench: Bench) -> None:
    """Its lease tells that a renewal began; once it is over another process repeats it."""
    grant = grants.get(bench.database, bench.cipher, bench.row().grant_id)
    assert grant is not None
    now = bench.clock()
    grants.lease(bench.database, grant, "dead", now, now + LEASE)
    bench.grants.endpoints["ledger"].refresh(grant.tokens.refresh)  # and died
    assert other_process(bench).grants.finish_renewals() == 0
    bench.clock.advance(seconds=LEASE.total_seconds())

    assert other_process(bench).grants.finish_renewals() == 1
    bench.clock.advance(seconds=3 * LIFE)
    assert token(bench)


def test_endpoint_that_fails_for_long_is_left_to_who_needs_it(bench: Bench) -> None:
    """After half an hour the old refresh token is worth nothing more, and the clock gives up."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = broken
    with pytest.raises(EndpointUnavailable):
        token(bench)

    for _ in range(120):
        bench.clock.advance(seconds=60)
        bench.grants.finish_renewals()

    assert GRACE.total_seconds() / 60 - 5 < bench.ledger.count(TOKEN) < 40


@pytest.mark.parametrize(
    ("days", "lost", "why"),
    [
        (1, True, "The provider's answer to a renewal of this access was lost"),
        (1, False, "The provider has ended this access"),
        (70, False, "This access was not used for so long"),
    ],
)
def test_person_reads_why_to_connect_again(bench: Bench, days: int, lost: bool, why: str) -> None:  # noqa: FBT001 - a case
    """What is known of the end of a grant is said; no word of it is the provider's."""
    bench.clock.advance(seconds=LIFE)
    if lost:
        bench.ledger.intercept = losing(bench)
        with pytest.raises(EndpointUnavailable):
            token(bench)
    else:
        token(bench)
    bench.clock.advance(seconds=days * DAY)
    bench.ledger.remove_app("mia")

    with pytest.raises(GrantDead):
        token(bench)

    assert bench.row().state is ConnectionState.RECONNECT_REQUIRED
    assert bench.row().state_reason.startswith(why)
    assert bench.row().state_reason.endswith("Connect it again.")


def test_two_processes_keep_a_grant_alive_once(bench: Bench) -> None:
    """Who finds it idle and comes second sees that it was renewed meanwhile."""
    bench.clock.advance(seconds=20 * DAY)
    other = other_process(bench)
    idle = timedelta(days=19)
    found = grants.idle_since(bench.database, bench.clock() - idle)
    assert bench.grants.keep_alive(idle) == 1

    moment = bench.clock() - idle
    assert other.grants._renew_all(found, lambda grant: grant.refresh_time >= moment, go_on) == 1
    assert bench.ledger.count(TOKEN) == 1


@pytest.mark.parametrize("life", [0, 1, 60, 90])
def test_short_lived_tokens_are_not_renewed_for_every_call(bench: Bench, life: int) -> None:
    """A provider that says a token ends at once does not get a renewal with every call."""

    def short(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/oauth/token":
            return None
        body = {"access_token": "a", "refresh_token": "r", "expires_in": life}
        return httpx.Response(200, json=body)

    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = short
    for _ in range(20):
        token(bench)
        bench.clock.advance(seconds=1)

    assert bench.ledger.count(TOKEN) == 1


@pytest.mark.parametrize("minutes", [-90, -10, 10, 90])
def test_clocks_that_differ_make_no_storm(bench: Bench, minutes: int) -> None:
    """Two processes whose clocks differ renew once for each half hour and clock, not each call."""
    other = Bench(bench.database, clock=Off(bench.clock, minutes), ledger=bench.ledger)

    for _ in range(100):
        for one in (bench, other):
            with one.client() as http:
                assert http.get("things").status_code == 200
        bench.clock.advance(seconds=60)

    assert 100 // 30 <= bench.ledger.count(TOKEN) <= 2 * (100 // 28 + 1)
