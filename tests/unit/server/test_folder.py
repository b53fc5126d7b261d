from pathlib import Path

import pytest

from syncline_server.folder import FolderTaken, FolderUnusable, claim, prepare


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    """The folder is made with what leads to it, and nobody else can look inside."""
    folder = tmp_path / "some" / "data"

    prepare(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_has_one_server(tmp_path: Path) -> None:
    """It is free again once the holder lets go."""
    with claim(tmp_path), pytest.raises(FolderTaken, match="another syncline-server works in"):
        claim(tmp_path)
    claim(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """An operator reads which folder it is and what to set, not a traceback."""
    file = tmp_path / "file"
    file.touch()

    for folder in (file, file / "below"):
        with pytest.raises(FolderUnusable, match="SYNCLINE_DATA_FOLDER") as refused:
            claim(folder)
        assert str(folder) in str(refused.value)


def test_a_lock_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that can be seen but not written in is refused in the same words."""
    (tmp_path / "server.lock").mkdir()

    with pytest.raises(FolderUnusable, match="cannot be used"):
        claim(tmp_path)
