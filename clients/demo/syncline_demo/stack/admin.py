"""The account one signs in with at a local stack's console: made on the first start, and told."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from syncline_console.account_file import change, read_file
from syncline_console.accounts import Account, AccountsUnreadable
from syncline_console.passwords import SHORTEST, Passwords
from syncline_console.people import Role
from syncline_demo.stack.errors import StackError
from syncline_demo.stack.folder import kept

NAME: Final = "admin"
_WORDS: Final = 3
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike: somebody types it."""


@dataclass(frozen=True, kw_only=True)
class Admin:
    """Who may do everything in every workspace."""

    name: str
    password: str = field(repr=False)


def accounts_file(folder: Path) -> Path:
    """Return where the console of a data folder has its accounts."""
    return folder / "accounts.json"


def admin_of(folder: Path) -> Admin | None:
    """Return the account, made on first use; None when somebody removed it or its password file.

    :raises StackError: the file of accounts or of the password was spoiled.
    """
    file, password = accounts_file(folder), _password_file(folder)
    if not file.exists():
        _make(folder)
    try:
        names = read_file(file)
    except AccountsUnreadable as error:
        raise StackError(f"{file} {error}. Mend it, or remove it for a new account.") from None
    if NAME not in names or not password.exists():
        return None
    return Admin(name=NAME, password=password.read_text(encoding="utf-8").strip())


def session_keys(folder: Path) -> Path:
    """Return the file with the folder's session keys, made on first use."""
    return kept(folder / "session.keys", secrets.token_urlsafe(32))


def _make(folder: Path) -> None:
    word = "-".join("".join(secrets.choice(_LETTERS) for _ in range(6)) for _ in range(_WORDS))
    file = kept(_password_file(folder), word)
    password = file.read_text(encoding="utf-8").strip()
    if len(password) < SHORTEST:
        raise StackError(
            f"{file} has no password of {SHORTEST} characters. Remove it for a new one."
        )
    account = Account(
        name=NAME,
        title="Administrator",
        everywhere=Role.ADMIN,
        password_hash=Passwords().hash(password),
    )

    def put(accounts: dict[str, Account]) -> None:
        accounts.setdefault(NAME, account)

    change(accounts_file(folder), put)


def _password_file(folder: Path) -> Path:
    return folder / "admin.password"
