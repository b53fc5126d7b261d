import threading
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from auditing import entries
from clockwork import Clockwork
from connect_bench import ACME, GLOBEX, Bench, in_threads
from ledger import Answering, Ledger
from syncline_server.core.model import ConnectionState
from syncline_server.core.notices import ConnectionChanged
from syncline_server.oauth.errors import (
    ClientMisconfigured,
    EndpointUnavailable,
    GrantDead,
    GrantUnreadable,
)
from syncline_server.services.grants import LEASE, RENEW_AHEAD
from syncline_server.storage import grants
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database
from syncline_server.storage.sealed import GRANT_TOKENS

LIFE = 1800
TOKEN = "POST /oauth/token"


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process with a connected workspace; only renewals are counted from here."""
    bench = Bench(database)
    bench.connect()
    bench.ledger.calls.clear()
    return bench


def grant_of(bench: Bench) -> str:
    """Return the id of the grant the workspace lives on."""
    return bench.row().grant_id


def failing(times: int, answer: httpx.Response | None = None) -> Answering:
    """Return an interception that breaks the connection, or answers so, a number of times."""
    left = [times]

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/oauth/token" or left[0] == 0:
            return None
        left[0] -= 1
        if answer is None:
            raise httpx.ReadTimeout("slow", request=request)
        return answer

    return intercept


def test_good_token_is_handed_out_as_it_is(bench: Bench) -> None:
    """While a token lasts long enough the provider is not asked."""
    first = bench.grants.access_token(grant_of(bench))
    bench.clock.advance(seconds=LIFE - RENEW_AHEAD.total_seconds() - 1)

    assert bench.grants.access_token(grant_of(bench)) == first
    assert bench.ledger.calls == []


def test_token_is_renewed_ahead_of_its_end(bench: Bench) -> None:
    """From 90 seconds before its end a token is replaced, once, and the new one is stored."""
    first = bench.grants.access_token(grant_of(bench))
    bench.clock.advance(seconds=LIFE - RENEW_AHEAD.total_seconds())

    second = bench.grants.access_token(grant_of(bench))

    assert second != first
    assert bench.grants.access_token(grant_of(bench)) == second
    assert bench.ledger.count(TOKEN) == 1


def test_refused_token_is_renewed(bench: Bench) -> None:
    """A token that the provider refused is replaced although it should last."""
    first = bench.grants.access_token(grant_of(bench))

    assert bench.grants.access_token(grant_of(bench), first) != first
    assert bench.ledger.count(TOKEN) == 1


def test_token_refused_before_another_renewed_is_not_renewed_again(bench: Bench) -> None:
    """Who comes with a token that was replaced meanwhile gets the replacement."""
    first = bench.grants.access_token(grant_of(bench))
    second = bench.grants.access_token(grant_of(bench), first)

    assert bench.grants.access_token(grant_of(bench), first) == second
    assert bench.ledger.count(TOKEN) == 1


def test_threads_renew_once(bench: Bench) -> None:
    """Many threads that need a token at once make one call and get the same one."""
    grant_id, crowd = grant_of(bench), threading.Barrier(5)
    bench.clock.advance(seconds=LIFE)

    def ask() -> str:
        crowd.wait(timeout=30)
        return bench.grants.access_token(grant_id)

    tokens = in_threads(*[ask] * 5)

    assert len(set(tokens)) == 1
    assert isinstance(tokens[0], str)
    assert bench.ledger.count(TOKEN) == 1


def test_processes_renew_once(bench: Bench) -> None:
    """While one process renews another waits for the row, and both get the same token."""
    other = Bench(bench.database, clock=bench.clock, ledger=bench.ledger)
    renewing, waiting, renewed = threading.Event(), threading.Event(), threading.Event()
    bench.clock.advance(seconds=LIFE)

    def hold_until_the_other_waits(_request: httpx.Request) -> None:
        renewing.set()
        waiting.wait(timeout=30)

    def wait(_seconds: float) -> None:
        waiting.set()
        renewed.wait(timeout=30)

    def first() -> str:
        token = bench.grants.access_token(grant_of(bench))
        renewed.set()
        return token

    def second() -> str:
        renewing.wait(timeout=30)
        return replace(other.grants, wait=wait).access_token(grant_of(other))

    bench.ledger.intercept = hold_until_the_other_waits
    tokens = in_threads(first, second)

    assert tokens[0] == tokens[1]
    assert waiting.is_set()
    assert bench.ledger.count(TOKEN) == 1


def test_waiting_for_another_process_ends_when_its_lease_does(bench: Bench) -> None:
    """A worker that died with the lease holds the others up for 30 seconds, no longer."""
    grant = grants.get(bench.database, bench.cipher, grant_of(bench))
    assert grant is not None
    bench.clock.advance(seconds=LIFE)
    now = bench.clock()
    grants.lease(bench.database, grant, "dead", now, now + timedelta(seconds=30))

    assert bench.grants.access_token(grant.id) != grant.tokens.access
    assert sum(bench.clock.waits) == pytest.approx(30, abs=1)


def test_answer_that_was_lost_is_asked_for_again(bench: Bench) -> None:
    """When the rotated token never arrived, the one that is stored still renews."""
    grant_id = grant_of(bench)
    grant = grants.get(bench.database, bench.cipher, grant_id)
    assert grant is not None
    bench.clock.advance(seconds=LIFE)
    bench.grants.endpoints["ledger"].refresh(grant.tokens.refresh)  # and died before storing

    token = bench.grants.access_token(grant_id)

    assert token != grant.tokens.access
    assert bench.row().state is ConnectionState.CONNECTED


def test_rotated_token_is_stored_before_it_is_used(bench: Bench) -> None:
    """The next renewal goes out with the rotated token, not with the first."""
    grant_id = grant_of(bench)
    for _ in range(3):
        bench.clock.advance(seconds=3 * LIFE)
        bench.grants.access_token(grant_id)

    assert bench.row().state is ConnectionState.CONNECTED
    assert bench.ledger.count(TOKEN) == 3


def test_dead_grant_asks_a_person_in_every_workspace(database: Database) -> None:
    """When the provider no longer honours a grant, each connection on it says so."""
    bench = Bench(database)
    bench.connect(ACME, "kauri")
    bench.connect(GLOBEX, "rimu")
    bench.notices.clear()
    bench.ledger.remove_app("mia")
    bench.clock.advance(seconds=LIFE)

    for _ in range(2):
        with pytest.raises(GrantDead):
            bench.grants.access_token(grant_of(bench))

    for key in (ACME, GLOBEX):
        assert bench.row(key).state is ConnectionState.RECONNECT_REQUIRED
        (entry,) = entries(database, key.workspace)
        assert (entry.method, entry.names) == ("LoseAccess", (str(key),))
        assert entry.edits[-1][2] == bench.row(key).state_reason
    assert bench.notices == [ConnectionChanged(ACME), ConnectionChanged(GLOBEX)]
    assert bench.ledger.calls.count(TOKEN) == 3  # two codes, one renewal


def test_refused_token_that_another_rotated_is_not_the_end(bench: Bench) -> None:
    """After ``invalid_grant`` the row is read again: another worker may have stored a newer one."""
    other = Bench(bench.database, clock=bench.clock, ledger=bench.ledger)
    grant_id = grant_of(bench)
    bench.clock.advance(seconds=LIFE)
    fresh: list[str] = []

    def overtake(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/oauth/token" or fresh:
            return None
        fresh.append("on its way")
        bench.clock.advance(seconds=31)  # our lease has run out
        fresh[0] = other.grants.access_token(grant_id)
        return httpx.Response(400, json={"error": "invalid_grant"})

    bench.ledger.intercept = overtake

    assert bench.grants.access_token(grant_id) == fresh[0]
    assert bench.row().state is ConnectionState.CONNECTED


def test_consent_during_a_renewal_wins(bench: Bench) -> None:
    """Tokens of a consent that came back meanwhile are the ones that are handed out."""
    other = Bench(bench.database, clock=bench.clock, ledger=bench.ledger)
    other.randomness(32)
    other.next_id()
    bench.clock.advance(seconds=LIFE)
    grant_id, done = grant_of(bench), []

    def reconnect(request: httpx.Request) -> None:
        if request.url.path == "/oauth/token" and not done:
            done.append(request)
            other.connect()

    bench.ledger.intercept = reconnect
    token = bench.grants.access_token(grant_id)

    stored = grants.get(bench.database, bench.cipher, grant_id)
    assert stored is not None
    assert stored.tokens.access == token


def test_passing_failure_is_no_reason_to_reconnect(bench: Bench) -> None:
    """A provider that cannot renew now is asked again later; nobody waits for a lease."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = failing(1)

    with pytest.raises(EndpointUnavailable):
        bench.grants.access_token(grant_of(bench))
    bench.clock.advance(seconds=30)

    assert bench.row().state is ConnectionState.CONNECTED
    assert bench.grants.access_token(grant_of(bench))
    assert bench.clock.waits == []


