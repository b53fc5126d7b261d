"""Access tokens: made, listed and revoked by operators, looked up with every call."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncline_server.core import names
from syncline_server.core.access import AccessToken, Identity, Role
from syncline_server.core.clock import Clock
from syncline_server.core.errors import (
    InvalidArgument,
    NotFound,
    Reason,
    Unauthenticated,
    Violation,
)
from syncline_server.core.identifiers import MakeId
from syncline_server.storage import access_tokens as rows
from syncline_server.storage import acts
from syncline_server.storage.database import Database

PREFIX: Final = "syncline_"
"""What every secret starts with, so that scanners for leaked secrets can know it."""
REMEMBERED: Final = timedelta(seconds=5)
"""How long a process trusts a token it has looked up, and so how late it may see a revocation."""
_LONGEST_TITLE: Final = 100
_MOST_REMEMBERED: Final = 10_000

MakeSecret = Callable[[], str]
"""Makes at least 256 random bits as text; the composition root builds it from the system's."""


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """What an operator asks for."""

    title: str
    """What people call it; at most 100 characters."""
    role: Role
    workspaces: Collection[str] | None
    """Ids; None is all of them, for the role SERVICE only."""
    expire_time: datetime | None = None


class AccessTokens:
    """Makes tokens and tells whose a secret is. Safe to share between threads."""

    def __init__(
        self, database: Database, clock: Clock, make_id: MakeId, make_secret: MakeSecret
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._make_secret = make_secret
        self._known: dict[str, tuple[datetime, AccessToken]] = {}
        self._configured = False

    def create(self, new: NewToken) -> tuple[AccessToken, str]:
        """Store a token and return it with its secret, which nobody can read again.

        :raises InvalidArgument: with every violation.
        """
        now = self._clock()
        _refuse_violations(new, now)
        secret = PREFIX + self._make_secret()
        token = AccessToken(
            id=self._make_id(),
            title=new.title,
            role=new.role,
            workspaces=None if new.workspaces is None else frozenset(new.workspaces),
            token_hash=_hash(secret),
            create_time=now,
            expire_time=new.expire_time,
        )
        with self._database.transaction():
            rows.insert(self._database, token)
            acts.mention(f"accessTokens/{token.id}")
            acts.edited("role", "", token.role)
            acts.edited("workspaces", "", ",".join(sorted(new.workspaces or ("-",))))
        return token, secret

    def list(self) -> list[AccessToken]:
        """Return every token, oldest first, revoked and expired ones included."""
        return rows.every(self._database)

    def revoke(self, token_id: str) -> AccessToken:
        """Make a token useless; a second time changes nothing.

        Other processes notice within :data:`REMEMBERED`.

        :raises NotFound: there is no such token.
        """
        with self._database.transaction():
            rows.revoke(self._database, token_id, self._clock())
            token = rows.get(self._database, token_id)
            if token is None:
                raise NotFound(f"accessTokens/{token_id}")
        self._known.pop(token.token_hash, None)
        return token

    def are_configured(self) -> bool:
        """Return whether any token was ever made; from then on every caller needs one."""
        self._configured = self._configured or rows.any_at_all(self._database)
        return self._configured

    def identify(self, secret: str) -> Identity:
        """Return whose secret this is.

        :raises Unauthenticated: it is unknown, revoked or expired; which of them is not told.
        """
        now = self._clock()
        token = self._find(_hash(secret), now)
        if token is None or not token.is_good(now):
            raise Unauthenticated(
                Reason.CREDENTIALS_INVALID, "The access token is not valid: use another one."
            )
        return token.identity

    def _find(self, token_hash: str, now: datetime) -> AccessToken | None:
        until, token = self._known.get(token_hash, (now, None))
        if token is not None and now < until:
            return token
        token = rows.find(self._database, token_hash)
        if token is not None:  # unknown ones are not remembered: anybody can make them up
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[token_hash] = (now + REMEMBERED, token)
        return token


def _hash(secret: str) -> str:
    # Secrets are 256 random bits, so a fast hash is enough: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


def _refuse_violations(new: NewToken, now: datetime) -> None:
    violations = []
    if not 0 < len(new.title) <= _LONGEST_TITLE:
        text = f"must have 1 to {_LONGEST_TITLE} characters"
        violations.append(Violation(field="title", description=text))
    if new.expire_time is not None and new.expire_time <= now:
        violations.append(Violation(field="expire_time", description="must be in the future"))
    text = _workspaces_mistake(new)
    if text:
        violations.append(Violation(field="workspaces", description=text))
    if violations:
        raise InvalidArgument(violations)


def _workspaces_mistake(new: NewToken) -> str:
    if new.workspaces is None:
        return "" if new.role is Role.SERVICE else "only the role SERVICE may span all"
    if not new.workspaces:
        return "must name at least one"
    bad = [each for each in new.workspaces if not names.parse_workspace(f"workspaces/{each}")]
    return f"not a workspace id: {', '.join(bad)}" if bad else ""
