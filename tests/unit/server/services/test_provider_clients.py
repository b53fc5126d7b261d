from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet

from connect_bench import ACME, Bench
from ledger import ledger_provider
from syncline_sdk import AccessLost, Limits, RetryLater, RunFailed, RunStopped
from syncline_server.core.model import ConnectionState
from syncline_server.services.provider_clients import Manner
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database
from syncline_server.storage.sealed import GRANT_TOKENS

THINGS = "GET /api/things"
LIFE = 1800


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process with a connected workspace, allowed five calls a minute."""
    limits = Limits(per_minute=5, concurrent=2)
    bench = Bench(database, provider=ledger_provider(limits))
    bench.connect()
    bench.ledger.calls.clear()
    return bench


def answers(bench: Bench, *statuses: int, **headers: str) -> None:
    """Let the ledger answer the next calls to its API so, and then as usual."""
    waiting = iter(statuses)

    def intercept(request: httpx.Request) -> httpx.Response | None:
        status = next(waiting, None) if request.url.path.startswith("/api/") else None
        if status == 0:
            raise httpx.ReadTimeout("slow", request=request)
        return httpx.Response(status, headers=headers) if status else None

    bench.ledger.intercept = intercept


def test_call_carries_access_and_organisation(bench: Bench) -> None:
    """A relative address reaches the API with the token and the organisation's headers."""
    with bench.client() as http:
        answer = http.get("things", params={"page": 1})

    assert answer.json() == {"path": "/api/things"}
    assert answer.request.headers["organisation-id"] == "kauri"
    assert answer.elapsed >= timedelta()


def test_client_is_bounded_in_time(bench: Bench) -> None:
    """A connection may take 5 seconds, an answer 60."""
    with bench.client() as http:
        assert (http.timeout.connect, http.timeout.read) == (5, 60)


def test_expired_token_is_renewed_under_way(bench: Bench) -> None:
    """A client outlives its token: what expires is renewed, in time and when refused."""
    with bench.client() as http:
        http.get("things")
        bench.clock.advance(seconds=2 * LIFE)
        assert http.get("things").status_code == 200
        bench.ledger._access.clear()
        assert http.get("things").status_code == 200

    assert bench.ledger.count("POST /oauth/token") == 2


def test_moved_on_connection_stops_the_work(bench: Bench) -> None:
    """After a disconnect, or a reconnect, the next call of older work does not go out."""
    with bench.client() as http:
        bench.connect()
        bench.ledger.calls.clear()
        with pytest.raises(RunStopped):
            http.get("things")

    assert bench.ledger.count(THINGS) == 0


def test_disconnect_stops_the_work(bench: Bench) -> None:
    """Once disconnected the work is stopped, not told that access was lost."""
    with bench.client() as http:
        bench.connections.disconnect(ACME)
        with pytest.raises(RunStopped):
            http.get("things")


def test_connecting_again_revives_no_old_work(bench: Bench) -> None:
    """Work that began before a disconnect stays stopped when the connection is back."""
    old = bench.row().generation
    bench.connections.disconnect(ACME)
    bench.connect()

    with pytest.raises(RunStopped):
        bench.clients.for_connection(ACME, old)


def test_never_connected_is_stopped(database: Database) -> None:
    """There is no client for what is not connected."""
    with pytest.raises(RunStopped):
        Bench(database).clients.for_connection(ACME, 0)


def test_lost_access_is_said(bench: Bench) -> None:
    """A connection that waits for a person tells its own reason."""
    with bench.client() as http:
        bench.connections.mark_reconnect_required(ACME, 1, "Removed over there.")
        with pytest.raises(AccessLost, match=r"Removed over there\."):
            http.get("things")


def test_dead_grant_is_lost_access(bench: Bench) -> None:
    """When the grant turns out dead the work ends, and the connection waits for a person."""
    bench.ledger.remove_app("mia")
    bench.clock.advance(seconds=LIFE)

    with bench.client() as http, pytest.raises(AccessLost):
        http.get("things")

    assert bench.row().state is ConnectionState.RECONNECT_REQUIRED


def test_refused_server_fails_the_run(bench: Bench) -> None:
    """A wrong registration is no lost access: the run fails and names the operator."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = lambda request: (
        httpx.Response(401) if request.url.path == "/oauth/token" else None
    )

    with bench.client() as http, pytest.raises(RunFailed) as caught:
        http.get("things")

    assert caught.value.code == "PROVIDER_MISCONFIGURED"
    assert bench.row().state is ConnectionState.CONNECTED


def test_lost_encryption_key_fails_the_run_and_says_so(bench: Bench) -> None:
    """Where no key opens the grant an operator is asked for it; the connection stays."""
    (row,) = bench.database.rows("SELECT * FROM grants")
    other = Cipher([Fernet.generate_key().decode()]).encrypt("{}", GRANT_TOKENS.place(row))
    bench.database.execute("UPDATE grants SET tokens = ?", (other,))

    with bench.client() as http, pytest.raises(RunFailed) as caught:
        http.get("things")

    assert caught.value.code == "GRANT_UNREADABLE"
    assert bench.row().state is ConnectionState.CONNECTED


def test_renewal_that_fails_parks_the_run(bench: Bench) -> None:
    """Where a token cannot be renewed now the run is taken up later."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.down = True

    with bench.client() as http, pytest.raises(RetryLater) as caught:
        http.get("things")

    assert "planted" not in caught.value.message