@pytest.mark.parametrize(
    "answer", [None, httpx.Response(400, json={"error": "invalid_client"})], ids=["down", "refused"]
)
def test_token_that_still_lasts_is_used_when_renewal_fails(
    bench: Bench, answer: httpx.Response | None
) -> None:
    """Renewing ahead of time may fail as long as the old token opens doors."""
    first = bench.grants.access_token(grant_of(bench))
    bench.clock.advance(seconds=LIFE - 60)
    bench.ledger.intercept = failing(1, answer)

    assert bench.grants.access_token(grant_of(bench)) == first


def test_refused_server_is_the_operators_matter(bench: Bench) -> None:
    """A provider that refuses our registration leaves the connection as it is, and alarms."""
    bench.clock.advance(seconds=LIFE)
    bench.ledger.intercept = failing(1, httpx.Response(401, json={"error": "invalid_client"}))

    with capture_logs() as logs, pytest.raises(ClientMisconfigured):
        bench.grants.access_token(grant_of(bench))

    assert bench.row().state is ConnectionState.CONNECTED
    assert logs == [
        {
            "event": "provider refuses this server",
            "action": "provider_refuses_this_server",
            "log_level": "error",
            "provider": "ledger",
            "code": "invalid_client",
        }
    ]


def test_deleted_grant_is_dead(bench: Bench) -> None:
    """After a disconnect the grant hands out nothing."""
    grant_id = grant_of(bench)
    bench.connections.disconnect(ACME)

    with pytest.raises(GrantDead):
        bench.grants.access_token(grant_id)


