import pytest

from connect_bench import ACME, CALLER, GLOBEX, Bench, grants_stored, refused
from syncline_server.core.errors import Reason
from syncline_server.core.model import ConnectionState
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process."""
    return Bench(database)


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
