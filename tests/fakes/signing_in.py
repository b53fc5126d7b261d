"""People with local accounts who sign in to a console under test."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher
from starlette.applications import Starlette

from browsing import ORIGIN, Page, Surfer
from identity_provider import ISSUER
from sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider
from syncline_console.account_file import change
from syncline_console.accounts import Account, Accounts
from syncline_console.admission import Admission
from syncline_console.company import Company, Registration
from syncline_console.guesses import Guesses
from syncline_console.passwords import Passwords
from syncline_console.people import Role
from syncline_console.session_keys import SessionKeys

SignedIn = Callable[..., Surfer]
"""Gives somebody with a role in workspaces, in all without any, who is signed in."""
PASSWORD = "correct horse battery staple"
KEY = "planted-session-key-of-enough-characters"


class Accounting:
    """A file of accounts that costs little to sign in with.

    :param file: where it is.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self._hash = self.passwords.hash(PASSWORD)
        self.accounts = Accounts(file, self.passwords)

    def put(self, name: str, role: Role | None, *workspaces: str, title: str = "") -> Account:
        """Add an account, or take the place of one: with a role in these workspaces, or in all."""
        account = Account(
            name=name,
            title=title or name.title(),
            roles=dict.fromkeys(workspaces, role) if role else {},
            everywhere=None if workspaces else role,
            password_hash=self._hash,
        )

        def edit(accounts: dict[str, Account]) -> None:
            accounts[name] = account

        change(self.file, edit)
        return account

    def remove(self, name: str) -> None:
        """Take an account away."""

        def edit(accounts: dict[str, Account]) -> None:
            del accounts[name]

        change(self.file, edit)

    def admission(self, clock: Callable[[], datetime], company: Company | None = None) -> Admission:
        """Return how its people get in."""
        return Admission(
            accounts=self.accounts,
            company=company,
            keys=SessionKeys([KEY]),
            clock=clock,
            guesses=Guesses(clock),
        )


def company_of(provider: SignInProvider, clock: Callable[[], datetime]) -> Company:
    """Return the way in by a company's identity provider."""
    registration = Registration(
        issuer=ISSUER,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        title="Acme ID",
        public_url=ORIGIN,
    )
    return Company(registration, SessionKeys([KEY]), clock, provider.transport)


def enter(surfer: Surfer, name: str, password: str = PASSWORD, path: str = "/sign-in") -> Page:
    """Sign in, as a person does."""
    page = surfer.open(path)
    return surfer.submit(page, "form[action^='/sign-in']", name=name, password=password)


def signed_in(app: Starlette, name: str) -> Surfer:
    """Return a browser of its own in which somebody is signed in."""
    surfer = Surfer(app)
    page = enter(surfer, name)
    if page.address.startswith("/sign-in"):
        raise AssertionError(f"{name} did not get in: {page.text}")
    return surfer
