from base64 import urlsafe_b64encode

import pytest
from cryptography.fernet import Fernet

from syncline_server.storage.cipher import (
    Cipher,
    CipherError,
    KeyMissing,
    Place,
    Ring,
    is_envelope,
)

OLD, NEW = (urlsafe_b64encode(byte * 32).decode() for byte in (b"o", b"n"))
OLD_ID, NEW_ID = Ring([OLD]).ids[0], Ring([NEW]).ids[0]
HERE = Place("grants", "tokens", ("ledger", "mia"))


class Growing:
    """A ring that has another key once somebody looks because one is missing."""

    def __init__(self, now: list[str], later: list[str]) -> None:
        self._now, self._later = Ring(now), Ring(later)
        self.looks = 0

    def __call__(self, *, lacking: str | None = None) -> Ring:
        """Return the ring of the moment."""
        if lacking is not None:
            self.looks += 1
            self._now = self._later
        return self._now


def fernet(key: str, text: str) -> str:
    """Return a text as it was stored before there were envelopes."""
    return Fernet(key).encrypt(text.encode()).decode()


def test_what_was_encrypted_comes_back() -> None:
    """A text survives the way there and back, and is unreadable between."""
    secret = Cipher([NEW]).encrypt("pōhutukawa", HERE)

    assert "pōhutukawa" not in secret
    assert Cipher([NEW]).decrypt(secret, HERE) == "pōhutukawa"


def test_a_secret_names_its_format_and_key() -> None:
    """The text says how it is to be read and under which key, and nothing of the key."""
    version, key_id, _, _ = Cipher([NEW]).encrypt("text", HERE).split(".")

    assert (version, key_id) == ("v2", NEW_ID)
    assert NEW_ID != OLD_ID
    assert bytes.fromhex(NEW_ID) not in Fernet(NEW)._signing_key + Fernet(NEW)._encryption_key


def test_no_two_secrets_share_a_key_or_a_nonce() -> None:
    """The same text in the same place is never the same twice, in no part."""
    first, second = (Cipher([NEW]).encrypt("text", HERE).split(".")[2:] for _ in range(2))

    assert not set(first) & set(second)


def test_older_keys_still_open() -> None:
    """A ring opens what any of its keys closed, and closes with the first."""
    ring = Cipher([NEW, OLD])

    assert ring.decrypt(Cipher([OLD]).encrypt("text", HERE), HERE) == "text"
    assert Cipher([NEW]).decrypt(ring.encrypt("text", HERE), HERE) == "text"


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("consents", "tokens", ("ledger", "mia")),
        Place("grants", "subject", ("ledger", "mia")),
        Place("grants", "tokens", ("ledger", "noa")),
        Place("grants", "tokens", ("ledgermia",)),
    ],
    ids=["table", "column", "row", "parts of the row run together"],
)
@pytest.mark.parametrize("work", ["decrypt", "rewrap"])
def test_a_secret_opens_in_its_place_only(work: str, elsewhere: Place) -> None:
    """Copied to another table, column or row it neither opens nor moves to another key."""
    secret = Cipher([OLD]).encrypt("text", HERE)

    with pytest.raises(CipherError, match="moved from its place"):
        getattr(Cipher([NEW, OLD]), work)(secret, elsewhere)


def test_rewrapping_leaves_the_payload() -> None:
    """A secret moves to the first key by its data key alone; the old one is needed no more."""
    secret = Cipher([OLD]).encrypt("text", HERE)

    moved = Cipher([NEW, OLD]).rewrap(secret, HERE)

    assert moved.split(".")[3] == secret.split(".")[3]
    assert Cipher([NEW]).decrypt(moved, HERE) == "text"


def test_what_was_stored_before_envelopes_opens_and_becomes_one() -> None:
    """Fernet values open with any key of the ring, wherever they are, until they are rewrapped."""
    ring = Cipher([NEW, OLD])
    secret = fernet(OLD, "text")

    moved = ring.rewrap(secret, HERE)

    assert ring.decrypt(secret, HERE) == "text"
    assert is_envelope(moved)
    assert Cipher([NEW]).decrypt(moved, HERE) == "text"


def test_the_key_of_a_secret_is_told() -> None:
    """Of an old secret too, unless no key of the ring fits it."""
    ring = Cipher([NEW, OLD])

    assert ring.key_of(Cipher([OLD]).encrypt("text", HERE)) == OLD_ID
    assert ring.key_of(fernet(OLD, "text")) == OLD_ID
    assert Cipher([NEW]).key_of(fernet(OLD, "text")) == ""


@pytest.mark.parametrize("work", ["decrypt", "rewrap"])
def test_a_missing_key_is_named_by_its_id(work: str) -> None:
    """A secret of another key is refused, showing the id alone."""
    secret = Cipher([OLD]).encrypt("text", HERE)

    with pytest.raises(KeyMissing) as caught:
        getattr(Cipher([NEW]), work)(secret, HERE)

    assert str(caught.value) == (
        f"encryption key {OLD_ID} is missing: what is stored cannot be opened"
    )


def test_a_missing_key_of_an_old_secret_has_no_name() -> None:
    """A Fernet value does not tell its key."""
    secret = fernet(OLD, "text")

    with pytest.raises(KeyMissing, match="no encryption key fits") as caught:
        Cipher([NEW]).decrypt(secret, HERE)

    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "secret",
    [Cipher([NEW]).encrypt("text", HERE), fernet(NEW, "text")],
    ids=["envelope", "of before"],  # what is random must not name a test
)
def test_newer_keys_are_looked_for_when_one_is_missing(secret: str) -> None:
    """A key that was added meanwhile opens; where none is missing nobody looks."""
    ring = Growing([OLD], [OLD, NEW])
    cipher = Cipher(ring)

    assert cipher.decrypt(cipher.encrypt("ours", HERE), HERE) == "ours"
    assert ring.looks == 0
    assert cipher.decrypt(secret, HERE) == "text"
    assert ring.looks == 1


@pytest.mark.parametrize("part", [1, 2, 3])
def test_altered_secret_is_refused(part: int) -> None:
    """What was tampered with does not open, in whatever part."""
    parts = Cipher([NEW]).encrypt("text", HERE).split(".")
    parts[part] = ("0" if parts[part][0] != "0" else "1") + parts[part][1:]

    with pytest.raises(CipherError):
        Cipher([NEW]).decrypt(".".join(parts), HERE)


@pytest.mark.parametrize(
    "text", ["", "v2.", "v2.x", f"v2.{NEW_ID}", f"v2.{NEW_ID}.A.A", f"v2.{NEW_ID}.é.é", "gAAAA"]
)
def test_what_is_no_secret_is_refused_alike(text: str) -> None:
    """Whatever somebody wrote into the column fails with the same error class."""
    with pytest.raises(CipherError):
        Cipher([NEW]).decrypt(text, HERE)


@pytest.mark.parametrize(
    ("keys", "said"), [([], "there is no encryption key"), ([NEW, "short"], "encryption key 2")]
)
def test_malformed_ring_is_refused(keys: list[str], said: str) -> None:
    """A missing or malformed key is named by its place, never shown."""
    with pytest.raises(CipherError, match=said) as caught:
        Cipher(keys)

    assert "short" not in str(caught.value)


def test_repr_shows_no_key() -> None:
    """A cipher and a ring can be printed."""
    assert NEW not in repr(Cipher([NEW])) + repr(Ring([NEW]))
