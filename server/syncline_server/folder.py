"""The data folder: private, and of one server process at a time in embedded mode."""

import fcntl
from io import TextIOWrapper
from pathlib import Path

_LOCK = "server.lock"


class FolderTaken(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """Another server process holds the folder."""


class FolderUnusable(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """The folder cannot be made or written in."""


def prepare(folder: Path) -> None:
    """Make the folder, readable by its owner alone, if it is not there.

    :raises FolderUnusable: it cannot be made, or is no folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(folder, error) from None


def claim(folder: Path) -> TextIOWrapper:
    """Hold the folder until the returned file is closed or the process dies.

    :raises FolderTaken: another process holds it.
    :raises FolderUnusable: it cannot be made or written in.
    """
    prepare(folder)
    try:
        lock = (folder / _LOCK).open("w")
    except OSError as error:
        raise _unusable(folder, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise FolderTaken(
            f"another syncline-server works in {folder}: stop it first, or set"
            " SYNCLINE_DATA_FOLDER to another folder"
        ) from None
    return lock


def _unusable(folder: Path, error: OSError) -> FolderUnusable:
    return FolderUnusable(
        f"the data folder {folder} cannot be used ({error.strerror}): set SYNCLINE_DATA_FOLDER to"
        " one that can be written"
    )
