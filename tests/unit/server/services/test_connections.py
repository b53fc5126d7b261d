from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from clockwork import Clockwork
from connect_bench import ACME, CALLER, GLOBEX, REGISTRATION, Bench, in_threads
from ledger import CLIENT_SECRET, REDIRECT, Ledger
from syncline_server.core.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    Refusal,
    Unavailable,
)
from syncline_server.core.model import ConnectionRow, ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged
from syncline_server.storage import connections
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process."""
    return Bench(database)


def refused(call: object, reason: Reason) -> Refusal:
    """Check that a call is refused for this reason and return the refusal."""
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    assert caught.value.reason is reason
    return caught.value


def grants_stored(database: Database) -> int:
    """Return how many grants there are."""
    return len(database.rows("SELECT id FROM grants"))


class TestStarting:
    """What ``start`` does and refuses."""

    def test_start_gives_a_way_that_ends_after_ten_minutes(self, bench: Bench) -> None:
        """The address carries the state, which works until ten minutes after the start."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        assert started.state in started.url
        assert (started.expire_time - bench.clock()).total_seconds() == 600

    def test_start_changes_nothing_of_a_connection(self, bench: Bench) -> None:
        """A connection is the same after another consent was started."""
        before = bench.connect()

        bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        assert bench.row() == before

    def test_foreign_redirect_is_refused(self, bench: Bench) -> None:
        """An address that is not configured is named as the wrong field."""
        with pytest.raises(InvalidArgument) as caught:
            bench.connections.start("acme", "ledger", REDIRECT + "/evil", CALLER)

        assert caught.value.violations[0].field == "redirect_uri"

    def test_unknown_provider_is_not_found(self, bench: Bench) -> None:
        """A provider that is not installed has no connections."""
        with pytest.raises(NotFound):
            bench.connections.start("acme", "abacus", REDIRECT, CALLER)

    def test_state_and_verifier_are_not_stored_readably(self, bench: Bench) -> None:
        """The row holds a hash of the state and an encrypted verifier."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        (row,) = bench.database.rows("SELECT * FROM consents")
        assert started.state not in str(row)
        assert bench.cipher.decrypt(row["verifier"]) not in str(row)


class TestCompleting:
    """What ``complete`` does and refuses."""

    def test_one_approved_organisation_is_taken(self, bench: Bench) -> None:
        """A consent for one organisation connects it at once."""
        row = bench.connect()

        assert row.state is ConnectionState.CONNECTED
        assert (row.organisation_id, row.organisation_name) == ("kauri", "Kauri")
        assert (row.generation, row.candidates) == (1, ())
        assert bench.notices == [ConnectionChanged(ACME)]

    def test_several_approved_organisations_are_candidates(self, bench: Bench) -> None:
        """A consent for several waits for a choice and connects none."""
        row = bench.connect(ACME, "kauri", "rimu")

        assert row.state is ConnectionState.NOT_CONNECTED
        assert [each.id for each in row.candidates] == ["kauri", "rimu"]
        assert row.generation == 0

    def test_only_what_was_approved_now_counts(self, bench: Bench) -> None:
        """An organisation that the person connected elsewhere before is neither taken nor shown."""
        bench.connect(GLOBEX, "rimu")

        assert bench.connect(ACME, "kauri").organisation_id == "kauri"

    def test_unmarked_organisations_not_held_elsewhere_are_candidates(self, bench: Bench) -> None:
        """Where the provider marks none as approved now, a person chooses among the free ones."""
        bench.connect(GLOBEX, "rimu")

        row = bench.connect(ACME, "kauri", "totara", marked=False)

        assert [each.id for each in row.candidates] == ["kauri", "totara"]

    def test_unmarked_organisations_all_held_elsewhere_are_refused(self, bench: Bench) -> None:
        """Where others hold all that the person reaches, nothing is offered."""
        bench.connect(GLOBEX, "rimu")

        refused(lambda: bench.connect(ACME, "rimu", marked=False), Reason.ORGANISATION_TAKEN)

    def test_held_organisation_is_refused_without_saying_whose(self, bench: Bench) -> None:
        """Another workspace's organisation is refused, its name is not told, nothing is stored."""
        bench.connect(GLOBEX)

        refusal = refused(lambda: bench.connect(ACME, subject="jack"), Reason.ORGANISATION_TAKEN)

        assert "globex" not in f"{refusal.message} {refusal.metadata}"
        assert grants_stored(bench.database) == 1
        assert bench.row() == ConnectionRow(key=ACME)

    def test_two_workspaces_racing_for_one_organisation_do_not_both_get_it(
        self, database: Database
    ) -> None:
        """Of two that settle at the same time one is connected and one refused."""
        clock = Clockwork()
        ledger = Ledger(clock=clock)
        benches = [Bench(database, clock=clock, ledger=ledger) for _ in range(2)]
        keys = (ACME, GLOBEX)
        benches[1].randomness(32)

        outcomes = in_threads(
            lambda: benches[0].connect(keys[0], subject="mia"),
            lambda: benches[1].connect(keys[1], subject="jack"),
        )

        won = [each for each in outcomes if isinstance(each, ConnectionRow)]
        lost = [each for each in outcomes if isinstance(each, FailedPrecondition)]
        assert (len(won), len(lost)) == (1, 1)
        assert lost[0].reason is Reason.ORGANISATION_TAKEN
        assert grants_stored(database) == 1

    def test_organisation_taken_after_the_check_is_refused_by_the_database(
        self, bench: Bench
    ) -> None:
        """The unique index refuses what slipped past the first look, and all is undone."""
        bench.connect(ACME, "kauri", "rimu", subject="jack")
        bench.connect(GLOBEX, "kauri")
        before = bench.row()

        refused(lambda: bench.connections.select(ACME, "kauri", CALLER), Reason.ORGANISATION_TAKEN)

        assert bench.row() == before

    def test_no_organisation_at_all_fails_the_consent(self, bench: Bench) -> None:
        """A person who approves nothing has not connected."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia")

        refused(
            lambda: bench.connections.complete(started.state, code, "", CALLER),
            Reason.CONSENT_FAILED,
        )
        assert grants_stored(bench.database) == 0

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            ("access_denied", Reason.CONSENT_DENIED),
            ("server_error", Reason.CONSENT_FAILED),
        ],
    )
    def test_consent_error_is_told(self, bench: Bench, error: str, reason: Reason) -> None:
        """Declining and failing are told apart, and use the state up."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        refused(lambda: bench.connections.complete(started.state, "", error, CALLER), reason)
        refused(
            lambda: bench.connections.complete(started.state, "code", "", CALLER),
            Reason.STATE_USED,
        )
        assert bench.ledger.calls == []

    @pytest.mark.parametrize(("code", "error"), [("", ""), ("code", "access_denied")])
    def test_exactly_one_of_code_and_error_is_needed(
        self, bench: Bench, code: str, error: str
    ) -> None:
        """Neither or both is malformed and leaves the state unused."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        with pytest.raises(InvalidArgument):
            bench.connections.complete(started.state, code, error, CALLER)

        good = bench.ledger.consent(started.url, "mia", "kauri")
        assert bench.connections.complete(started.state, good, "", CALLER).organisation_id

    def test_unknown_code_fails_the_consent(self, bench: Bench) -> None:
        """A code that the provider does not honour connects nothing."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        refused(
            lambda: bench.connections.complete(started.state, "forged", "", CALLER),
            Reason.CONSENT_FAILED,
        )

    def test_wrong_client_secret_is_the_operators_matter(self, database: Database) -> None:
        """A refused registration is an alarm for the operator, and tells no secret."""
        bench = Bench(
            database, registration=replace(REGISTRATION, client_secret="planted-wrong-secret")
        )
        with capture_logs() as logs:
            refusal = refused(bench.connect, Reason.PROVIDER_MISCONFIGURED)

        assert {"action": "provider_refuses_this_server", "log_level": "error"}.items() <= logs[
            0
        ].items()
        assert "planted" not in f"{logs} {refusal} {refusal.metadata}"

    @pytest.mark.parametrize("path", ["/oauth/token", "/connections"])
    def test_provider_that_fails_is_unavailable(self, bench: Bench, path: str) -> None:
        """Whichever call fails, the caller is told to try again and nothing is stored."""
        bench.ledger.intercept = lambda request: (
            httpx.Response(503) if request.url.path == path else None
        )
        if path == "/connections":
            bench.ledger.intercept = _break("/connections")

        with pytest.raises(Unavailable) as caught:
            bench.connect()

        assert caught.value.reason is Reason.PROVIDER_UNAVAILABLE
        assert "planted" not in str(caught.value)
        assert grants_stored(bench.database) == 0


