"""Access tokens: made, listed and revoked by operators, looked up with every call.

Beside secrets there are names of client certificates, which are given roles and taken back in the
very same way.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncline_server.core import names
from syncline_server.core.access import AccessToken, Identity, Role
from syncline_server.core.clock import Clock, is_within
from syncline_server.core.errors import (
    AlreadyExists,
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
NONE_REMEMBERED: Final = timedelta(seconds=1)
"""How long a process goes on believing that there is no token at all."""
_LONGEST_TITLE: Final = 100
_MOST_REMEMBERED: Final = 10_000
_MOST_NAMES: Final = 16
# A URI has a scheme, a DNS name no colon, so neither is ever taken for the other.
_CERTIFICATE: Final = re.compile(r"(?=.{1,255}\Z)(?:[a-z][a-z0-9+.-]*:[!-~]+|[a-z0-9][a-z0-9.-]*)")

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
    certificate: str = ""
    """URI or DNS name of a client certificate that is to stand for them; empty makes a secret."""


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
        self._none_at: datetime | None = None

    def create(self, new: NewToken) -> tuple[AccessToken, str]:
        """Store a token and return it with its secret, which nobody can read again.

        The secret is empty where a certificate takes its place.

        :raises InvalidArgument: with every violation.
        :raises AlreadyExists: the certificate's name stands for other credentials.
        """
        now = self._clock()
        _refuse_violations(new, now)
        token_id = self._make_id()
        secret = "" if new.certificate else PREFIX + self._make_secret()
        token = AccessToken(
            id=token_id,
            title=new.title,
            role=new.role,
            workspaces=None if new.workspaces is None else frozenset(new.workspaces),
            token_hash=_hash(secret) if secret else f"none/{token_id}",
            certificate=new.certificate,
            create_time=now,
            expire_time=new.expire_time,
        )
        with self._database.transaction():
            if not rows.insert(self._database, token):
                raise self._taken(new.certificate)
            acts.mention(f"accessTokens/{token.id}")
            acts.edited("role", "", token.role)
            acts.edited("workspaces", "", ",".join(sorted(new.workspaces or ("-",))))
            acts.edited("certificate", "", new.certificate)
            acts.edited("expire_time", "", new.expire_time.isoformat() if new.expire_time else "")
        self._configured = True
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
        # Not cleared: a call that read the token just before remembers it in the old dictionary.
        self._known = {}
        return token

    def are_configured(self) -> bool:
        """Return whether any token was ever made; from then on every caller needs one.

        Other processes notice within :data:`NONE_REMEMBERED`.
        """
        now = self._clock()
        if not self._configured and not is_within(self._none_at, now, NONE_REMEMBERED):
            if rows.any_at_all(self._database):  # never back to False: somebody may just make one
                self._configured = True
            else:
                # Only now: whoever comes while another looks, or looked in vain, looks as well.
                self._none_at = now
        return self._configured

    def are_certificates_only(self) -> bool:
        """Return whether there are credentials now, and nothing but certificates opens them."""
        now = self._clock()
        good = [token for token in self.list() if token.is_good(now)]
        return bool(good) and all(token.certificate for token in good)

    def identify(self, secret: str) -> Identity:
        """Return whose secret this is.

        :raises Unauthenticated: it is unknown, revoked or expired; which of them is not told.
        """
        if not secret.startswith(PREFIX):
            raise _invalid()
        token_hash = _hash(secret)
        return self._good(token_hash, lambda: rows.find(self._database, token_hash))

    def identify_certificate(self, names: Sequence[str]) -> Identity:
        """Return who calls with a client certificate that has been verified.

        :param names: its URIs, then its DNS names; the first that is registered counts.
        :raises Unauthenticated: none is, or it is expired; which of them is not told.
        """
        looked_at = names[:_MOST_NAMES]
        key = "\n".join(("certificate", *looked_at))  # no hash has a line break
        return self._good(key, lambda: self._find_certificate(looked_at))

    def _good(self, key: str, find: Callable[[], AccessToken | None]) -> Identity:
        now = self._clock()
        token = self._find(key, find, now)
        if token is None or not token.is_good(now):
            raise _invalid()
        return token.identity

    def _find(
        self, key: str, find: Callable[[], AccessToken | None], now: datetime
    ) -> AccessToken | None:
        known = self._known
        looked, token = known.get(key, (None, None))
        if token is not None and is_within(looked, now, REMEMBERED):
            return token
        token = find()
        if token is not None:  # unknown ones are not remembered: anybody can make them up
            if len(known) >= _MOST_REMEMBERED:
                known.clear()
            known[key] = (now, token)
        return token

    def _find_certificate(self, names: Sequence[str]) -> AccessToken | None:
        found = {each.certificate: each for each in rows.find_certificates(self._database, names)}
        return next((found[name] for name in names if name in found), None)

    def _taken(self, certificate: str) -> AlreadyExists:
        found = rows.find_certificates(self._database, [certificate])
        name = f"accessTokens/{found[0].id}" if found else "accessTokens"
        return AlreadyExists(
            Reason.ALREADY_EXISTS,
            f"{certificate} stands for {name} already: revoke that first.",
            name,
        )


def _invalid() -> Unauthenticated:
    return Unauthenticated(
        Reason.CREDENTIALS_INVALID, "The credentials are not valid: ask an operator for others."
    )


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
    if new.certificate and not _CERTIFICATE.fullmatch(new.certificate):
        text = "must be a URI or a DNS name in small letters, at most 255 characters"
        violations.append(Violation(field="certificate", description=text))
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