def test_read_is_repeated(bench: Bench) -> None:
    """Errors of the server and broken connections are tried again, with growing pauses."""
    answers(bench, 500, 0, 503)

    with bench.client() as http:
        assert http.get("things").status_code == 200

    assert bench.ledger.count(THINGS) == 4
    assert 1 + 2 + 4 <= sum(bench.clock.waits) <= 1 + 2 + 4 + 3


def test_read_is_not_repeated_for_ever(bench: Bench) -> None:
    """The fourth answer is handed on as it is."""
    answers(bench, 500, 500, 500, 502, 500)

    with bench.client() as http:
        assert http.get("things").status_code == 502


def test_last_broken_connection_is_raised(bench: Bench) -> None:
    """The fourth error is handed on as it is."""
    answers(bench, 0, 0, 0, 0)

    with bench.client() as http, pytest.raises(httpx.ReadTimeout):
        http.get("things")


@pytest.mark.parametrize("status", [0, 500, 503])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_write_is_never_repeated(bench: Bench, method: str, status: int) -> None:
    """A write goes out once: what it did is unknown when its answer is lost."""
    answers(bench, status)

    with bench.client() as http:
        if status:
            assert http.request(method, "things").status_code == status
        else:
            with pytest.raises(httpx.ReadTimeout):
                http.request(method, "things")

    assert bench.ledger.calls == [f"{method} /api/things"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_refusal_for_a_limit_is_waited_for(bench: Bench, method: str) -> None:
    """A call that was not carried out is made again when its limit is over, writes too."""
    answers(bench, 429, **{"Retry-After": "42"})

    with bench.client() as http:
        assert http.request(method, "things").status_code == 200

    assert sum(bench.clock.waits) == 42


def test_long_limit_parks_the_run(bench: Bench) -> None:
    """A limit of the day is not waited for, and no other call goes out meanwhile."""
    answers(bench, 429, **{"Retry-After": "40000"})

    with bench.client() as http:
        for _ in range(2):
            with pytest.raises(RetryLater) as caught:
                http.get("things")
            assert caught.value.after == timedelta(seconds=40_000)

    assert bench.ledger.count(THINGS) == 1
    assert bench.clock.waits == []


def test_endless_refusals_park_the_run(bench: Bench) -> None:
    """A provider that refuses again and again is left alone for a while."""
    answers(bench, *[429] * 9)

    with bench.client() as http, pytest.raises(RetryLater):
        http.get("things")

    assert bench.ledger.count(THINGS) == 5


def test_minute_is_not_overdrawn(bench: Bench) -> None:
    """The call beyond the limit waits for the next minute."""
    with bench.client() as http:
        for _ in range(6):
            http.get("things")

    assert sum(bench.clock.waits) == pytest.approx(61)


def test_what_the_provider_counted_is_believed(bench: Bench) -> None:
    """When the provider says that nothing is left, the next call waits."""
    answers(bench, 200, **{"Minute-Left": "0"})

    with bench.client() as http:
        http.get("things")
        assert bench.clock.waits == []
        http.get("things")

    assert sum(bench.clock.waits) == pytest.approx(61)


def test_clients_share_the_organisations_budget(bench: Bench) -> None:
    """Two runs of one organisation have one minute between them."""
    with bench.client() as one, bench.client() as two:
        for http in (one, two) * 3:
            http.get("things")

    assert sum(bench.clock.waits) == pytest.approx(61)


def test_stop_ends_a_wait(bench: Bench) -> None:
    """A run that is cancelled while it waits stops at once."""
    answers(bench, 429, **{"Retry-After": "80"})
    row = bench.row()

    with (
        bench.clients.for_connection(ACME, row.generation, lambda: bench.clock.waits != []) as http,
        pytest.raises(RunStopped),
    ):
        http.get("things")

    assert len(bench.clock.waits) == 1
    assert bench.ledger.count(THINGS) == 1


def test_disconnect_ends_a_wait(bench: Bench) -> None:
    """A call that waited while its connection was ended does not go out."""
    answers(bench, 429, **{"Retry-After": "10"})

    def disconnect_while_waiting() -> bool:
        if bench.clock.waits:
            bench.connections.disconnect(ACME)
        return False

    with (
        bench.clients.for_connection(ACME, 1, disconnect_while_waiting) as http,
        pytest.raises(RunStopped),
    ):
        http.get("things")

    assert bench.ledger.count(THINGS) == 1


def test_client_that_somebody_waits_for_is_briefer_and_announces_writes(bench: Bench) -> None:
    """Each write is announced, also when it is repeated for a limit; reads are not."""
    answers(bench, 200, 429, **{"Retry-After": "1"})
    announced: list[str] = []
    manner = Manner(timeout=httpx.Timeout(2), before_write=lambda: announced.append("write"))

    with bench.clients.for_connection(ACME, 1, manner=manner) as http:
        assert http.timeout.read == 2
        http.get("things")
        http.put("things")

    assert announced == ["write", "write"]


def test_hooks_client_names_no_organisation(bench: Bench) -> None:
    """A provider's own hooks call with a token alone, and with short timeouts."""
    with bench.clients.for_hooks(bench.provider, lambda _: "token") as http:
        assert "organisation-id" not in http.headers
        assert (http.timeout.connect, http.timeout.read) == (5, 10)


def test_closing_a_client_leaves_the_transport_open(bench: Bench) -> None:
    """Every client stands on the one transport of the process."""
    bench.client().close()

    with bench.client() as http:
        assert http.get("things").status_code == 200
