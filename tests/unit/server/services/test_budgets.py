import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from calling import LIMITS, another, entered, gate, no_wait
from clockwork import START
from connect_bench import ACME, GLOBEX, Bench
from ledger import ledger_provider
from syncline_sdk import RateLimit, RetryLater, RunStopped
from syncline_server.core.budget import Closure, Told
from syncline_server.core.errors import Reason, Unavailable
from syncline_server.outbound.pause import Pause
from syncline_server.services.budgets import PROMPT, Standing
from syncline_server.services.provider_clients import Manner
from syncline_server.storage import budgets
from syncline_server.storage.database import Database

THINGS = "GET /api/things"


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


def standing(bench: Bench) -> Standing:
    """Return how the organisation's allowance stands."""
    found = bench.connections.allowance(bench.row())
    assert found is not None
    return found


def told(bench: Bench, **headers: str) -> None:
    """Let the ledger say this with every answer."""
    answer_all(bench, 200, **headers)


def answer_all(bench: Bench, status: int, **headers: str) -> None:
    """Let the ledger answer calls to its API so."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    bench.ledger.intercept = lambda request: (
        httpx.Response(status, headers=said) if request.url.path.startswith("/api/") else None
    )


def test_processes_share_the_minute(one: Bench, other: Bench) -> None:
    """What one process called, another has no more."""
    with one.client() as http, other.client() as http_too:
        for _ in range(3):
            http.get("things")
            http_too.get("things")
        assert one.clock.waits == []
        http_too.get("things")

    assert sum(one.clock.waits) == pytest.approx(61)


def test_processes_share_the_places(one: Bench, other: Bench) -> None:
    """While one process has two calls under way, another's waits until one has ended."""
    first, _second = entered(one), entered(one)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            first.__exit__(None, None, None)

    with gate(other).passage(Pause(wait)):
        assert len(waits) == 3


def test_pulls_leave_a_place_to_the_urgent(one: Bench, other: Bench) -> None:
    """While a pull has a call under way another pull waits, and an urgent call does not."""
    calling = entered(one, is_urgent=False)

    with pytest.raises(AssertionError, match="waited"):
        entered(other, is_urgent=False)
    beside = entered(other)
    assert beside is not calling


def test_a_call_that_fails_gives_its_place_back(one: Bench) -> None:
    """Whatever it raises."""
    for _ in range(4):
        with pytest.raises(KeyError), gate(one).passage(Pause(no_wait)):
            raise KeyError


def test_each_organisation_has_its_own(one: Bench) -> None:
    """What one used up another has still."""
    one.connect(GLOBEX, "rimu", subject="ben")
    with one.client() as http:
        for _ in range(6):
            http.get("things")
    with one.client(GLOBEX) as http:
        http.get("things")

    assert one.clock.waits == []


def test_a_dead_processs_place_comes_back(one: Bench, other: Bench) -> None:
    """Calls whose process died end when they would have ended at the latest."""
    dead = [entered(one), entered(one)]
    one.clock.advance(seconds=79)
    with pytest.raises(AssertionError, match="waited"):
        entered(other)
    one.clock.advance(seconds=2)

    assert entered(other) not in dead


def test_a_start_ends_what_its_predecessor_had_under_way(one: Bench, other: Bench) -> None:
    """Where no other process can be calling, nobody waits for leases."""
    dead = [entered(one), entered(one)]
    other.clients.budgets.forget_dead()

    assert entered(other) not in dead
    assert standing(other).minute_remaining == 3


def test_what_is_closed_stays_closed_over_a_restart(one: Bench) -> None:
    """A limit that lasts parks work in every process, and no call is made before its end."""
    answer_all(one, 429, Retry_After="40000", Limit="DAY", Day_Left="0")
    with one.client() as http, pytest.raises(RetryLater):
        http.get("things")
    again = another(one)
    one.clock.advance(seconds=39_000)

    with again.client(urgent=False) as http, pytest.raises(RetryLater) as caught:
        http.get("things")
    assert caught.value.after == timedelta(seconds=1000)
    assert caught.value.message == "The provider's limit on calls in a day is reached."
    assert one.ledger.count(THINGS) == 1

    one.ledger.intercept = lambda _: None
    one.clock.advance(seconds=1000)
    with again.client(urgent=False) as http:
        assert http.get("things").status_code == 200


def test_a_refusal_of_the_app_stops_every_organisation(one: Bench, other: Bench) -> None:
    """Nobody calls the provider until it is over, in no process."""
    one.connect(GLOBEX, "rimu", subject="ben")
    answer_all(one, 429, Retry_After="30", Limit="APP_MINUTE", App_Left="0")
    with (
        one.clients.for_connection(ACME, 1, lambda: one.clock.waits != []) as http,
        pytest.raises(RunStopped),
    ):
        http.get("things")
    one.ledger.intercept = lambda _: None
    one.clock.waits.clear()

    with other.client(GLOBEX) as http:
        http.get("things")

    assert sum(other.clock.waits) == pytest.approx(30, abs=1)