def _break(path: str) -> object:
    def intercept(request: httpx.Request) -> None:
        if request.url.path == path:
            raise httpx.ReadTimeout("slow", request=request)

    return intercept


class TestStates:
    """What a returning state is measured against."""

    def test_state_works_once(self, bench: Bench) -> None:
        """A replayed state is refused and changes nothing."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        row = bench.connections.complete(started.state, code, "", CALLER)

        refused(
            lambda: bench.connections.complete(started.state, code, "", CALLER),
            Reason.STATE_USED,
        )
        assert bench.row() == row

    def test_state_replayed_at_the_same_time_works_once(self, bench: Bench) -> None:
        """Of two returns at once one connects and the other is refused."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")

        outcomes = in_threads(
            *[lambda: bench.connections.complete(started.state, code, "", CALLER)] * 2
        )

        assert sorted(type(each).__name__ for each in outcomes) == [
            "ConnectionRow",
            "FailedPrecondition",
        ]
        assert bench.ledger.count("POST /oauth/token") == 1

    def test_state_expires(self, bench: Bench) -> None:
        """After ten minutes a state is refused and the provider is not asked."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        bench.clock.advance(seconds=600)

        refused(
            lambda: bench.connections.complete(started.state, "code", "", CALLER),
            Reason.STATE_EXPIRED,
        )
        assert bench.ledger.calls == []

    def test_foreign_states_look_unknown(self, bench: Bench) -> None:
        """Another caller's and another workspace's state are refused as a made-up one is."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        complete = bench.connections.complete

        refusals = [
            refused(call, Reason.STATE_UNKNOWN)
            for call in (
                lambda: complete("made-up", code, "", CALLER),
                lambda: complete(started.state, code, "", "somebody else"),
                lambda: complete(started.state, code, "", CALLER, lambda name: name == "globex"),
            )
        ]

        assert len({(str(each), str(each.metadata)) for each in refusals}) == 1
        assert bench.ledger.calls == []
        assert complete(started.state, code, "", CALLER).state is ConnectionState.CONNECTED

    def test_old_consents_are_forgotten(self, bench: Bench) -> None:
        """Housekeeping deletes consents a day after they expired, not before."""
        bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        bench.clock.advance(seconds=86_400)
        bench.connections.forget_expired()
        kept = len(bench.database.rows("SELECT 1 AS one FROM consents"))
        bench.clock.advance(seconds=601)
        bench.connections.forget_expired()

        assert (kept, bench.database.rows("SELECT 1 AS one FROM consents")) == (1, [])


