from datetime import timedelta

import pytest

from clockwork import START
from syncline_server.core.names import Connection
from syncline_server.core.tokens import Consent, Grant, TokenSet
from syncline_server.storage import consents, grants, sealed
from syncline_server.storage.cipher import Cipher, Place
from syncline_server.storage.database import Database
from syncline_server.storage.sealed import CONSENT_VERIFIER, GRANT_TOKENS

KEY = "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg="
CIPHER = Cipher([KEY])
TOKENS = TokenSet(access="access-1", refresh="refresh-1", expire_time=START)


@pytest.fixture(autouse=True)
def five(database: Database) -> None:
    """Five grants."""
    for number in range(5):
        grants.put(database, CIPHER, grant(number))


def grant(number: int) -> Grant:
    """Return one person's grant."""
    return Grant(
        id=f"g{number}",
        provider="ledger",
        subject=f"person {number}",
        tokens=TOKENS,
        refresh_time=START,
    )


def stored(database: Database, column: sealed.Column) -> list[sealed.Sealed]:
    """Return every secret of a column."""
    return [each for page in sealed.pages(database, column, 2) for each in page]


def test_every_secret_is_read_once(database: Database) -> None:
    """Pages hold all of them, in order, as many as asked for at a time."""
    sizes = [len(page) for page in sealed.pages(database, GRANT_TOKENS, 2)]

    assert sizes == [2, 2, 1]
    assert [each.key for each in stored(database, GRANT_TOKENS)] == [f"g{n}" for n in range(5)]


def test_a_secret_opens_in_the_place_it_is_read_with(database: Database) -> None:
    """What reads columns in general agrees with what wrote them, for grants and consents."""
    key = Connection("acme", "ledger")
    verifier = CIPHER.encrypt("verifier", consents.place("state", key))
    consent = Consent(
        workspace="acme",
        provider="ledger",
        caller="admin",
        redirect_uri="http://localhost",
        sealed_verifier=verifier,
        expire_time=START + timedelta(minutes=10),
    )
    consents.add(database, "state", consent, START)
    (read,) = stored(database, CONSENT_VERIFIER)

    assert CIPHER.decrypt(read.text, read.place) == "verifier"
    opened = CIPHER.decrypt(*attributes(stored(database, GRANT_TOKENS)[0]))
    assert "access-1" in opened

    consents.use(database, "state", START)
    assert stored(database, CONSENT_VERIFIER) == []


def attributes(secret: sealed.Sealed) -> tuple[str, Place]:
    """Return what opens a secret."""
    return secret.text, secret.place


def test_only_what_is_still_as_it_was_read_is_replaced(database: Database) -> None:
    """A grant that was renewed after it had been read keeps its new tokens."""
    read = stored(database, GRANT_TOKENS)
    newer = TokenSet(access="access-2", refresh="refresh-2", expire_time=START)
    grants.lease(database, grant(1), "holder", START, START)
    grants.renew(database, CIPHER, grant(1), "holder", newer, START)

    changes = [(each, CIPHER.rewrap(each.text, each.place)) for each in read]
    done = sealed.replace(database, GRANT_TOKENS, changes)

    assert done == 4
    kept = grants.get(database, CIPHER, "g1")
    assert kept is not None
    assert kept.tokens == newer
    assert grants.get(database, CIPHER, "g0") == grant(0)


def test_a_stored_secret_can_be_printed(database: Database) -> None:
    """Not even its closed text is shown."""
    assert "v2." not in repr(stored(database, GRANT_TOKENS))
