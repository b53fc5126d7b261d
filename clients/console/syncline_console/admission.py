"""Everything by which people get in: accounts, the company's sign-in, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from syncline_console.accounts import Accounts
from syncline_console.company import Company
from syncline_console.ended import Ended
from syncline_console.entrance import Entrance
from syncline_console.guesses import Guesses
from syncline_console.passwords import Passwords
from syncline_console.session_cookie import Lifetime
from syncline_console.session_keys import SessionKeys, made_up


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Admission:
    """How people sign in. Without accounts and company nobody does."""

    accounts: Accounts | None = None
    company: Company | None = None
    keys: SessionKeys = field(default_factory=made_up)
    lifetime: Lifetime = field(default_factory=Lifetime)
    clock: Callable[[], datetime] = now
    ended: Ended = field(default_factory=Ended)
    guesses: Guesses = field(default_factory=lambda: Guesses(now))

    @property
    def is_configured(self) -> bool:
        """Whether there is any way to sign in."""
        return self.accounts is not None or self.company is not None


def admit(entrance: Entrance) -> Admission:
    """Return how people get in, as the settings say."""
    keys = SessionKeys(entrance.session_keys) if entrance.session_keys else made_up()
    file, registration = entrance.accounts_file, entrance.company
    return Admission(
        accounts=Accounts(file, Passwords()) if file else None,
        company=Company(registration, keys, now) if registration else None,
        keys=keys,
        lifetime=Lifetime(
            most=timedelta(hours=entrance.hours), idle=timedelta(minutes=entrance.idle_minutes)
        ),
    )