class TestSelecting:
    """What ``select`` does and refuses."""

    def test_candidate_is_connected(self, bench: Bench) -> None:
        """The chosen organisation is connected, and there is nothing more to choose."""
        bench.connect(ACME, "kauri", "rimu")

        row = bench.connections.select(ACME, "rimu", CALLER)

        assert (row.state, row.organisation_id) == (ConnectionState.CONNECTED, "rimu")
        assert (row.generation, row.candidates) == (1, ())
        with bench.client() as http:
            assert http.get("things").status_code == 200

    def test_stranger_is_refused(self, bench: Bench) -> None:
        """What is not among the candidates cannot be chosen."""
        bench.connect(ACME, "kauri", "rimu")

        refused(
            lambda: bench.connections.select(ACME, "matai", CALLER),
            Reason.ORGANISATION_NOT_A_CANDIDATE,
        )

    def test_choice_expires(self, bench: Bench) -> None:
        """After ten minutes nothing is shown to choose from, and choosing is refused."""
        bench.connect(ACME, "kauri", "rimu")
        bench.clock.advance(seconds=600)

        assert bench.connections.get(ACME).candidates == ()
        refused(lambda: bench.connections.select(ACME, "kauri", CALLER), Reason.SELECTION_EXPIRED)

    def test_nothing_to_choose_is_refused(self, bench: Bench) -> None:
        """Without candidates there is no choice, and no row is made."""
        refused(lambda: bench.connections.select(ACME, "kauri", CALLER), Reason.SELECTION_EXPIRED)
        assert bench.row().version == 0

    def test_expired_choice_gives_its_grant_up(self, bench: Bench) -> None:
        """Housekeeping drops candidates that nobody chose, with their tokens."""
        bench.connect(ACME, "kauri", "rimu")
        bench.clock.advance(seconds=600)

        bench.connections.forget_expired()

        assert grants_stored(bench.database) == 0
        assert bench.row().candidates == ()


