import pytest
from cryptography.fernet import Fernet

from syncline_server.storage.cipher import Cipher, CipherError, parse_keys

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_was_encrypted_comes_back() -> None:
    """A text survives the way there and back, and is unreadable between."""
    secret = Cipher([NEW]).encrypt("pōhutukawa")

    assert "pōhutukawa" not in secret
    assert Cipher([NEW]).decrypt(secret) == "pōhutukawa"


def test_older_keys_still_open() -> None:
    """A ring opens what any of its keys closed, and closes with the first."""
    ring = Cipher([NEW, OLD])

    assert ring.decrypt(Cipher([OLD]).encrypt("text")) == "text"
    assert Cipher([NEW]).decrypt(ring.encrypt("text")) == "text"


def test_rotation_moves_a_text_to_the_first_key() -> None:
    """After rotation the old key is no longer needed."""
    moved = Cipher([NEW, OLD]).rotate(Cipher([OLD]).encrypt("text"))

    assert Cipher([NEW]).decrypt(moved) == "text"


@pytest.mark.parametrize("work", ["decrypt", "rotate"])
def test_no_fitting_key_is_said_clearly(work: str) -> None:
    """A text of another key is refused without showing anything."""
    secret = Cipher([OLD]).encrypt("text")

    with pytest.raises(CipherError, match="no encryption key fits") as caught:
        getattr(Cipher([NEW]), work)(secret)

    assert secret not in str(caught.value)
    assert NEW not in str(caught.value)


def test_altered_text_is_refused() -> None:
    """What was tampered with does not open."""
    secret = Cipher([NEW]).encrypt("text")

    with pytest.raises(CipherError):
        Cipher([NEW]).decrypt(secret[:-4] + "AAA=")


@pytest.mark.parametrize(
    ("keys", "said"), [([], "there is no encryption key"), ([NEW, "short"], "encryption key 2")]
)
def test_malformed_ring_is_refused(keys: list[str], said: str) -> None:
    """A missing or malformed key is named by its place, never shown."""
    with pytest.raises(CipherError, match=said) as caught:
        Cipher(keys)

    assert "short" not in str(caught.value)


def test_repr_shows_no_key() -> None:
    """A cipher can be printed."""
    assert NEW not in repr(Cipher([NEW]))


def test_keys_are_read_from_a_list() -> None:
    """Keys are separated by commas; blanks and empty places are left out."""
    assert parse_keys(f" {NEW}, ,{OLD},") == (NEW, OLD)
