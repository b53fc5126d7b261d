"""``python -m syncline_console accounts …``: who may sign in on this machine."""

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TextIO

from syncline_console.account_file import change, read_file
from syncline_console.accounts import Account, AccountsUnreadable, is_name, is_title
from syncline_console.addresses import is_workspace
from syncline_console.passwords import LONGEST, SHORTEST, Passwords
from syncline_console.people import Role

_VARIABLE: Final = "SYNCLINE_CONSOLE_ACCOUNTS_FILE"


class CommandRefused(Exception):  # noqa: N818 - an answer, not a malfunction
    """The command cannot be done; the message says why and what to do."""


def run(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    typed: TextIO,
    passwords: Passwords | None = None,
) -> int:
    """Run a command; return the exit code.

    :param typed: where a password is read from, one line, unless it is a terminal.
    """
    options = _parser().parse_args(arguments)
    try:
        file = environ.get(_VARIABLE, "").strip()
        if not file:
            raise CommandRefused(f"{_VARIABLE}: must name the file of accounts")  # noqa: TRY301 - one way out
        options.run(_Desk(Path(file), typed, passwords or Passwords()), options)
    except CommandRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    except AccountsUnreadable as error:
        sys.stderr.write(f"{_VARIABLE}: the file {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{_VARIABLE}: {error.strerror}\n")
        return 2
    return 0


class _Desk:
    """Changes one file of accounts."""

    def __init__(self, file: Path, typed: TextIO, passwords: Passwords) -> None:
        self._file = file
        self._typed = typed
        self._passwords = passwords

    def add(self, options: argparse.Namespace) -> None:
        """Make an account."""
        name, title = options.name, options.title or options.name
        if not is_name(name):
            raise CommandRefused("A name has 1 to 64 small letters, digits and . _ @ -")
        if not is_title(title):
            raise CommandRefused("A title has 1 to 100 printable characters.")
        if name in read_file(self._file):
            raise CommandRefused(f"There is an account {name} already.")
        account = _with_roles(Account(name=name, title=title, password_hash=self._hash()), options)

        def put(accounts: dict[str, Account]) -> None:
            if name in accounts:
                raise CommandRefused(f"There is an account {name} already.")
            accounts[name] = account

        change(self._file, put)
        sys.stdout.write(f"Added {name}.\n")

    def list(self, _options: argparse.Namespace) -> None:
        """Print them, without their passwords."""
        for account in read_file(self._file).values():
            roles = [f"{workspace}:{role.lower()}" for workspace, role in account.roles.items()]
            everywhere = [f"*:{account.everywhere.lower()}"] if account.everywhere else []
            told = " ".join([*everywhere, *sorted(roles)]) or "(no workspace)"
            sys.stdout.write(f"{account.name}\t{account.title}\t{told}\n")

    def remove(self, options: argparse.Namespace) -> None:
        """Take an account away."""
        self._edit(options.name, lambda _account: None)
        sys.stdout.write(f"Removed {options.name}; whoever was signed in with it is signed out.\n")

    def roles(self, options: argparse.Namespace) -> None:
        """Give an account other roles, in place of those it has."""
        self._edit(options.name, lambda account: _with_roles(account, options))
        sys.stdout.write(f"Changed {options.name}; whoever was signed in with it is signed out.\n")

    def password(self, options: argparse.Namespace) -> None:
        """Give an account another password."""
        if options.name not in read_file(self._file):
            raise CommandRefused(f"There is no account {options.name}.")
        hashed = self._hash()
        self._edit(options.name, lambda account: replace(account, password_hash=hashed))
        sys.stdout.write(f"Changed {options.name}; whoever was signed in with it is signed out.\n")

    def _edit(self, name: str, edit: Callable[[Account], Account | None]) -> None:
        def put(accounts: dict[str, Account]) -> None:
            if name not in accounts:
                raise CommandRefused(f"There is no account {name}.")
            changed = edit(accounts.pop(name))
            if changed is not None:
                accounts[name] = changed

        change(self._file, put)

    def _hash(self) -> str:
        password = self._read()
        if not SHORTEST <= len(password) <= LONGEST:
            raise CommandRefused(f"A password has {SHORTEST} to {LONGEST} characters.")
        return self._passwords.hash(password)

    def _read(self) -> str:
        """Return a password that was typed, or comes in on one line; never from the arguments."""
        if not self._typed.isatty():
            return self._typed.readline().rstrip("\r\n")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise CommandRefused("These were two different passwords.")
        return password


def _with_roles(account: Account, options: argparse.Namespace) -> Account:
    role = Role(options.role.upper())
    wrong = [each for each in options.workspace if not is_workspace(each)]
    if wrong:
        raise CommandRefused(f"No workspace's id: {', '.join(wrong)}")
    roles = dict.fromkeys(options.workspace, role)
    return replace(account, roles=roles, everywhere=role if options.all_workspaces else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="syncline-console", description=__doc__)
    kinds = parser.add_subparsers(required=True)
    accounts = kinds.add_parser("accounts", help="local accounts").add_subparsers(required=True)
    for command, what in (("add", "make an account"), ("roles", "give it other roles")):
        each = _command(accounts, command, what)
        each.add_argument("--role", required=True, choices=[role.lower() for role in Role])
        where = each.add_mutually_exclusive_group(required=True)
        where.add_argument("--workspace", action="append", default=[], metavar="ID")
        where.add_argument("--all-workspaces", action="store_true")
        if command == "add":
            each.add_argument("--title", default="", help="what people call them")
    _command(accounts, "password", "give it another password")
    _command(accounts, "remove", "take it away")
    listing = accounts.add_parser("list", help="name, title and roles of each")
    listing.set_defaults(run=_Desk.list)
    return parser


def _command(
    accounts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    each = accounts.add_parser(name, help=what)
    each.add_argument("name")
    each.set_defaults(run=getattr(_Desk, name))
    return each