def test_little_left_to_the_app_holds_pulls_back(one: Bench, other: Bench) -> None:
    """Pulls of every organisation wait, urgent calls do not, and news ends it."""
    one.connect(GLOBEX, "rimu", subject="ben")
    told(one, App_Left="120")
    with one.client(urgent=False) as http:
        http.get("things")
    with other.client(GLOBEX) as http:
        http.get("things")
    assert other.clock.waits == []

    told(one, App_Left="9000")
    one.clock.advance(seconds=5)
    with other.client() as http:
        http.get("things")
    with other.client(GLOBEX, urgent=False) as http:
        http.get("things")
    assert other.clock.waits == []


def test_a_pull_waits_while_little_is_left_to_the_app(one: Bench, other: Bench) -> None:
    """Without news it waits for the minute to be over."""
    told(one, App_Left="120")
    with one.client(urgent=False) as http:
        http.get("things")
    with other.client(urgent=False) as http:
        http.get("things")

    assert sum(other.clock.waits) == pytest.approx(61)


def test_a_late_call_takes_a_ticket_again(one: Bench) -> None:
    """A call held up behind its ticket does not leave on it, and leaves once in the end."""
    announced: list[datetime] = []

    def slow_the_first_time() -> None:
        announced.append(one.clock())
        if len(announced) == 1:
            one.clock.advance(seconds=4)

    manner = Manner(urgent=True, before_write=slow_the_first_time)
    with one.clients.for_connection(ACME, 1, manner=manner) as http:
        http.put("things")

    assert len(announced) == 2
    assert one.ledger.count("PUT /api/things") == 1
    assert standing(one).minute_remaining == 4


def test_an_endlessly_late_call_is_parked(one: Bench) -> None:
    """Where it never leaves in time the work waits, and nothing was sent."""
    manner = Manner(before_write=lambda: one.clock.advance(seconds=100))
    with one.clients.for_connection(ACME, 1, manner=manner) as http, pytest.raises(RetryLater):
        http.put("things")

    assert one.ledger.count("PUT /api/things") == 0


class Forgetful(Database):
    """A database that does not answer while a call is given back."""

    def __init__(self, whole: Database) -> None:
        super().__init__(whole.engine)
        self.transactions = 0

    @contextmanager
    def brief_transaction(self) -> Iterator[None]:
        """Fail every second time."""
        self.transactions += 1
        if self.transactions % 2 == 0:
            raise Unavailable(Reason.DATABASE_UNAVAILABLE, "It does not answer.")
        with super().brief_transaction():
            yield


def test_an_answer_is_not_lost_with_its_ticket(one: Bench) -> None:
    """When the ticket cannot be given back the answer counts, and the ticket ends by its lease."""
    room = replace(one.clients.budgets, database=Forgetful(one.database))
    clients = replace(one.clients, budgets=room)
    with clients.for_connection(ACME, 1) as http:
        assert http.put("things").status_code == 200

    assert len(budgets.get(one.database, "ledger", "kauri").in_flight) == 1


def test_the_allowance_is_told(one: Bench) -> None:
    """What is left of the minute, and of the day with when that was said."""
    told(one, Day_Left="4321")
    with one.client() as http:
        http.get("things")
        http.get("things")

    found = standing(one)
    assert (found.minute_remaining, found.closed) == (4, None)
    assert found.day == Told(remaining=4321, time=START)


def test_bytes_are_counted_by_the_calendar_month(one: Bench) -> None:
    """They are those of the bodies on the wire, and begin anew on the first, in UTC."""
    body = gzip.compress(b"x" * 5000)

    def things(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/api/things":
            return None
        coded = {"Content-Encoding": "gzip"}
        return httpx.Response(200, headers=coded, stream=httpx.ByteStream(body))

    one.ledger.intercept = things
    with one.client() as http:
        assert len(http.get("things").content) == 5000
        http.get("things")
    assert standing(one).month_bytes_read == 2 * len(body)

    until = datetime(2026, 11, 1, tzinfo=UTC) - one.clock()
    one.clock.advance(seconds=until.total_seconds())
    assert standing(one).month_bytes_read == 0


def test_what_is_closed_is_told(one: Bench) -> None:
    """Until when and for what; an organisation that is not connected has no allowance."""
    answer_all(one, 429, Retry_After="40000", Limit="DAY")
    with one.client() as http, pytest.raises(RetryLater):
        http.get("things")

    expected = Closure(until=START + timedelta(seconds=40_000), limit=RateLimit.DAY)
    assert standing(one).closed == expected
    assert one.connections.allowance(one.connections.disconnect(ACME)) is None


def test_what_is_held_up_before_its_ticket_leaves_no_later(one: Bench) -> None:
    """A process that is frozen when it was found wanted, and thaws, lets nothing out."""
    asked: list[datetime] = []

    def freeze() -> None:
        asked.append(one.clock())
        one.clock.advance(seconds=60)

    with gate(one, freeze).passage(Pause(no_wait)) as passage:
        assert passage.leave_by == asked[0] + PROMPT
        assert passage.leave_by < one.clock()
