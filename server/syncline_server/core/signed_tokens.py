"""What a signed token (JWT) of an OIDC issuer says about who calls.

A signature only tells who wrote the claims. Here is decided whether they are meant for us, hold
now, and what they allow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from syncline_server.core import names
from syncline_server.core.access import Credentials, Identity, Role

LEEWAY: Final = timedelta(seconds=30)
"""How far the issuer's clock may be ahead of ours."""
_LONGEST_SUBJECT: Final = 255  # OpenID Connect Core 2
_LONGEST_TITLE: Final = 100


class NotTrusted(Exception):  # noqa: N818 - an answer, not a malfunction
    """The token opens nothing here; the message says why, for the log alone."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whose tokens are taken, and which of them."""

    issuer: str
    audience: str
    """What the issuer calls this API; tokens for anybody else are refused."""
    clients: tuple[str, ...] = ()
    """Clients that tokens may be made out to; empty for any."""
    workspaces_claim: str = "syncline_workspaces"
    """The claim that holds the roles."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who a token was made out to."""

    identity: Identity
    expire_time: datetime


def holder(claims: Mapping[str, object], trust: Trust, now: datetime) -> Holder:
    """Return who a token was made out to, from claims whose signature has been verified.

    :raises NotTrusted: the claims are another issuer's, for others, not of now, or malformed.
    """
    if claims.get("iss") != trust.issuer:
        raise NotTrusted("iss is another issuer")
    if trust.audience not in _audiences(claims.get("aud")):
        raise NotTrusted("aud does not name this API")
    if trust.clients and _client(claims) not in trust.clients:
        raise NotTrusted("azp or client_id is no client that is taken")
    subject = _subject(claims.get("sub"))
    identity = Identity(
        subject=f"{trust.issuer}#{subject}",
        title=_title(claims, subject),
        roles=_roles(claims.get(trust.workspaces_claim)),
        credentials=Credentials.SIGNED_TOKEN,
    )
    return Holder(identity=identity, expire_time=_expire_time(claims, now))


def _audiences(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _client(claims: Mapping[str, object]) -> object:
    # OpenID Connect Core 2 has azp, RFC 9068 2.2 client_id.
    return claims.get("azp", claims.get("client_id"))


def _subject(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_SUBJECT:
        raise NotTrusted("sub is missing or too long")
    if not value.isprintable():
        raise NotTrusted("sub has characters that cannot be shown")
    return value


def _title(claims: Mapping[str, object], subject: str) -> str:
    """Return what to show; nothing is decided by it, since a person may choose it."""
    for claim in ("email", "name"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()[:_LONGEST_TITLE]
    return subject[:_LONGEST_TITLE]


def _expire_time(claims: Mapping[str, object], now: datetime) -> datetime:
    end = _time(claims.get("exp"))
    if now >= end:
        raise NotTrusted("exp is past")
    for claim in ("nbf", "iat"):
        if claim in claims and _time(claims[claim]) > now + LEEWAY:
            raise NotTrusted(f"{claim} is in the future")
    return end


def _time(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotTrusted("exp is missing, or one of exp, nbf and iat is no time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):  # as from NaN, or beyond the year 9999
        raise NotTrusted("one of exp, nbf and iat is no time") from None


def _roles(value: object) -> dict[str, Role]:
    """Return the roles by workspace; of several in one workspace the one that includes the rest."""
    roles: dict[str, Role] = {}
    for workspace, role in _pairs(value):
        if names.parse_workspace(f"workspaces/{workspace}") is None:
            raise NotTrusted("a workspace in the claim is no workspace's id")
        held = roles.get(workspace)
        if held is None or role.includes(held):
            roles[workspace] = role
    return roles


def _pairs(value: object) -> Iterable[tuple[str, Role]]:
    if value is None:
        return []
    if isinstance(value, dict):
        return [(str(workspace), _role(role)) for workspace, role in value.items()]
    if isinstance(value, list):
        split = [each.partition(":") for each in value if isinstance(each, str)]
        if len(split) == len(value):
            return [(workspace, _role(role)) for workspace, _, role in split]
    raise NotTrusted("the claim of workspaces has none of its forms")


def _role(value: object) -> Role:
    try:
        return Role(str(value).upper())
    except ValueError:
        raise NotTrusted("a role in the claim is none") from None
