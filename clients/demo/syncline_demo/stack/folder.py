"""The data folder of a local stack: private, one stack at a time, with its own encryption key."""

import fcntl
import os
from base64 import urlsafe_b64encode
from io import TextIOWrapper
from pathlib import Path

from syncline_demo.stack.errors import StackError

_OWNER_ONLY_FOLDER = 0o700
_OWNER_ONLY_FILE = 0o600
_KEY_BYTES = 32  # of a Fernet key (github.com/fernet/spec)


def claim(folder: Path) -> TextIOWrapper:
    """Make the folder if it is not there, and hold it until the returned file is closed.

    :raises StackError: another stack holds it, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY_FOLDER)
        lock = (folder / "stack.lock").open("w")
    except OSError as error:
        raise StackError(
            f"The data folder {folder} cannot be used: {error.strerror}. Set SYNCLINE_DATA_FOLDER"
            " to a folder you may write to."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StackError(
            f"Another `make run` works in the data folder {folder}. Stop it first, or set"
            " SYNCLINE_DATA_FOLDER (and the three addresses) to run a second one."
        ) from None
    return lock


def encryption_key(folder: Path) -> Path:
    """Return the file with the folder's encryption key, made on first use.

    Losing it means connecting again: stored tokens cannot be read without it.
    """
    file = folder / "encryption.key"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE)
    except FileExistsError:
        return file
    with os.fdopen(descriptor, "wb") as new:
        new.write(urlsafe_b64encode(os.urandom(_KEY_BYTES)) + b"\n")
    return file
