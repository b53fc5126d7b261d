from dataclasses import replace

import pytest

from connect_bench import CALLER, Bench, refused
from ledger import HOME, REDIRECT, ledger_provider
from syncline_server.core.errors import Reason
from syncline_server.core.model import ConnectionState
from syncline_server.services.consents import Return
from syncline_server.storage.database import Database

MINE, THEIRS = "m" * 43, "t" * 43


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process whose provider names itself."""
    return Bench(database, provider=replace(ledger_provider(), issuer=HOME))


@pytest.mark.parametrize("browser", ["", THEIRS, MINE + "m", MINE[:-1]])
def test_consent_of_one_browser_ends_in_no_other(bench: Bench, browser: str) -> None:
    """Who brings no secret or another one is refused as unknown, and the right one still goes."""
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER, MINE)
    code = bench.ledger.consent(started.url, "mia", "kauri")
    complete = bench.connections.complete

    refused(
        lambda: complete(Return(state=started.state, browser=browser), code, "", CALLER),
        Reason.STATE_UNKNOWN,
    )

    assert bench.ledger.calls == []
    row = complete(Return(state=started.state, browser=MINE), code, "", CALLER)
    assert row.state is ConnectionState.CONNECTED


def test_consent_of_no_browser_ends_in_none(bench: Bench) -> None:
    """One that was started without a secret is not taken from a browser that waits for its own."""
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mallory", "kauri")

    refused(
        lambda: bench.connections.complete(
            Return(state=started.state, browser=THEIRS), code, "", CALLER
        ),
        Reason.STATE_UNKNOWN,
    )

    assert bench.row().state is ConnectionState.NOT_CONNECTED


def test_error_from_another_browser_spoils_nothing(bench: Bench) -> None:
    """A forged refusal does not use up a state that is bound to a browser."""
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER, MINE)

    refused(
        lambda: bench.connections.complete(
            Return(state=started.state), "", "access_denied", CALLER
        ),
        Reason.STATE_UNKNOWN,
    )

    code = bench.ledger.consent(started.url, "mia", "kauri")
    row = bench.connections.complete(Return(state=started.state, browser=MINE), code, "", CALLER)
    assert row.state is ConnectionState.CONNECTED


def test_secret_of_a_browser_is_stored_as_a_hash(bench: Bench) -> None:
    """Neither the secret nor the state is in the database."""
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER, MINE)

    (row,) = bench.database.rows("SELECT * FROM consents")

    assert len(row["browser_hash"]) == 64
    assert not {MINE, started.state} & {str(value) for value in row.values()}


@pytest.mark.parametrize("issuer", ["https://evil.example", f"{HOME}/", HOME.upper()])
def test_answer_of_another_issuer_is_refused(bench: Bench, issuer: str) -> None:
    """An answer that says to be from elsewhere is refused unasked, and the true one still goes."""
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mia", "kauri")
    complete = bench.connections.complete

    refused(
        lambda: complete(Return(state=started.state, issuer=issuer), code, "", CALLER),
        Reason.STATE_UNKNOWN,
    )

    assert bench.ledger.calls == []
    row = complete(Return(state=started.state, issuer=HOME), code, "", CALLER)
    assert row.state is ConnectionState.CONNECTED


def test_issuer_is_not_looked_at_where_none_is_declared(database: Database) -> None:
    """A provider whose plugin names no issuer may say what it likes."""
    bench = Bench(database)
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mia", "kauri")

    returned = Return(state=started.state, issuer="https://somewhere.example")

    row = bench.connections.complete(returned, code, "", CALLER)
    assert row.state is ConnectionState.CONNECTED
