from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from clockwork import Clockwork
from connect_bench import (
    ACME,
    CALLER,
    GLOBEX,
    REGISTRATION,
    Bench,
    grants_stored,
    in_threads,
    refused,
)
from ledger import REDIRECT, Ledger
from syncline_server.core.errors import FailedPrecondition, InvalidArgument, Reason, Unavailable
from syncline_server.core.model import ConnectionRow, ConnectionState
from syncline_server.core.notices import ConnectionChanged
from syncline_server.services.consents import Return
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process."""
    return Bench(database)


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
            lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER),
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

        refused(
            lambda: bench.connections.complete(Return(state=started.state), "", error, CALLER),
            reason,
        )
        refused(
            lambda: bench.connections.complete(Return(state=started.state), "code", "", CALLER),
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
            bench.connections.complete(Return(state=started.state), code, error, CALLER)

        good = bench.ledger.consent(started.url, "mia", "kauri")
        assert bench.connections.complete(
            Return(state=started.state), good, "", CALLER
        ).organisation_id

    def test_unknown_code_fails_the_consent(self, bench: Bench) -> None:
        """A code that the provider does not honour connects nothing."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        refused(
            lambda: bench.connections.complete(Return(state=started.state), "forged", "", CALLER),
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
