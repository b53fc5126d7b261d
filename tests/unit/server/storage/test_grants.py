from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from clockwork import START
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.tokens import Grant, TokenSet
from syncline_server.storage import connections, grants
from syncline_server.storage.cipher import Cipher, CipherError
from syncline_server.storage.database import Database

KEY = Fernet.generate_key().decode()
LATER = START + timedelta(seconds=30)
TOKENS = TokenSet(access="access-1", refresh="refresh-1", expire_time=LATER)
NEXT = TokenSet(access="access-2", refresh="refresh-2", expire_time=LATER)
GRANT = Grant(id="g1", provider="ledger", subject="mia", tokens=TOKENS, refresh_time=START)


@pytest.fixture
def cipher() -> Cipher:
    """A ring of one key."""
    return Cipher([KEY])


@pytest.fixture(autouse=True)
def stored(database: Database, cipher: Cipher) -> Grant:
    """A stored grant."""
    grants.put(database, cipher, GRANT)
    return GRANT


def test_grant_comes_back_as_stored(database: Database, cipher: Cipher) -> None:
    """What was put can be got, and an unknown id gives nothing."""
    assert grants.get(database, cipher, "g1") == GRANT
    assert grants.get(database, cipher, "g2") is None


def test_tokens_are_encrypted(database: Database) -> None:
    """No column shows a token."""
    shown = str(database.rows("SELECT * FROM grants"))

    assert "access-1" not in shown
    assert "refresh-1" not in shown


def test_person_has_one_grant(database: Database, cipher: Cipher) -> None:
    """A second consent of the same person goes to the first grant and revives it."""
    grants.declare_dead(database, GRANT, "invalid_grant")

    kept = grants.put(database, cipher, replace(GRANT, id="g2", tokens=NEXT))

    after = grants.get(database, cipher, kept)
    assert kept == "g1"
    assert after == replace(GRANT, tokens=NEXT, version=3)


def test_one_worker_gets_the_lease(database: Database) -> None:
    """While one holds the lease another does not get it, until it runs out."""
    assert grants.lease(database, GRANT, "one", START, LATER)
    assert not grants.lease(database, GRANT, "two", START, LATER)
    assert grants.lease(database, GRANT, "two", LATER, LATER)


def test_failure_frees_the_lease_and_is_remembered(database: Database, cipher: Cipher) -> None:
    """Only its holder gives it back; who looks then knows of the failure, and may have it."""
    failed = GRANT.failed("invalid_client", START)
    grants.lease(database, GRANT, "one", START, LATER)

    assert not grants.fail(database, failed, "two")
    assert not grants.lease(database, GRANT, "two", START, LATER)
    assert grants.fail(database, failed, "one")
    assert not grants.lease(database, GRANT, "two", START, LATER)
    known = grants.get(database, cipher, "g1")
    assert known == replace(failed, version=2)
    assert grants.lease(database, known, "two", START, LATER)


def test_lease_from_before_the_clock_was_put_back_is_over(database: Database) -> None:
    """Nobody waits for a lease that ends later than any taken now would."""
    grants.lease(database, GRANT, "one", LATER, LATER + timedelta(hours=1))

    assert grants.lease(database, GRANT, "two", START, LATER)


def test_lease_of_who_looked_at_the_clock_a_moment_later_holds(database: Database) -> None:
    """Whoever took it first has it, also where the other's clock is a little behind."""
    late = timedelta(seconds=20)
    grants.lease(database, GRANT, "one", START + late, LATER + late)

    assert not grants.lease(database, GRANT, "two", START, LATER)


def test_success_and_consent_forget_failures(database: Database, cipher: Cipher) -> None:
    """Neither what was renewed nor what a person gave anew has to wait for anything."""
    failed = GRANT.failed("", START)
    for store in (
        lambda: grants.renew(database, cipher, GRANT, "one", NEXT, START),
        lambda: grants.put(database, cipher, replace(GRANT, tokens=NEXT)),
    ):
        known = grants.get(database, cipher, "g1")
        assert known is not None
        grants.lease(database, known, "one", START, LATER)
        grants.fail(database, failed, "one")
        grants.lease(database, replace(known, version=known.version + 1), "one", START, LATER)
        store()
        fresh = grants.get(database, cipher, "g1")

        assert fresh is not None
        assert (fresh.failures, fresh.retry_time, fresh.lease_until) == (0, None, None)
        assert grants.left_open(database, LATER, 9) == []


