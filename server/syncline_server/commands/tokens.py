"""Access tokens."""

import re
from argparse import Namespace
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


def span(text: str) -> timedelta:
    """Parse ``90d``, ``12h`` or ``30m``.

    :raises ValueError: it is none of these.
    """
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError("a time span is a number and d, h or m, such as 90d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def create(arguments: Namespace, config: Config) -> None:
    """Make an access token and show its secret, once."""
    where = ", ".join(arguments.workspace or ["all workspaces"])
    new = NewToken(
        title=arguments.title or f"{arguments.role} of {where}",
        role=Role(arguments.role.upper()),
        workspaces=arguments.workspace or None,
        expire_time=now() + arguments.expires if arguments.expires else None,
    )
    database, tokens = _opened(config)
    with acting(database, "tokens create"):
        token, secret = tokens.create(new)
    print(f"id:     {token.id}\nsecret: {secret}\nIt is shown only now: keep it safe.")


def show(_arguments: Namespace, config: Config) -> None:
    """Show every access token, without its secret."""
    _, tokens = _opened(config)
    for token in tokens.list():
        where = "all workspaces" if token.workspaces is None else ",".join(sorted(token.workspaces))
        state = "good" if token.is_good(now()) else "revoked" if token.revoke_time else "expired"
        until = f" until {token.expire_time:%Y-%m-%d %H:%M}" if token.expire_time else ""
        print(f"{token.id}  {token.role:9} {where:24} {state}{until}  {token.title}")


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