def test_idle_grants_are_kept_alive(bench: Bench) -> None:
    """A grant that nobody used for long is renewed, so that it does not die of disuse."""
    bench.clock.advance(seconds=20 * 86_400)

    assert bench.grants.keep_alive(timedelta(days=20, seconds=1)) == 0
    assert bench.grants.keep_alive(timedelta(days=19)) == 1
    assert bench.grants.keep_alive(timedelta(days=19)) == 0
    assert bench.ledger.count(TOKEN) == 1


def test_keeping_alive_goes_on_after_a_failure(database: Database) -> None:
    """One grant that cannot be renewed does not keep the others from it."""
    bench = Bench(database, clock=Clockwork())
    bench.connect(ACME, "kauri", subject="mia")
    bench.clock.advance(seconds=1)
    bench.connect(GLOBEX, "rimu", subject="jack")
    bench.ledger.remove_app("mia")
    bench.clock.advance(seconds=86_400)

    with capture_logs() as logs:
        assert bench.grants.keep_alive(timedelta(hours=1)) == 1

    assert "planted" not in str(logs)
    assert bench.row(ACME).state is ConnectionState.RECONNECT_REQUIRED
    assert bench.row(GLOBEX).state is ConnectionState.CONNECTED


def test_keeping_alive_goes_on_after_an_unreadable_grant(database: Database) -> None:
    """A grant whose key was lost does not let all the others die of disuse."""
    bench = Bench(database, clock=Clockwork())
    lost = bench.connect(ACME, "kauri", subject="mia").grant_id
    bench.clock.advance(seconds=1)
    bench.connect(GLOBEX, "rimu", subject="jack")
    (row,) = database.rows("SELECT * FROM grants WHERE id = ?", (lost,))
    other = Cipher([Fernet.generate_key().decode()]).encrypt("{}", GRANT_TOKENS.place(row))
    database.execute("UPDATE grants SET tokens = ? WHERE id = ?", (other, lost))
    bench.clock.advance(seconds=86_400)

    assert bench.grants.keep_alive(timedelta(hours=1)) == 1
    with pytest.raises(GrantUnreadable):
        bench.grants.access_token(lost)


def test_a_process_that_ends_renews_no_more(database: Database) -> None:
    """The renewal under way is let end and stored; the grants behind it are left to the next."""
    bench, stopping = Bench(database, clock=Clockwork()), threading.Event()
    bench.connect(ACME, "kauri", subject="mia")
    bench.clock.advance(seconds=1)
    bench.connect(GLOBEX, "rimu", subject="jack")
    bench.ledger.calls.clear()
    bench.clock.advance(seconds=86_400)
    bench.ledger.intercept = lambda _request: stopping.set()

    assert bench.grants.keep_alive(timedelta(hours=1), stopping.is_set) == 1
    assert bench.ledger.count(TOKEN) == 1

    assert bench.grants.keep_alive(timedelta(hours=1)) == 1
    assert bench.ledger.count(TOKEN) == 2


def test_a_process_that_ends_waits_for_no_other(bench: Bench) -> None:
    """Who keeps grants alive does not wait, while it stops, until another process has renewed."""
    stopping, waits = threading.Event(), list[float]()
    bench.clock.advance(seconds=86_400)
    grant = grants.get(bench.database, bench.cipher, grant_of(bench))
    assert grant
    now = bench.clock()
    assert grants.lease(bench.database, grant, "another process", now, now + LEASE)

    def wait(seconds: float) -> None:
        waits.append(seconds)
        stopping.set()

    with capture_logs() as logs:
        renewed = replace(bench.grants, wait=wait).keep_alive(timedelta(hours=1), stopping.is_set)

    assert (renewed, len(waits), bench.ledger.calls) == (0, 1, [])
    assert logs == []  # nothing has failed


def test_ledger_is_shared_between_processes(database: Database) -> None:
    """Two benches on one ledger see the same tokens: what the tests above stand on."""
    clock = Clockwork()
    ledger = Ledger(clock=clock)
    one, two = (Bench(database, clock=clock, ledger=ledger) for _ in range(2))
    grant_id = one.connect().grant_id

    assert one.grants.access_token(grant_id) == two.grants.access_token(grant_id)
