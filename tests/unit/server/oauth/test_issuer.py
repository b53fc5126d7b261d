from collections.abc import Callable

import httpx
import pytest

from clockwork import START
from identity_provider import CONFIGURATION, ISSUER, IdentityProvider
from syncline_server.oauth.issuer import Issuer
from syncline_server.oauth.signing_keys import IssuerUnavailable
from syncline_server.outbound.clients import issuer_client


def asking(
    transport: httpx.BaseTransport | Callable[[httpx.Request], httpx.Response],
    issuer: str = ISSUER,
    jwks_uri: str = "",
) -> Issuer:
    """Return what reads an issuer's keys over this way."""
    way = (
        transport if isinstance(transport, httpx.BaseTransport) else httpx.MockTransport(transport)
    )
    return Issuer(issuer_client(way, issuer, jwks_uri), issuer, jwks_uri)


@pytest.fixture
def provider() -> IdentityProvider:
    """An issuer."""
    return IdentityProvider(lambda: START)


def test_keys_are_where_the_issuer_says(provider: IdentityProvider) -> None:
    """The issuer is asked where its keys are, and then for them."""
    provider.rotate("second", "RS256")

    keys = asking(provider.transport).signing_keys()

    assert keys.keys() == {"first", "second"}
    assert provider.asked == ["/realms/acme" + CONFIGURATION, "/realms/acme/keys"]


def test_an_operator_may_say_where_keys_are(provider: IdentityProvider) -> None:
    """Then the issuer is not asked."""
    assert asking(provider.transport, jwks_uri=f"{ISSUER}/keys").signing_keys()
    assert provider.asked == ["/realms/acme/keys"]


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": f"{ISSUER}/"},
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://id.example/realms/acme/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 7},
    ],
)
def test_configuration_of_another_is_not_followed(
    provider: IdentityProvider, said: dict[str, object]
) -> None:
    """An issuer that calls itself otherwise, or shows its keys to anybody, is not believed."""
    provider.said = said

    with pytest.raises(IssuerUnavailable):
        asking(provider.transport).signing_keys()
    assert provider.asked == ["/realms/acme" + CONFIGURATION]


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(302, headers={"Location": f"{ISSUER}/elsewhere"}),
        httpx.Response(500),
        httpx.Response(204),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b'{"keys": [' + b" " * 300_000 + b"]}"),
        httpx.Response(200, json={"keys": []}),
        httpx.Response(200, json={"keys": [{"kid": "k", "kty": "oct", "k": "c2VjcmV0"}]}),
        httpx.Response(200, json={"keys": {"kid": "k"}}),
        httpx.Response(200, json={"keys": [7]}),
    ],
)
def test_answers_without_keys(response: httpx.Response) -> None:
    """Redirects, failures, long and odd answers, and sets without a usable key bring nothing."""
    with pytest.raises(IssuerUnavailable):
        asking(lambda _: response, jwks_uri=f"{ISSUER}/keys").signing_keys()


def test_silence_is_told_without_addresses(provider: IdentityProvider) -> None:
    """What is logged of an issuer that cannot be reached is the kind of failure alone."""
    provider.down = True

    with pytest.raises(IssuerUnavailable) as refusal:
        asking(provider.transport).signing_keys()

    assert str(refusal.value) == "it cannot be reached: ConnectError"


def test_broken_keys_do_not_spoil_the_others(provider: IdentityProvider) -> None:
    """A key nobody understands is left out; so is one without an id."""
    good = provider.document("/realms/acme/keys")
    assert isinstance(good, dict)
    keys = [{"kty": "new", "kid": "n"}, {**good["keys"][0], "kid": 7}, *good["keys"]]

    found = asking(lambda _: httpx.Response(200, json={"keys": keys}), jwks_uri=f"{ISSUER}/keys")

    assert found.signing_keys().keys() == {"first"}
