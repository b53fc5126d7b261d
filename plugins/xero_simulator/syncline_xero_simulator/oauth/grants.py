"""What people granted: codes, refresh tokens, scopes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=5)
"""How long an authorization code can be exchanged."""
IDLE_LIFE = timedelta(days=60)
"""How long an unused refresh token stays valid."""
GRACE = timedelta(minutes=30)
"""How long the previous refresh token can be used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode:
    """A code on its way from the consent page to the token endpoint."""

    code: str
    user_id: str
    auth_event_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str
    issued: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """One refresh token. `retired` is when it was first used; `successor` what it bought."""

    token: str
    user_id: str
    auth_event_id: str
    authenticated: datetime
    issued: datetime
    access_id: str = ""
    retired: datetime | None = None
    successor: str = ""

    def usable(self, now: datetime, *, strict: bool) -> bool:
        """Return whether this token still buys a new pair at `now`."""
        if now - self.issued > IDLE_LIFE:
            return False
        if self.retired is None:
            return True
        return not strict and now - self.retired <= GRACE


class Grants:
    """All grants of the one app. Callers hold no lock; the token endpoint serialises."""

    def __init__(self) -> None:
        self._codes: dict[str, AuthorizationCode] = {}
        self.tokens: dict[str, RefreshToken] = {}
        self.scopes: dict[str, tuple[str, ...]] = {}
        self.dead_access: set[str] = set()

    def add_code(self, code: AuthorizationCode) -> None:
        """Remember a code until it is used."""
        self._codes[code.code] = code

    def take_code(self, code: str, now: datetime) -> AuthorizationCode | None:
        """Return the code's grant once, inside its life; afterwards None."""
        found = self._codes.pop(code, None)
        return found if found is not None and now - found.issued <= CODE_LIFE else None

    def widen(self, user_id: str, scopes: Iterable[str]) -> tuple[str, ...]:
        """Add scopes to what a person granted and return all of them."""
        held = self.scopes.get(user_id, ())
        self.scopes[user_id] = (*held, *(scope for scope in scopes if scope not in held))
        return self.scopes[user_id]

    def retire(self, token: RefreshToken, now: datetime, successor: str) -> None:
        """Note that `token` was used; the first use counts for the grace window."""
        self.tokens[token.token] = replace(token, retired=token.retired or now, successor=successor)

    def forget_user(self, user_id: str, *, kill_access: bool) -> None:
        """Drop everything a person granted; with `kill_access` access tokens too."""
        mine = [token for token in self.tokens.values() if token.user_id == user_id]
        for token in mine:
            del self.tokens[token.token]
            if kill_access:
                self.dead_access.add(token.access_id)
        self._codes = {key: code for key, code in self._codes.items() if code.user_id != user_id}
        self.scopes.pop(user_id, None)

    def drop_tokens(self, user_id: str) -> None:
        """Make a person's earlier refresh tokens invalid, keeping scopes."""
        self.tokens = {key: token for key, token in self.tokens.items() if token.user_id != user_id}
