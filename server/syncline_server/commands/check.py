"""Looking at everything without serving."""

from argparse import Namespace
from collections.abc import Sequence

from syncline_server import registry
from syncline_server.app import now
from syncline_server.app.certificates import build_certificates
from syncline_server.app.listening import (
    refuse_public_plaintext,
    refuse_public_without_credentials,
)
from syncline_server.commands.keys import keys_of
from syncline_server.commands.opening import opened
from syncline_server.config import Config, OidcConfig
from syncline_server.oauth.issuer import Issuer
from syncline_server.oauth.signing_keys import IssuerUnavailable
from syncline_server.outbound.clients import issuer_client
from syncline_server.outbound.network import Network
from syncline_server.services.keys import Keys
from syncline_server.storage import access_tokens, schema
from syncline_server.storage.cipher import CipherError
from syncline_server.storage.database import Database

_FIRST = "0001_initial"


def check(_arguments: Namespace, config: Config) -> None:
    """Look at configuration, plugins, keys, certificate, database and address without serving.

    :raises PluginRefused, CipherError, CertificateUnusable, Unavailable, NotLoopback, NotEncrypted:
        one of them is not as it should be.
    """
    catalogue = registry.load(config.disabled_plugins)
    database = opened(config)
    keys = keys_of(config, database)
    certificates = build_certificates(config, now)
    lacking = schema.pending(database)
    for name, provider in catalogue.providers.items():
        known = "registered" if name in config.providers else "no client id set"
        print(f"provider {name}: {known}; chain: {' → '.join(provider.graph.order)}")
    if certificates is not None:
        print(f"certificate: good until {certificates.pair.end:%Y-%m-%d %H:%M}Z")
    if config.oidc:
        print(f"issuer {config.oidc.issuer}: {_issuer_state(config.oidc)}")
    print(f"database: {'migrations pending: ' + ', '.join(lacking) if lacking else 'up to date'}")
    if not lacking:
        _check_keys(keys)
    refuse_public_without_credentials(config, are_asked=_are_asked(config, database, lacking))
    refuse_public_plaintext(config)


def _are_asked(config: Config, database: Database, lacking: Sequence[str]) -> bool:
    """Return whether a server would ask callers for credentials."""
    if config.oidc is not None:
        return True
    return _FIRST not in lacking and access_tokens.any_at_all(database)


def _check_keys(keys: Keys) -> None:
    """Print how the stored secrets stand.

    :raises CipherError: some are under keys that are not in the ring.
    """
    uses = keys.in_use()
    missing = [use for use in uses if not use.in_ring]
    if missing:
        names = ", ".join(use.key_id or "unknown" for use in missing)
        count = sum(use.secrets for use in missing)
        raise CipherError(
            f"{count} stored secrets are under encryption keys that are not in the ring: {names}"
        )
    others = sum(use.secrets for use in uses[1:])
    left = f"; {others} are not under the first key: `keys rotate`" if others else ""
    print(f"keys: {len(uses)} in the ring; {sum(use.secrets for use in uses)} secrets open{left}")


def _issuer_state(oidc: OidcConfig) -> str:
    with Network() as network:
        http = issuer_client(network, oidc.issuer, oidc.jwks_uri)
        issuer = Issuer(http, oidc.issuer, oidc.jwks_uri)
        try:
            return f"signing keys: {', '.join(issuer.signing_keys())}"
        except IssuerUnavailable as error:
            return f"no token of it can be verified now: {error}"
