"""The database and everything else that must be right before serving."""

from argparse import Namespace

from syncline_server import registry
from syncline_server.app import now
from syncline_server.app.certificates import build_certificates
from syncline_server.commands.opening import opened
from syncline_server.config import Config
from syncline_server.storage import schema
from syncline_server.storage.cipher import Cipher


def migrate(_arguments: Namespace, config: Config) -> None:
    """Bring the database to this version's schema."""
    applied = schema.migrate(opened(config))
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")


def check(_arguments: Namespace, config: Config) -> None:
    """Look at configuration, plugins, keys, certificate and database without serving."""
    catalogue = registry.load(config.disabled_plugins)
    Cipher(config.encryption_keys)
    certificates = build_certificates(config, now)
    lacking = schema.pending(opened(config))
    for name, provider in catalogue.providers.items():
        known = "registered" if name in config.providers else "no client id set"
        print(f"provider {name}: {known}; chain: {' → '.join(provider.graph.order)}")
    if certificates is not None:
        print(f"certificate: good until {certificates.pair.end:%Y-%m-%d %H:%M}Z")
    print(f"database: {'migrations pending: ' + ', '.join(lacking) if lacking else 'up to date'}")
