"""Sending a person to a provider's consent page, and taking what comes back, once."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import structlog

from syncline_sdk import Identity, Organisation, PluginError, Provider, RetryLater
from syncline_server.core import connecting
from syncline_server.core.clock import Clock
from syncline_server.core.errors import InvalidArgument, Reason, Refusal, Unavailable, Violation
from syncline_server.core.names import Connection
from syncline_server.core.tokens import Consent, TokenSet
from syncline_server.oauth.claims import claims_of
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.errors import ClientMisconfigured, EndpointUnavailable, GrantDead
from syncline_server.oauth.flow import Randomness, depart
from syncline_server.oauth.registration import Registration
from syncline_server.services.provider_clients import ProviderClients
from syncline_server.storage import acts, consents, erasures
from syncline_server.storage.cipher import Cipher, CipherError
from syncline_server.storage.database import Database

_log = structlog.get_logger()


Keep = Callable[[Identity, TokenSet], None]
"""Stores new tokens where the same person's earlier ones are."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """Where to send a person. Its ``repr`` shows nothing that could be replayed."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    expire_time: datetime


@dataclass(frozen=True, kw_only=True)
class Return:
    """What a browser came back with, as far as it tells whose consent it is."""

    state: str = field(repr=False)
    browser: str = field(default="", repr=False)
    """The secret of the browser; empty when it brought none."""
    issuer: str = ""
    """Who the answer says it is from (RFC 9207); empty when it does not say."""


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """A consent whose state came back in time, from the right caller, for the first time."""

    key: Connection
    redirect_uri: str
    verifier: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What a consent brought."""

    state: str = field(repr=False)
    identity: Identity
    tokens: TokenSet
    organisations: Sequence[Organisation]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Consents:
    """Keeps the consents that are under way, and asks the provider what they came to."""

    database: Database
    cipher: Cipher
    registrations: Mapping[str, Registration]
    """By provider. One without a client id counts as missing."""
    endpoints: Mapping[str, TokenEndpoint]
    """By provider; one for each registration."""
    clients: ProviderClients
    clock: Clock
    randomness: Randomness

    def start(
        self, key: Connection, provider: Provider, redirect_uri: str, caller: str, browser: str
    ) -> Started:
        """Make a way to the consent page and remember it for ten minutes.

        :param browser: a secret of the browser it is for; empty binds it to none.
        :raises FailedPrecondition: this server has no registration with the provider.
        :raises InvalidArgument: the redirect address is not one of the registration's.
        """
        registration = self._registration(provider)
        _check_redirect(registration, redirect_uri)
        departure = depart(provider, registration, redirect_uri, self.randomness)
        now = self.clock()
        consent = Consent(
            workspace=key.workspace,
            provider=key.provider,
            caller=caller,
            redirect_uri=redirect_uri,
            sealed_verifier=self.cipher.encrypt(
                departure.verifier, consents.place(departure.state, key)
            ),
            expire_time=now + connecting.STATE_LIFE,
            browser_hash=_hash(browser),
        )
        with self.database.transaction():
            erasures.keep_out(self.database, key.workspace)
            consents.add(self.database, departure.state, consent, now)
        return Started(url=departure.url, state=departure.state, expire_time=consent.expire_time)

    def redeem(self, returned: Return, caller: str, allowed: Callable[[str], bool]) -> Redeemed:
        """Use a state up and return what it stands for.

        Whatever counts as unknown leaves the state as it was: who has read one, and has neither the
        credentials nor the browser, must not spoil it for whom it was made.

        :param allowed: whether the caller may act in a workspace.
        :raises FailedPrecondition: the state is unknown, used or expired; or a key is missing, and
            the state stays good. One of another caller, workspace, browser or issuer counts as
            unknown.
        """
        consent = consents.find(self.database, returned.state)
        if consent is None or not self._is_at_home(consent, returned, caller, allowed):
            raise connecting.state_refused(Reason.STATE_UNKNOWN)
        acts.place(consent.workspace)
        acts.mention(str(Connection(consent.workspace, consent.provider)))
        acts.go_on()
        now = self.clock()
        if not consent.used and now >= consent.expire_time:
            raise connecting.state_refused(Reason.STATE_EXPIRED)
        verifier = "" if consent.used else self._verifier(returned.state, consent)
        with self.database.transaction():
            if not consents.use(self.database, returned.state, now):
                raise connecting.state_refused(Reason.STATE_USED)
        return Redeemed(
            key=Connection(consent.workspace, consent.provider),
            redirect_uri=consent.redirect_uri,
            verifier=verifier,
            state=returned.state,
        )

    def arrive(self, provider: Provider, redeemed: Redeemed, code: str, keep: Keep) -> Arrival:
        """Exchange the code and ask who consented to what.

        :param keep: told whose the new tokens are as soon as that is known.
        :raises FailedPrecondition: the provider refuses the code, or this server.
        :raises Unavailable: the provider cannot answer now.
        """
        tokens = self._exchange(provider, redeemed, code)
        try:
            identity = provider.identify(claims_of(tokens.access))
            keep(identity, tokens)
            with self.clients.for_hooks(provider, lambda _: tokens.access) as http:
                organisations = provider.list_organisations(http, identity)
        except RetryLater as error:
            raise _unavailable(provider, error) from None
        except httpx.RequestError:
            raise _unavailable(provider) from None
        except PluginError:
            raise _failed(provider) from None
        return Arrival(
            state=redeemed.state, identity=identity, tokens=tokens, organisations=organisations
        )

    def refuse_withdrawn(self, arrival: Arrival) -> None:
        """Refuse what a consent brought whose workspace was erased meanwhile.

        :raises FailedPrecondition: the consent is not there any more.
        """
        if consents.find(self.database, arrival.state) is None:
            raise connecting.state_refused(Reason.STATE_UNKNOWN)

    def forget_old(self) -> int:
        """Delete consents that are long over; return how many."""
        with self.database.transaction():
            return consents.forget(self.database, self.clock())

    def _is_at_home(
        self, consent: Consent, returned: Return, caller: str, allowed: Callable[[str], bool]
    ) -> bool:
        is_same = consent.is_of(caller, _hash(returned.browser)) and allowed(consent.workspace)
        found = self.clients.catalogue.providers.get(consent.provider)
        issuer = found.provider.issuer if found else ""
        return is_same and (not issuer or returned.issuer in ("", issuer))

    def _verifier(self, state: str, consent: Consent) -> str:
        key = Connection(consent.workspace, consent.provider)
        try:
            return self.cipher.decrypt(consent.sealed_verifier, consents.place(state, key))
        except CipherError as error:
            _log.error(
                "consent unreadable", action="consent_unreadable", consent=str(key), why=str(error)
            )
            raise connecting.misconfigured(key.provider, key.provider) from None

    def _registration(self, provider: Provider) -> Registration:
        registration = self.registrations.get(provider.name)
        if registration is None or not registration.client_id:
            raise connecting.misconfigured(provider.name, provider.title)
        return registration

    def _exchange(self, provider: Provider, redeemed: Redeemed, code: str) -> TokenSet:
        self._registration(provider)
        endpoint = self.endpoints[provider.name]
        try:
            return endpoint.exchange(
                code, redeemed.verifier, redeemed.redirect_uri, provider.scopes
            )
        except GrantDead:
            raise _failed(provider) from None
        except ClientMisconfigured as error:
            _log.error(
                "provider refuses this server",
                action="provider_refuses_this_server",
                provider=provider.name,
                code=error.code,
            )
            raise connecting.misconfigured(provider.name, provider.title) from None
        except EndpointUnavailable:
            raise _unavailable(provider) from None


def _hash(browser: str) -> str:
    # Of at least 128 random bits, so that a plain hash is as good as any.
    return hashlib.sha256(browser.encode()).hexdigest() if browser else ""


def _check_redirect(registration: Registration, redirect_uri: str) -> None:
    if redirect_uri not in registration.redirect_uris:
        raise InvalidArgument(
            [
                Violation(
                    field="redirect_uri",
                    description="It is not one of the redirect addresses this server allows.",
                )
            ]
        )


def _failed(provider: Provider) -> Refusal:
    return connecting.consent_refused(Reason.CONSENT_FAILED, provider.name, provider.title)


def _unavailable(provider: Provider, error: RetryLater | None = None) -> Unavailable:
    return Unavailable(
        Reason.PROVIDER_UNAVAILABLE,
        f"{provider.title} cannot answer now. Start connecting again in a moment.",
        error.after if error else None,
    )
