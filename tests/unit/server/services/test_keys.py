from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from clockwork import START
from syncline_server.core.names import Connection
from syncline_server.core.tokens import Consent, Grant, TokenSet
from syncline_server.services.keys import Keys, KeyUse
from syncline_server.storage import consents, grants, sealed
from syncline_server.storage.cipher import Cipher, Ring
from syncline_server.storage.database import Database

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
OLD_ID, NEW_ID, LOST_ID = (Ring([key]).ids[0] for key in (OLD, NEW, LOST))
TOKENS = TokenSet(access="access-1", refresh="refresh-1", expire_time=START)
NEWER = TokenSet(access="access-2", refresh="refresh-2", expire_time=START)
SOON = START + timedelta(seconds=30)


class Meddling(Cipher):
    """A cipher that lets something happen each time between reading a secret and replacing it."""

    meddle: Callable[[], None]

    def rewrap(self, secret: str, place: sealed.Place) -> str:
        """Rewrap, after something has happened."""
        self.meddle()
        return super().rewrap(secret, place)


def grant(name: str) -> Grant:
    """Return a person's grant."""
    return Grant(id=name, provider="ledger", subject=name, tokens=TOKENS, refresh_time=START)


def put(database: Database, key: str, *names: str) -> None:
    """Store grants of people under a key."""
    for name in names:
        grants.put(database, Cipher([key]), grant(name))


def put_fernet(database: Database, key: str, name: str) -> None:
    """Store a grant as it was before there were envelopes."""
    put(database, key, name)
    text = b'{"access": "access-1", "refresh": "refresh-1"}'
    token = Fernet(key).encrypt(text).decode()
    database.execute("UPDATE grants SET tokens = ? WHERE id = ?", (token, name))


def silent(_table: str, _seen: int, _moved: int) -> None:
    """Tell nobody of progress."""


def use(key_id: str, secrets: int, fernet: int = 0, **other: bool) -> KeyUse:
    """Return how a key that is in the ring and not its first is used, unless said otherwise."""
    standing = {"in_ring": True, "is_first": False, **other}
    return KeyUse(key_id=key_id, secrets=secrets, fernet=fernet, **standing)


def test_keys_in_use_are_counted(database: Database) -> None:
    """Those of the ring in their order, unused ones too; then those that are missing from it."""
    put(database, NEW, "a", "b")
    put_fernet(database, OLD, "c")
    put(database, LOST, "d")
    put_fernet(database, LOST, "e")

    found = Keys(database, Cipher([NEW, OLD])).in_use()

    assert found == [
        use(NEW_ID, 2, is_first=True),
        use(OLD_ID, 1, 1),
        use("", 1, 1, in_ring=False),
        use(LOST_ID, 1, in_ring=False),
    ]
    assert not any(each.may_be_dropped for each in found)


def test_everything_comes_under_the_first_key(database: Database) -> None:
    """Afterwards the old key may be dropped, and doing it again changes nothing."""
    put(database, OLD, "a")
    put_fernet(database, OLD, "b")
    put_fernet(database, NEW, "c")
    put(database, NEW, "d")
    keys = Keys(database, Cipher([NEW, OLD]))

    done = keys.rotate(silent)

    assert (done.moved, done.unreadable, done.contested) == (3, 0, 0)
    assert [each.may_be_dropped for each in keys.in_use()] == [False, True]
    for name in "abcd":
        assert grants.get(database, Cipher([NEW]), name) == grant(name)
    before = database.rows("SELECT * FROM grants ORDER BY id")
    assert keys.rotate(silent).moved == 0
    assert database.rows("SELECT * FROM grants ORDER BY id") == before


def test_verifiers_of_consents_under_way_come_along(database: Database) -> None:
    """Whoever approves access while keys are rotated is connected all the same."""
    key = Connection("acme", "ledger")
    place = consents.place("state", key)
    consent = Consent(
        workspace=key.workspace,
        provider=key.provider,
        caller="admin",
        redirect_uri="http://localhost",
        sealed_verifier=Cipher([OLD]).encrypt("verifier", place),
        expire_time=SOON,
    )
    consents.add(database, "state", consent, START)

    assert Keys(database, Cipher([NEW, OLD])).rotate(silent).moved == 1

    found = consents.find(database, "state")
    assert found is not None
    assert Cipher([NEW]).decrypt(found.sealed_verifier, place) == "verifier"


def test_what_cannot_be_opened_is_left_as_it_is(database: Database) -> None:
    """The others are brought over all the same, and it is told how many were not."""
    put(database, OLD, "a", "c")
    put(database, LOST, "b")
    before = database.row("SELECT * FROM grants WHERE id = 'b'")

    done = Keys(database, Cipher([NEW, OLD])).rotate(silent)

    assert (done.moved, done.unreadable) == (2, 1)
    assert database.row("SELECT * FROM grants WHERE id = 'b'") == before


def test_a_token_renewed_meanwhile_is_never_overwritten(database: Database) -> None:
    """The newer one stays, and is brought over in the next round, if a server's key is old."""
    put(database, OLD, "a")
    cipher = Meddling([NEW, OLD])
    renewals = [NEWER]

    def renew() -> None:
        if renewals:
            grants.lease(database, grant("a"), "holder", START, SOON)
            assert grants.renew(
                database, Cipher([OLD]), grant("a"), "holder", renewals.pop(), START
            )

    cipher.meddle = renew
    told: list[tuple[str, int, int]] = []

    done = Keys(database, cipher).rotate(lambda *progress: told.append(progress))

    kept = grants.get(database, Cipher([NEW]), "a")
    assert kept is not None
    assert kept.tokens == NEWER
    assert (done.moved, done.contested) == (1, 0)
    assert told == [("grants", 1, 0), ("grants", 1, 1)]


def test_what_is_written_again_and_again_is_told(database: Database) -> None:
    """Rotating comes to an end where a server never stops writing, and says what is left."""
    put(database, OLD, "a")
    cipher = Meddling([NEW, OLD])
    cipher.meddle = lambda: put(database, OLD, "a")

    done = Keys(database, cipher).rotate(silent)

    assert (done.moved, done.contested) == (0, 1)


def test_a_renewal_under_way_is_not_disturbed(database: Database) -> None:
    """Who holds the lease stores after the row was brought over, and who read it takes one."""
    put(database, OLD, "a", "b")
    grants.lease(database, grant("a"), "holder", START, SOON)

    Keys(database, Cipher([NEW, OLD])).rotate(silent)

    assert grants.renew(database, Cipher([OLD]), grant("a"), "holder", NEWER, START)
    assert grants.lease(database, grant("b"), "holder", START, SOON)


@pytest.mark.parametrize("moved", [1, 150])
def test_rotating_takes_up_where_it_was_ended(database: Database, moved: int) -> None:
    """After kill -9 between two pages the rest is brought over, and nothing twice."""
    put(database, OLD, *(f"p{number:03}" for number in range(moved)))
    put(database, NEW, "q")

    done = Keys(database, Cipher([NEW, OLD])).rotate(silent)

    assert done.moved == moved
