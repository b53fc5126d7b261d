"""The database and everything else that must be right before serving."""

from argparse import Namespace

from syncline_server import registry
from syncline_server.commands.opening import opened
from syncline_server.config import Config, OidcConfig
from syncline_server.oauth.issuer import Issuer
from syncline_server.oauth.signing_keys import IssuerUnavailable
from syncline_server.outbound.clients import issuer_client
from syncline_server.outbound.network import Network
from syncline_server.storage import schema
from syncline_server.storage.cipher import Cipher


def migrate(_arguments: Namespace, config: Config) -> None:
    """Bring the database to this version's schema."""
    applied = schema.migrate(opened(config))
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")


def check(_arguments: Namespace, config: Config) -> None:
    """Look at configuration, plugins, keys and database without serving."""
    catalogue = registry.load(config.disabled_plugins)
    Cipher(config.encryption_keys)
    lacking = schema.pending(opened(config))
    for name, provider in catalogue.providers.items():
        known = "registered" if name in config.providers else "no client id set"
        print(f"provider {name}: {known}; chain: {' → '.join(provider.graph.order)}")
    if config.oidc:
        print(f"issuer {config.oidc.issuer}: {_issuer_state(config.oidc)}")
    print(f"database: {'migrations pending: ' + ', '.join(lacking) if lacking else 'up to date'}")


def _issuer_state(oidc: OidcConfig) -> str:
    with Network() as network:
        issuer = Issuer(issuer_client(network), oidc.issuer, oidc.jwks_uri)
        try:
            return f"signing keys: {', '.join(issuer.signing_keys())}"
        except IssuerUnavailable as error:
            return f"no token of it can be verified now: {error}"
