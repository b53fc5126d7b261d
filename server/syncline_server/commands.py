"""What an operator types: everything ``syncline-server`` does besides serving."""

import re
from argparse import Namespace
from datetime import timedelta

from cryptography.fernet import Fernet

from syncline_server import registry
from syncline_server.app import Outside, make_secret, now
from syncline_server.config import Config
from syncline_server.core.access import Role
from syncline_server.folder import prepare
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database, open_database
from syncline_server.storage.schema import migrate, pending

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


def create_key(_arguments: Namespace) -> None:
    """Print a new encryption key."""
    print(Fernet.generate_key().decode())


def migrate_database(_arguments: Namespace, config: Config) -> None:
    """Bring the database to this version's schema."""
    applied = migrate(_opened(config))
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")


def check(_arguments: Namespace, config: Config) -> None:
    """Look at configuration, plugins, keys and database without serving."""
    catalogue = registry.load(config.disabled_plugins)
    Cipher(config.encryption_keys)
    lacking = pending(_opened(config))
    for name, provider in catalogue.providers.items():
        known = "registered" if name in config.providers else "no client id set"
        print(f"provider {name}: {known}; chain: {' → '.join(provider.graph.order)}")
    print(f"database: {'migrations pending: ' + ', '.join(lacking) if lacking else 'up to date'}")


def create_token(arguments: Namespace, config: Config) -> None:
    """Make an access token and show its secret, once."""
    where = ", ".join(arguments.workspace or ["all workspaces"])
    new = NewToken(
        title=arguments.title or f"{arguments.role} of {where}",
        role=Role(arguments.role.upper()),
        workspaces=arguments.workspace or None,
        expire_time=now() + arguments.expires if arguments.expires else None,
    )
    token, secret = _tokens(config).create(new)
    print(f"id:     {token.id}\nsecret: {secret}\nIt is shown only now: keep it safe.")


def list_tokens(_arguments: Namespace, config: Config) -> None:
    """Show every access token, without its secret."""
    for token in _tokens(config).list():
        where = "all workspaces" if token.workspaces is None else ",".join(sorted(token.workspaces))
        state = "good" if token.is_good(now()) else "revoked" if token.revoke_time else "expired"
        until = f" until {token.expire_time:%Y-%m-%d %H:%M}" if token.expire_time else ""
        print(f"{token.id}  {token.role:9} {where:24} {state}{until}  {token.title}")


def revoke_token(arguments: Namespace, config: Config) -> None:
    """Make an access token useless."""
    token = _tokens(config).revoke(arguments.id)
    print(f"revoked {token.id}; running servers notice within seconds")


def _tokens(config: Config) -> AccessTokens:
    database = _opened(config)
    migrate(database)
    outside = Outside()
    return AccessTokens(database, outside.clock, outside.make_id, make_secret)


def _opened(config: Config) -> Database:
    prepare(config.data_folder)
    return open_database(config.database_url)
