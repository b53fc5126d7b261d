from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from connect_bench import ACME, GLOBEX, Bench, grants_stored
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process."""
    return Bench(database)


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
