"""Changing the file of accounts: whole or not at all, one at a time, its owner's alone."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from syncline_console.accounts import Account, read, written

_OWNER_ONLY: Final = 0o600


def change(file: Path, edit: Callable[[dict[str, Account]], None]) -> None:
    """Change accounts in place, while nobody else does.

    :param edit: changes the accounts it is handed, by name; what it raises leaves the file alone.
    :raises OSError: the file cannot be read or written.
    :raises syncline_console.accounts.AccountsUnreadable: it is malformed.
    """
    lock_file = os.open(_lock_of(file), os.O_WRONLY | os.O_CREAT, _OWNER_ONLY)
    with os.fdopen(lock_file, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        accounts = read_file(file)
        edit(accounts)
        _replace(file, written(accounts))


def read_file(file: Path) -> dict[str, Account]:
    """Return the accounts of a file; none where there is none.

    :raises OSError: it cannot be read.
    :raises syncline_console.accounts.AccountsUnreadable: it is malformed.
    """
    try:
        return read(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _lock_of(file: Path) -> Path:
    """Return a file beside it: the file itself is another one after each change."""
    return file.with_name(f".{file.name}.lock")


def _replace(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), _OWNER_ONLY)
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
