from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from syncline_server.commands.workspaces import FileRefused, nameless, new_file

Unnamed = Callable[[Path], IO[bytes] | None]


def cannot(_folder: Path) -> None:
    """Be a file system that has no files without a name."""


@pytest.fixture(params=[nameless, cannot])
def unnamed(request: pytest.FixtureRequest) -> Unnamed:
    """What the file system can do, and what it does where it cannot."""
    made: Unnamed = request.param
    return made


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path, unnamed: Unnamed) -> None:
    """Then it is its owner's alone, and nothing lies beside it."""
    target = tmp_path / "acme.zip"

    with new_file(target, unnamed) as file:
        file.write(b"all of acme")
        assert not target.exists()

    assert target.read_bytes() == b"all of acme"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_until_then_there_is_nothing_that_a_kill_could_leave(tmp_path: Path) -> None:
    """Where the file system can, what is half written has no name."""
    probe = nameless(tmp_path)
    if probe is None:
        return
    probe.close()

    with new_file(tmp_path / "acme.zip") as file:
        file.write(b"half of acme")
        assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path, unnamed: Unnamed) -> None:
    """Neither what was there nor what came meanwhile."""
    target = tmp_path / "acme.zip"

    with pytest.raises(FileRefused, match="File exists"), new_file(target, unnamed):
        target.write_text("theirs")
    with pytest.raises(FileRefused, match="nothing is overwritten"), new_file(target, unnamed):
        pass

    assert target.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, unnamed: Unnamed) -> None:
    """In a sentence."""
    target = tmp_path / "none" / "acme.zip"

    with pytest.raises(FileRefused, match="No such file"), new_file(target, unnamed):
        pass
