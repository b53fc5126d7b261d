"""Local accounts, for one machine: who they are, and what they may do."""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from syncline_console.addresses import is_workspace
from syncline_console.passwords import Passwords
from syncline_console.people import Person, Role

LONGEST_TITLE: Final = 100
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_NOT_SECRET_LENGTH: Final = 22
_OTHERS: Final = 0o077
_log = logging.getLogger(__name__)


class AccountsUnreadable(Exception):  # noqa: N818 - the file is, whoever reads it
    """The file of accounts is not what it should be; the message says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One person who signs in with a password."""

    name: str
    """What they type to sign in; the audit trail names them by it."""
    title: str
    """What people call them."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    everywhere: Role | None = None
    password_hash: str = field(repr=False)

    @property
    def person(self) -> Person:
        """Who is signed in with it."""
        return Person(id=self.name, title=self.title, roles=self.roles, everywhere=self.everywhere)

    @property
    def mark(self) -> str:
        """What changes with the password, the title and the roles; tells nothing of them."""
        text = json.dumps(_stored(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_NOT_SECRET_LENGTH]


def is_name(text: str) -> bool:
    """Return whether a text can name an account: 1 to 64 small letters, digits and ``. _ @ -``."""
    return _NAME.fullmatch(text) is not None


def is_title(text: str) -> bool:
    """Return whether people can be called so: at most 100 printable characters."""
    return 0 < len(text) <= LONGEST_TITLE and text.isprintable() and not text.isspace()


def written(accounts: Mapping[str, Account]) -> str:
    """Return accounts as the text of their file."""
    stored = [_stored(each) for each in accounts.values()]
    return json.dumps({"accounts": stored}, indent=2, ensure_ascii=False) + "\n"


def read(text: str) -> dict[str, Account]:
    """Return the accounts of a file, by name.

    :raises AccountsUnreadable: it is malformed, or has a name twice.
    """
    try:
        found = [_account(each) for each in json.loads(text)["accounts"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AccountsUnreadable(f"is malformed ({type(error).__name__})") from None
    accounts = {each.name: each for each in found}
    if len(accounts) < len(found):
        raise AccountsUnreadable("has a name twice")
    return accounts


def _stored(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "title": account.title,
        "roles": {workspace: role.value for workspace, role in account.roles.items()},
        "everywhere": account.everywhere.value if account.everywhere else None,
        "password_hash": account.password_hash,
    }


def _account(stored: Mapping[str, Any]) -> Account:
    everywhere = stored["everywhere"]
    account = Account(
        name=stored["name"],
        title=stored["title"],
        roles={workspace: Role(role) for workspace, role in stored["roles"].items()},
        everywhere=Role(everywhere) if everywhere is not None else None,
        password_hash=stored["password_hash"],
    )
    if not is_name(account.name) or not is_title(account.title):
        raise ValueError
    if not isinstance(account.password_hash, str) or not all(map(is_workspace, account.roles)):
        raise ValueError
    return account


class Accounts:
    """The accounts of a file, read again when it changes; safe to share between threads.

    While the file cannot be read, nobody is let in by it.

    :param file: where they are; a file that is not there has none.
    """

    def __init__(self, file: Path, passwords: Passwords) -> None:
        self._file = file
        self._passwords = passwords
        self._lock = threading.Lock()
        self._seen: object = ()
        self._known: dict[str, Account] = {}

    def find(self, name: str) -> Account | None:
        """Return an account as it is now."""
        return self._now().get(name)

    def is_empty(self) -> bool:
        """Return whether there are none yet."""
        return not self._now()

    def check(self, name: str, password: str) -> Account | None:
        """Return the account whose name and password these are; None for any other.

        :raises syncline_console.passwords.Busy: too many are being checked already.
        """
        account = self.find(name)
        fits = self._passwords.fits(password, account.password_hash if account else None)
        return account if fits else None

    def _now(self) -> dict[str, Account]:
        with self._lock:
            state = self._state()
            if state != self._seen:
                self._seen, self._known = state, self._read()
            return self._known

    def _state(self) -> object:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return (status.st_ino, status.st_mtime_ns, status.st_size, status.st_ctime_ns)

    def _read(self) -> dict[str, Account]:
        try:
            if self._file.stat().st_mode & _OTHERS:
                _log.warning("others may read the file of accounts: chmod 600 %s", self._file)
            return read(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("the file of accounts cannot be read: %s", type(error).__name__)
        except AccountsUnreadable as error:
            _log.warning("the file of accounts %s", error)
        return {}
