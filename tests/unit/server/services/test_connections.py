import pytest
from structlog.testing import capture_logs

from connect_bench import ACME, CALLER, GLOBEX, Bench
from ledger import CLIENT_SECRET, REDIRECT
from syncline_server.core.errors import NotFound
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection
from syncline_server.services.consents import Return
from syncline_server.storage import connections
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process."""
    return Bench(database)


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
        row = bench.connections.complete(Return(state=started.state), code, "", CALLER)
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