class TestReconnecting:
    """What a second consent does to a connection."""

    def test_same_organisation_gets_new_tokens(self, bench: Bench) -> None:
        """Connecting again keeps the organisation, replaces the tokens and starts a generation."""
        first = bench.connect()
        old = bench.grants.access_token(first.grant_id)

        second = bench.connect()

        assert (second.organisation_id, second.generation) == ("kauri", 2)
        assert bench.grants.access_token(second.grant_id) != old
        assert grants_stored(bench.database) == 1

    def test_other_organisation_is_switched_to(self, bench: Bench) -> None:
        """Connecting another organisation frees the first for others and cancels its runs."""
        bench.connect()

        second = bench.connect(ACME, "rimu")

        assert (second.organisation_id, second.generation) == ("rimu", 2)
        assert bench.cancelled == [ACME, ACME]
        assert bench.connect(GLOBEX, "kauri", subject="jack").organisation_id == "kauri"

    def test_other_persons_grant_replaces_the_first(self, bench: Bench) -> None:
        """When another person connects, the first person's unused tokens are deleted."""
        first = bench.connect(subject="mia")

        second = bench.connect(subject="jack")

        assert second.grant_id != first.grant_id
        assert grants_stored(bench.database) == 1

    def test_reconnecting_revives_lost_access(self, bench: Bench) -> None:
        """A connection that waited for a person is connected again, as a new generation."""
        row = bench.connect()
        bench.connections.mark_reconnect_required(ACME, row.generation, "Gone.")

        again = bench.connect()

        assert (again.state, again.state_reason) == (ConnectionState.CONNECTED, "")
        assert again.generation == row.generation + 1

    def test_reconnecting_revives_no_other_workspace(self, bench: Bench) -> None:
        """A shared grant that lives again does not connect what another workspace lost."""
        bench.connect(GLOBEX, "rimu")
        bench.connect(ACME, "kauri")
        bench.connections.mark_reconnect_required(GLOBEX, 1, "Gone.")

        bench.connect(ACME, "kauri")

        assert bench.row(GLOBEX).state is ConnectionState.RECONNECT_REQUIRED


class TestDisconnecting:
    """What ``disconnect`` does, and what it leaves."""

    def test_disconnect_ends_everything_here_and_there(self, bench: Bench) -> None:
        """The organisation is free, the tokens are gone, runs are cancelled, access is returned."""
        bench.connect()

        row = bench.connections.disconnect(ACME)

        assert (row.state, row.generation) == (ConnectionState.NOT_CONNECTED, 2)
        assert (row.organisation_id, row.grant_id) == ("", "")
        assert grants_stored(bench.database) == 0
        assert bench.cancelled[-1] == ACME
        assert bench.ledger.tenancies["mia"] == []
        assert bench.ledger.count("POST /oauth/revoke") == 0

    def test_disconnect_renews_in_memory_to_give_access_back(self, bench: Bench) -> None:
        """An expired access token is renewed for the last call, and nothing is stored."""
        bench.connect()
        bench.clock.advance(seconds=7200)

        bench.connections.disconnect(ACME)

        assert bench.ledger.tenancies["mia"] == []
        assert grants_stored(bench.database) == 0

    def test_disconnect_works_while_the_provider_is_down(self, bench: Bench) -> None:
        """Everything ends here although the provider cannot be told; the log tells no secret."""
        bench.connect()
        bench.ledger.down = True

        with capture_logs() as logs:
            row = bench.connections.disconnect(ACME)

        assert row.state is ConnectionState.NOT_CONNECTED
        assert grants_stored(bench.database) == 0
        assert "access_not_given_back" in [entry.get("action") for entry in logs]
        assert "planted" not in str(logs)

    def test_disconnect_keeps_what_others_live_on(self, bench: Bench) -> None:
        """A grant that another workspace uses stays, and its organisation too."""
        bench.connect(ACME, "kauri")
        bench.connect(GLOBEX, "rimu")

        bench.connections.disconnect(ACME)

        assert [each.id for each in bench.ledger.tenancies["mia"]] == ["rimu"]
        with bench.client(GLOBEX) as http:
            assert http.get("things").status_code == 200

    def test_disconnect_is_idempotent(self, bench: Bench) -> None:
        """Disconnecting what is not connected succeeds and changes nothing."""
        bench.connect()
        bench.connections.disconnect(ACME)
        before, calls = bench.row(), len(bench.ledger.calls)

        bench.connections.disconnect(ACME)

        assert bench.row() == before
        assert len(bench.ledger.calls) == calls

    def test_disconnect_drops_a_choice(self, bench: Bench) -> None:
        """Candidates and their tokens go too."""
        bench.connect(ACME, "kauri", "rimu")

        row = bench.connections.disconnect(ACME)

        assert row.candidates == ()
        assert grants_stored(bench.database) == 0

    def test_disconnect_works_when_the_key_is_lost(self, bench: Bench) -> None:
        """Tokens that can no longer be read are deleted all the same."""
        bench.connect()
        bench.database.execute("UPDATE grants SET tokens = 'unreadable'")

        assert bench.connections.disconnect(ACME).state is ConnectionState.NOT_CONNECTED
        assert grants_stored(bench.database) == 0

    def test_failing_cancel_undoes_the_disconnect(self, bench: Bench) -> None:
        """Runs are cancelled in the same transaction: if that fails, all stays."""
        row = bench.connect()

        def fail(_key: Connection, _reason: str) -> None:
            raise KeyError

        with pytest.raises(KeyError):
            replace(bench.connections, cancel_runs=fail).disconnect(ACME)

        assert bench.row() == row
        assert bench.ledger.count("DELETE /connections/link-2") == 0


