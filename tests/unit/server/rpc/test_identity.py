from collections.abc import Sequence

import pytest

from syncline_server.core.access import Identity
from syncline_server.core.errors import Unauthenticated
from syncline_server.rpc import identity


def named(secret: str) -> Identity:
    """Take everybody for local, remembering the secret as the title."""
    return Identity(subject=secret, title=secret, everywhere=identity.LOCAL.everywhere)


def certified(names: Sequence[str]) -> Identity:
    """Take everybody for local, remembering the names as the title."""
    return Identity(subject="certificate", title=" ".join(names))


BY_CREDENTIALS = identity.by_credentials(named, certified)


def with_metadata(*metadata: tuple[str, str | bytes]) -> identity.Arrival:
    """Return a call that brings this."""
    return identity.Arrival(metadata=metadata)


def test_bearer_token_is_handed_on() -> None:
    """The token is what stands behind the scheme, whose case does not matter."""
    assert BY_CREDENTIALS(with_metadata(("authorization", "bEARER  abc "))).subject == "abc"


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ((), "CREDENTIALS_MISSING"),
        ((("x-request-id", "1"),), "CREDENTIALS_MISSING"),
        ((("authorization", "Bearer"),), "CREDENTIALS_INVALID"),
        ((("authorization", "Basic abc"),), "CREDENTIALS_INVALID"),
        ((("authorization", "Bearer a"), ("authorization", "Bearer b")), "CREDENTIALS_INVALID"),
    ],
)
def test_other_headers_are_refused(metadata: identity.Metadata, reason: str) -> None:
    """No header, another scheme, no token and two headers are refused."""
    with pytest.raises(Unauthenticated) as refusal:
        BY_CREDENTIALS(with_metadata(*metadata))

    assert refusal.value.reason == reason


def test_everybody_is_local_until_credentials_exist() -> None:
    """While nothing is configured nobody is asked; from then on everybody is."""
    configured: list[bool] = []
    authenticate = identity.local_until_configured(lambda: bool(configured), BY_CREDENTIALS)

    assert authenticate(with_metadata()) is identity.LOCAL
    configured.append(True)
    with pytest.raises(Unauthenticated):
        authenticate(with_metadata())


def secured(**properties: list[bytes]) -> identity.Arrival:
    """Return a call over a connection of these properties, without a token."""
    return identity.Arrival(metadata=(), transport=lambda: properties)


def test_certificate_stands_in_for_a_token() -> None:
    """Without a token a call is its certificate's: URIs come first, DNS names in small letters."""
    arrived = secured(
        transport_security_type=[b"ssl"],
        peer_dns=[b"ERP.acme.example"],
        peer_uri=[b"spiffe://acme/erp", b"urn:erp"],
    )

    assert BY_CREDENTIALS(arrived).title == "spiffe://acme/erp urn:erp erp.acme.example"


@pytest.mark.parametrize(
    "properties",
    [
        {"x509_common_name": [b"erp.acme.example"]},
        {"x509_subject_alternative_name": [b"spiffe://acme/erp"]},
        {"peer_email": [b"spiffe://acme/erp"]},
        {"peer_ip": [b"10.0.0.1"]},
        {"peer_uri": [b"erp.acme.example"]},
        {"peer_dns": [b"spiffe://acme/erp"]},
        {"peer_uri": [b"spiffe://acme/\n"]},
        {"peer_dns": [b"\xc3\xa9rp\x00"]},
        {},
    ],
)
def test_only_uris_and_dns_names_are_names(properties: dict[str, list[bytes]]) -> None:
    """What is no alternative name of these two kinds, or looks like the other, is nobody."""
    with pytest.raises(Unauthenticated) as refusal:
        BY_CREDENTIALS(secured(**properties))

    assert refusal.value.reason == "CREDENTIALS_MISSING"


def test_bad_token_is_not_mended_by_a_certificate() -> None:
    """A call that brings a token is judged by it alone."""
    transport = {"peer_uri": [b"spiffe://acme/erp"]}
    metadata = (("authorization", "Basic abc"),)

    with pytest.raises(Unauthenticated) as refusal:
        BY_CREDENTIALS(identity.Arrival(metadata=metadata, transport=lambda: transport))

    assert refusal.value.reason == "CREDENTIALS_INVALID"


def test_certificate_is_read_once() -> None:
    """A stream that looks again does not ask a connection that may be gone."""
    asked: list[bool] = []

    def transport() -> dict[str, list[bytes]]:
        asked.append(True)
        return {"peer_uri": [b"spiffe://acme/erp"]}

    arrived = identity.Arrival(metadata=(), transport=transport)
    for _ in range(2):
        BY_CREDENTIALS(arrived)

    assert asked == [True]
