"""The data folder: private, and of one server process at a time in embedded mode."""

import fcntl
from io import TextIOWrapper
from pathlib import Path

_LOCK = "server.lock"


class FolderTaken(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """Another server process holds the folder."""


def prepare(folder: Path) -> None:
    """Make the folder, readable by its owner alone, if it is not there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def claim(folder: Path) -> TextIOWrapper:
    """Hold the folder until the returned file is closed or the process dies.

    :raises FolderTaken: another process holds it.
    """
    prepare(folder)
    lock = (folder / _LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise FolderTaken(
            f"another syncline-server works in {folder}: stop it first, or set"
            " SYNCLINE_DATA_FOLDER to another folder"
        ) from None
    return lock
