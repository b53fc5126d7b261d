"""The data folder of a local stack: private, one stack at a time, with its own encryption key."""

import fcntl
import os
import tempfile
from base64 import urlsafe_b64encode
from io import TextIOWrapper
from pathlib import Path

from syncline_demo.stack.errors import StackError

_OWNER_ONLY_FOLDER = 0o700
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
    if file.exists() and not file.stat().st_size:
        file.unlink()  # nothing was ever encrypted: a start was killed that wrote it in two steps
    return kept(file, urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode())


def kept(file: Path, text: str) -> Path:
    """Write a secret that is not there yet, for its owner alone: whole, or not at all."""
    if file.exists():
        return file
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # 0600
    new = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(f"{text}\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return file
