"""Wiring what tells who calls."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from syncline_server.app.calls import Core
from syncline_server.app.outside import Outside, make_secret
from syncline_server.config import Config, Exposure, OidcConfig
from syncline_server.core.access import Identity
from syncline_server.core.signed_tokens import Trust
from syncline_server.oauth.issuer import Issuer
from syncline_server.oauth.signing_keys import SigningKeys
from syncline_server.outbound.clients import issuer_client
from syncline_server.rpc import identity
from syncline_server.rpc.acting import watched_by
from syncline_server.rpc.erasing import unless_erasing
from syncline_server.rpc.identity import Authenticate
from syncline_server.rpc.interceptors import HEALTH, REFLECTION, Surroundings
from syncline_server.rpc.open_streams import OpenStreams
from syncline_server.rpc.throttling import (
    MISTAKES,
    Buckets,
    CallRate,
    Throttle,
    allowance,
    slowing_guesses,
    unlimited,
)
from syncline_server.services.access_tokens import PREFIX, AccessTokens
from syncline_server.services.signed_tokens import SignedTokens
from syncline_server.storage.database import Database

Identify = Callable[[str], Identity]
"""Returns whose bearer token this is, or raises ``Unauthenticated``."""


@dataclass(frozen=True, kw_only=True)
class Callers:
    """What tells who calls."""

    tokens: AccessTokens
    authenticate: Authenticate
    signing_keys: SigningKeys | None
    """Those of the issuer, where there is one."""
    streams: OpenStreams

    def are_asked(self) -> bool:
        """Return whether every call needs credentials."""
        return self.signing_keys is not None or self.tokens.are_configured()

    def need_certificates(self) -> bool:
        """Return whether nobody gets in without a client certificate."""
        return self.signing_keys is None and self.tokens.are_certificates_only()

    def look(self) -> None:
        """End streams whose credentials have ended; call it again and again."""
        self.streams.look()

    def refresh(self) -> None:
        """Read the issuer's keys again when they have aged; likewise."""
        if self.signing_keys is not None:
            self.signing_keys.refresh()


def build_callers(config: Config, outside: Outside, database: Database) -> Callers:
    """Wire what tells who calls."""
    tokens = AccessTokens(database, outside.clock, outside.make_id, make_secret)
    keys = _signing_keys(config.oidc, outside) if config.oidc else None
    by_bearer: Identify = tokens.identify
    if config.oidc and keys:
        signed = SignedTokens(keys, _trust(config.oidc), outside.clock)
        by_bearer = either(tokens.identify, signed.identify)
    authenticate = identity.by_credentials(by_bearer, tokens.identify_certificate)
    if not keys:
        authenticate = identity.local_until_configured(tokens.are_configured, authenticate)
    return Callers(
        tokens=tokens, authenticate=authenticate, signing_keys=keys, streams=OpenStreams()
    )


def surroundings(config: Config, core: Core, callers: Callers) -> Surroundings:
    """Return what every call is given."""
    exposed = {HEALTH: config.health, REFLECTION: config.reflection}
    return Surroundings(
        authenticate=slowing_guesses(callers.authenticate, Buckets(MISTAKES, time.monotonic)),
        authenticate_again=callers.authenticate,
        make_request_id=core.outside.make_id,
        throttle=_throttle(config),
        acts=watched_by(core.trail),
        let_pass=unless_erasing(core.workspaces.erasures.refuse),
        unguarded=tuple(api for api, to in exposed.items() if to is Exposure.OPEN),
        streams=callers.streams,
    )


def either(by_secret: Identify, by_signature: Identify) -> Identify:
    """Return what tells access tokens, by how they begin, from those of the issuer."""

    def identify(token: str) -> Identity:
        return by_secret(token) if token.startswith(PREFIX) else by_signature(token)

    return identify


def _signing_keys(oidc: OidcConfig, outside: Outside) -> SigningKeys:
    http = issuer_client(outside.transport, oidc.issuer, oidc.jwks_uri)
    issuer = Issuer(http, oidc.issuer, oidc.jwks_uri)
    return SigningKeys(issuer.signing_keys, outside.clock)


def _trust(oidc: OidcConfig) -> Trust:
    return Trust(
        issuer=oidc.issuer,
        audience=oidc.audience,
        clients=oidc.clients,
        workspaces_claim=oidc.workspaces_claim,
    )


def _throttle(config: Config) -> Throttle:
    if not config.calls_per_minute:
        return unlimited
    return CallRate(Buckets(allowance(config.calls_per_minute), time.monotonic))
