"""Access tokens."""

import re
from argparse import ArgumentTypeError, Namespace
from datetime import timedelta

from syncline_server.app import Outside, make_secret, now
from syncline_server.commands.acting import acting
from syncline_server.commands.opening import opened
from syncline_server.config import Config
from syncline_server.core.access import Role
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.storage.database import Database
from syncline_server.storage.schema import migrate

_SPAN = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_LONGEST_MADE_UP = 100
_LONGEST = timedelta(days=36_500)


def span(text: str) -> timedelta:
    """Parse ``90d``, ``12h`` or ``30m``.

    :raises ArgumentTypeError: it is none of these.
    """
    match = _SPAN.fullmatch(text)
    if not match or (found := _timedelta(int(match[1]), _UNITS[match[2]])) > _LONGEST:
        raise ArgumentTypeError("must be a number and d, h or m, such as 90d; at most 100 years")
    return found


def _timedelta(number: int, unit: str) -> timedelta:
    try:
        return timedelta(**{unit: number})
    except OverflowError:
        return timedelta.max


def certificate(text: str) -> str:
    """Take the name in a certificate, which :class:`AccessTokens` looks at.

    :raises ArgumentTypeError: it is empty, as an unset variable of a shell is; that must make no
        secret.
    """
    if not text:
        raise ArgumentTypeError("needs a name; leave the option out for a secret")
    return text


def create(arguments: Namespace, config: Config) -> None:
    """Make an access token and show its secret, once; or let a certificate stand for one."""
    where = ", ".join(arguments.workspace or ["all workspaces"])
    new = NewToken(
        title=arguments.title or f"{arguments.role} of {where}"[:_LONGEST_MADE_UP],
        role=Role(arguments.role.upper()),
        workspaces=arguments.workspace or None,
        expire_time=now() + arguments.expires if arguments.expires else None,
        certificate=arguments.certificate or "",
    )
    database, tokens = _opened(config)
    with acting(database, "tokens create"):
        token, secret = tokens.create(new)
    print(f"id:     {token.id}")
    if secret:
        print(f"secret: {secret}\nIt is shown only now: keep it safe.")
    else:
        print(f"Calls with a client certificate of {token.certificate} need no secret.")


def show(_arguments: Namespace, config: Config) -> None:
    """Show every access token, without its secret."""
    _, tokens = _opened(config)
    for token in tokens.list():
        where = "all workspaces" if token.workspaces is None else ",".join(sorted(token.workspaces))
        state = "good" if token.is_good(now()) else "revoked" if token.revoke_time else "expired"
        until = f" until {token.expire_time:%Y-%m-%d %H:%M}" if token.expire_time else ""
        name = f"  {token.certificate}" if token.certificate else ""
        print(f"{token.id}  {token.role:9} {where:24} {state}{until}{name}  {token.title}")


def revoke(arguments: Namespace, config: Config) -> None:
    """Make an access token useless."""
    database, tokens = _opened(config)
    with acting(database, "tokens revoke", f"accessTokens/{arguments.id}"):
        token = tokens.revoke(arguments.id)
    print(f"revoked {token.id}; running servers notice within seconds")


def _opened(config: Config) -> tuple[Database, AccessTokens]:
    database = opened(config)
    migrate(database)
    outside = Outside()
    return database, AccessTokens(database, outside.clock, outside.make_id, make_secret)