def test_what_may_have_got_through_unnoticed_is_left_open(database: Database) -> None:
    """So is a renewal whose holder died, and one that failed, once its pause is over."""
    grants.lease(database, GRANT, "one", START, LATER)
    assert grants.left_open(database, START, 9) == []
    assert grants.left_open(database, LATER, 9) == ["g1"]

    grants.fail(database, GRANT.failed("", START), "one")
    assert grants.left_open(database, START, 9) == []
    assert grants.left_open(database, LATER, 9) == ["g1"]
    assert grants.left_open(database, LATER, 0) == []


def test_lease_is_for_the_tokens_that_were_read(database: Database, cipher: Cipher) -> None:
    """Who read the grant before another renewed it gets no lease."""
    grants.lease(database, GRANT, "one", START, LATER)
    grants.renew(database, cipher, GRANT, "one", NEXT, START)

    assert not grants.lease(database, GRANT, "two", START, LATER)


def test_only_the_holder_stores(database: Database, cipher: Cipher) -> None:
    """A worker whose lease went to another cannot overwrite what that one stores."""
    grants.lease(database, GRANT, "one", START, START)
    grants.lease(database, GRANT, "two", LATER, LATER)

    assert not grants.renew(database, cipher, GRANT, "one", TOKENS, LATER)
    assert grants.renew(database, cipher, GRANT, "two", NEXT, LATER)
    assert grants.get(database, cipher, "g1") == replace(
        GRANT, tokens=NEXT, refresh_time=LATER, version=2
    )


def test_renewal_under_way_loses_against_a_consent(database: Database, cipher: Cipher) -> None:
    """Tokens of a new consent are not overwritten by a renewal that began before it."""
    grants.lease(database, GRANT, "one", START, LATER)
    grants.put(database, cipher, replace(GRANT, tokens=NEXT))

    assert not grants.renew(database, cipher, GRANT, "one", TOKENS, START)


def test_dead_is_declared_of_what_was_read(database: Database, cipher: Cipher) -> None:
    """A grant whose tokens were replaced meanwhile is not declared dead."""
    grants.lease(database, GRANT, "one", START, LATER)
    grants.renew(database, cipher, GRANT, "one", NEXT, START)

    assert not grants.declare_dead(database, GRANT, "invalid_grant")


def test_idle_grants_are_found(database: Database) -> None:
    """A living grant is idle when it was last renewed before the moment asked for."""
    assert grants.idle_since(database, START) == []
    assert grants.idle_since(database, LATER) == ["g1"]
    grants.declare_dead(database, GRANT, "invalid_grant")
    assert grants.idle_since(database, LATER) == []


@pytest.mark.parametrize("column", ["grant_id", "candidates_grant_id"])
def test_used_grant_is_kept(database: Database, cipher: Cipher, column: str) -> None:
    """A grant that a connection lives on, or may choose from, is not deleted."""
    key = Connection("acme", "ledger")
    with database.transaction():
        row = connections.lock(database, key, START)
        used = replace(row, state=ConnectionState.CONNECTED, **{column: "g1"})
        connections.save(database, used, START)
        kept = not grants.delete_unused(database, "g1")
        connections.save(database, row, START)
        deleted = grants.delete_unused(database, "g1")

    assert (kept, deleted) == (True, True)
    assert grants.get(database, cipher, "g1") is None


@pytest.mark.parametrize("column", ["subject", "provider"])
def test_tokens_open_beside_their_person_and_provider_only(
    database: Database, cipher: Cipher, column: str
) -> None:
    """Tokens that were put into another person's or provider's row do not open."""
    grants.put(database, cipher, replace(GRANT, id="g2", **{column: "other"}))
    database.execute("UPDATE grants SET tokens = (SELECT tokens FROM grants WHERE id = 'g1')")

    assert grants.get(database, cipher, "g1") == GRANT
    with pytest.raises(CipherError, match="moved from its place"):
        grants.get(database, cipher, "g2")


def test_living_grant_is_held_and_a_dead_one_is_not(database: Database) -> None:
    """Whether a connection may be made with a grant is known without opening it."""
    with database.transaction():
        assert grants.lock_living(database, "g1")
        assert not grants.lock_living(database, "g2")
        grants.declare_dead(database, GRANT, "invalid_grant")
        assert not grants.lock_living(database, "g1")


def test_stored_grant_shows_nothing(database: Database) -> None:
    """A grant that is read and not opened can be printed."""
    found = grants.sealed(database, "g1")

    assert found is not None
    assert "v2." not in repr(found)
