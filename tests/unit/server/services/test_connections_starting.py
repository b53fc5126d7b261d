import pytest
from cryptography.fernet import Fernet

from connect_bench import CALLER, Bench, in_threads, refused
from ledger import REDIRECT
from syncline_server.core.errors import InvalidArgument, NotFound, Reason
from syncline_server.core.model import ConnectionState
from syncline_server.services.consents import Return
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database
from syncline_server.storage.sealed import CONSENT_VERIFIER

HOST, PATH = "localhost:8080", "/oauth/callback"
LIKE_OURS = (
    f"{REDIRECT}/evil",
    f"{REDIRECT}/",
    f"{REDIRECT}?next=https://evil.example",
    f"{REDIRECT}#fragment",
    f"{REDIRECT}%00",
    f"{REDIRECT}%2e%2e/evil",
    f"{REDIRECT}\n",
    f" {REDIRECT}",
    f"{REDIRECT}.evil.example",
    REDIRECT[:-1],
    REDIRECT.upper(),
    REDIRECT.replace("http:", "HTTP:"),
    REDIRECT.replace("http:", "https:"),
    REDIRECT.replace("http:", "javascript:"),
    REDIRECT.replace("localhost", "LOCALHOST"),
    REDIRECT.replace("localhost", "localhost."),
    REDIRECT.replace("localhost", "127.0.0.1"),
    REDIRECT.replace("localhost", "evil.example@localhost"),
    REDIRECT.replace("localhost", "localhost@evil.example"),
    REDIRECT.replace("localhost", "\u217cocalhost"),
    REDIRECT.replace("localhost", "l\u043ecalhost"),
    REDIRECT.replace(":8080", ""),
    REDIRECT.replace(":8080", ":80"),
    REDIRECT.replace(":8080", ":08080"),
    REDIRECT.replace(PATH, f"/{PATH}"),
    REDIRECT.replace(PATH, f"/evil/..{PATH}"),
    REDIRECT.replace(PATH, "/oauth%2Fcallback"),
    REDIRECT.replace(PATH, "/oauth\\callback"),
    REDIRECT.replace("//", "/\\"),
    f"https://evil.example/?{REDIRECT}",
    f"//{HOST}{PATH}",
    PATH,
    "https://evil.example/oauth/callback",
)
"""Addresses that a comparison which is not exact might take for the one that is allowed."""


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process."""
    return Bench(database)


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

    @pytest.mark.parametrize("uri", LIKE_OURS)
    def test_foreign_redirect_is_refused(self, bench: Bench, uri: str) -> None:
        """An address that is not configured, however like one, is named as the wrong field."""
        with pytest.raises(InvalidArgument) as caught:
            bench.connections.start("acme", "ledger", uri, CALLER)

        assert [each.field for each in caught.value.violations] == ["redirect_uri"]
        assert bench.database.rows("SELECT * FROM consents") == []

    def test_unknown_provider_is_not_found(self, bench: Bench) -> None:
        """A provider that is not installed has no connections."""
        with pytest.raises(NotFound):
            bench.connections.start("acme", "abacus", REDIRECT, CALLER)

    def test_state_and_verifier_are_not_stored_readably(self, bench: Bench) -> None:
        """The row holds a hash of the state and an encrypted verifier."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)

        (row,) = bench.database.rows("SELECT * FROM consents")
        assert started.state not in str(row)
        assert bench.cipher.decrypt(row["verifier"], CONSENT_VERIFIER.place(row)) not in str(row)

    def test_a_missing_key_leaves_the_state_good(self, bench: Bench) -> None:
        """A server that cannot open the verifier says so; once it has the key, all goes on."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        (row,) = bench.database.rows("SELECT * FROM consents")
        verifier = bench.cipher.decrypt(row["verifier"], CONSENT_VERIFIER.place(row))
        other = Cipher([Fernet.generate_key().decode()])
        closed = other.encrypt(verifier, CONSENT_VERIFIER.place(row))
        change = "UPDATE consents SET verifier = ?"
        bench.database.execute(change, (closed,))

        refused(
            lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER),
            Reason.PROVIDER_MISCONFIGURED,
        )

        bench.database.execute(change, (row["verifier"],))
        back = bench.connections.complete(Return(state=started.state), code, "", CALLER)
        assert back.state is ConnectionState.CONNECTED

    def test_a_consent_that_was_moved_to_another_workspace_is_useless(self, bench: Bench) -> None:
        """Who can write into the database cannot have a person's consent connect another one."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        bench.database.execute("UPDATE consents SET workspace = 'globex'")

        refused(
            lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER),
            Reason.PROVIDER_MISCONFIGURED,
        )

    def test_a_used_consent_keeps_no_verifier(self, bench: Bench) -> None:
        """What has been used up is not kept."""
        bench.connect()

        assert bench.database.rows("SELECT verifier FROM consents") == [{"verifier": ""}]


class TestStates:
    """What a returning state is measured against."""

    def test_state_works_once(self, bench: Bench) -> None:
        """A replayed state is refused and changes nothing."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        row = bench.connections.complete(Return(state=started.state), code, "", CALLER)

        refused(
            lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER),
            Reason.STATE_USED,
        )
        assert bench.row() == row

    def test_state_replayed_at_the_same_time_works_once(self, bench: Bench) -> None:
        """Of two returns at once one connects and the other is refused."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")

        outcomes = in_threads(
            *[lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER)] * 2
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
            lambda: bench.connections.complete(Return(state=started.state), "code", "", CALLER),
            Reason.STATE_EXPIRED,
        )
        assert bench.ledger.calls == []

    def test_foreign_states_look_unknown(self, bench: Bench) -> None:
        """Another caller's and another workspace's state are refused as a made-up one is."""
        started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        code = bench.ledger.consent(started.url, "mia", "kauri")
        complete, mine = bench.connections.complete, Return(state=started.state)

        refusals = [
            refused(call, Reason.STATE_UNKNOWN)
            for call in (
                lambda: complete(Return(state="made-up"), code, "", CALLER),
                lambda: complete(mine, code, "", "somebody else"),
                lambda: complete(mine, code, "", CALLER, lambda name: name == "globex"),
            )
        ]

        assert len({(str(each), str(each.metadata)) for each in refusals}) == 1
        assert bench.ledger.calls == []
        assert complete(mine, code, "", CALLER).state is ConnectionState.CONNECTED

    def test_old_consents_are_forgotten(self, bench: Bench) -> None:
        """Housekeeping deletes consents a day after they expired, not before."""
        bench.connections.start("acme", "ledger", REDIRECT, CALLER)
        bench.clock.advance(seconds=86_400)
        bench.connections.forget_expired()
        kept = len(bench.database.rows("SELECT 1 AS one FROM consents"))
        bench.clock.advance(seconds=601)
        bench.connections.forget_expired()

        assert (kept, bench.database.rows("SELECT 1 AS one FROM consents")) == (1, [])