class TestLosing:
    """What ``mark_reconnect_required`` does."""

    def test_lost_access_is_shown(self, bench: Bench) -> None:
        """The connection waits for a person and keeps its organisation."""
        row = bench.connect()

        assert bench.connections.mark_reconnect_required(ACME, row.generation, "Gone.")

        after = bench.connections.get(ACME)
        assert after.state is ConnectionState.RECONNECT_REQUIRED
        assert (after.state_reason, after.organisation_id) == ("Gone.", "kauri")
        assert bench.notices == [ConnectionChanged(ACME)] * 2

    def test_old_news_is_ignored(self, bench: Bench) -> None:
        """What a run of an older generation found says nothing about the connection now."""
        bench.connect()
        bench.connect()

        assert not bench.connections.mark_reconnect_required(ACME, 1, "Gone.")
        assert bench.row().state is ConnectionState.CONNECTED


class TestShowing:
    """What ``get`` and ``list`` show."""

    def test_every_provider_has_a_connection(self, bench: Bench) -> None:
        """A workspace that never connected still lists each installed provider."""
        assert bench.connections.list("acme") == [ConnectionRow(key=ACME)]
        assert bench.connections.get(ACME) == ConnectionRow(key=ACME)

    def test_list_shows_no_other_workspace(self, bench: Bench) -> None:
        """A list holds the workspace's own connection."""
        row = bench.connect()
        bench.connect(GLOBEX, "rimu")

        assert bench.connections.list("acme") == [row]

    def test_unknown_provider_is_not_found(self, bench: Bench) -> None:
        """A provider that is not installed has no connection to show."""
        with pytest.raises(NotFound):
            bench.connections.get(Connection("acme", "abacus"))


def test_no_secret_shows_anywhere(bench: Bench) -> None:
    """Neither rows, logs nor reprs hold a token, a code, a state or the client's secret."""
    with capture_logs() as logs:
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        row = bench.connections.complete(started.state, code, "", CALLER)
        bench.clock.advance(seconds=7200)
        bench.grants.access_token(row.grant_id)
    parts = (
        bench.connections,
        bench.grants,
        bench.clients,
        bench.cipher,
        bench.connections.consents,
    )
    shown = f"{logs} {started} {row} {bench.registration} {[repr(part) for part in parts]}"
    stored = str([bench.database.rows(f"SELECT * FROM {name}") for name in ("consents", "grants")])

    for secret in (*bench.ledger.issued, started.state, CLIENT_SECRET):
        assert secret not in shown
        assert secret not in stored


def test_connection_rows_are_locked_under_one_name(bench: Bench) -> None:
    """Locking a connection that was never connected makes the row that everybody locks."""
    with bench.database.transaction():
        first = connections.lock(bench.database, ACME, bench.clock())
        assert connections.lock(bench.database, ACME, bench.clock()) == first
