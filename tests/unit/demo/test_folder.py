from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from syncline_demo.stack import folder
from syncline_demo.stack.errors import StackError


def test_the_folder_is_private(tmp_path: Path) -> None:
    """Tokens and keys live there, so only its owner may look."""
    data = tmp_path / "data"
    folder.claim(data).close()
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_second_stack_is_refused(tmp_path: Path) -> None:
    """The refusal names the folder and the way out."""
    with folder.claim(tmp_path), pytest.raises(StackError, match="SYNCLINE_DATA_FOLDER"):
        folder.claim(tmp_path)


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """A file in its place is told apart from a second stack."""
    (tmp_path / "data").write_text("")
    with pytest.raises(StackError, match="cannot be used"):
        folder.claim(tmp_path / "data")


def test_a_folder_can_be_held_again(tmp_path: Path) -> None:
    """Letting go is enough."""
    folder.claim(tmp_path).close()
    folder.claim(tmp_path).close()


def test_the_key_is_made_once_for_its_owner(tmp_path: Path) -> None:
    """A second start finds the same key, 32 bytes, that nobody else can read."""
    first = folder.encryption_key(tmp_path)
    before = first.read_bytes()
    assert folder.encryption_key(tmp_path).read_bytes() == before
    assert len(urlsafe_b64decode(before)) == 32
    assert first.stat().st_mode & 0o777 == 0o600


def test_a_key_that_was_never_written_is_made(tmp_path: Path) -> None:
    """A start that was killed right after it had made the file does not stop all later ones."""
    (tmp_path / "encryption.key").touch()

    assert len(urlsafe_b64decode(folder.encryption_key(tmp_path).read_bytes())) == 32
