import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from clockwork import START
from identity_provider import IdentityProvider
from syncline_server.core.signed_tokens import NotTrusted
from syncline_server.oauth.signatures import (
    ALGORITHMS,
    LONGEST_TOKEN,
    SigningKey,
    header_of,
    signing_key,
    verified_claims,
)

KEY = ECKey.generate_key("P-256").as_dict(private=False)
PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))
JSON = (
    st.none() | st.integers() | st.text() | st.sampled_from(("RSA", "EC", "OKP", "AQAB", "P-256"))
)
PAYLOAD = b'{"sub": "mia"}'


@pytest.fixture(scope="module")
def provider() -> IdentityProvider:
    """An issuer with a key of each kind, each with the algorithm's name as its id."""
    provider = IdentityProvider(lambda: START)
    for algorithm in ("RS256", "PS256", "ES256", "Ed25519"):
        provider.rotate(algorithm, algorithm)
    return provider


def jwk(provider: IdentityProvider, key_id: str) -> dict[str, Any]:
    """Return a key as the issuer shows it."""
    return provider.keys[key_id][1].as_dict(private=False)


def usable(provider: IdentityProvider, key_id: str) -> SigningKey:
    """Return a key as we keep it."""
    key = signing_key(jwk(provider, key_id))
    assert key is not None
    return key


def verified(token: str, key: SigningKey) -> Mapping[str, object]:
    """Return what a token says."""
    return verified_claims(token, header_of(token), key)


def encoded(part: bytes) -> str:
    """Return a part of a token."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def made(header: object, payload: bytes = PAYLOAD, signature: bytes = b"") -> str:
    """Return a token of these parts, whatever they are."""
    return ".".join(map(encoded, (json.dumps(header).encode(), payload, signature)))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "Ed25519"])
def test_good_signature_vouches_for_claims(provider: IdentityProvider, algorithm: str) -> None:
    """Each algorithm that is taken is verified, and a claim that was changed is not."""
    token = provider.signed(PAYLOAD, algorithm)
    header, _, signature = token.split(".")
    forged = ".".join((header, encoded(b'{"sub": "eve"}'), signature))

    assert verified(token, usable(provider, algorithm)) == {"sub": "mia"}
    with pytest.raises(NotTrusted):
        verified(forged, usable(provider, algorithm))


def test_older_name_of_the_edwards_curve_is_known(provider: IdentityProvider) -> None:
    """``EdDSA`` is taken for Ed25519, without a word about its age."""
    header = {"alg": "EdDSA", "kid": "Ed25519"}
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(PAYLOAD)}"
    _, key = provider.keys["Ed25519"]
    assert isinstance(key, OKPKey)
    signature = key.private_key.sign(signed.encode())  # type: ignore[union-attr, call-arg]  # an Ed25519 key's

    assert verified(f"{signed}.{encoded(signature)}", usable(provider, "Ed25519"))
    named = {**jwk(provider, "Ed25519"), "alg": "EdDSA"}
    assert verified(f"{signed}.{encoded(signature)}", signing_key(named))  # type: ignore[arg-type]  # it is one


def test_another_key_vouches_for_nothing(provider: IdentityProvider) -> None:
    """A signature counts under the key that is named, and no other of the same kind."""
    other = IdentityProvider(lambda: START)

    with pytest.raises(NotTrusted):
        verified(other.signed(PAYLOAD), usable(provider, "ES256"))


def test_public_key_is_no_shared_secret(provider: IdentityProvider) -> None:
    """A token that is hashed with the public key as its secret is refused by its name alone."""
    public = json.dumps(jwk(provider, "RS256")).encode()
    head = encoded(b'{"alg":"HS256","kid":"RS256"}')
    signature = hmac.digest(public, f"{head}.{encoded(PAYLOAD)}".encode(), hashlib.sha256)

    with pytest.raises(NotTrusted, match="alg"):
        header_of(f"{head}.{encoded(PAYLOAD)}.{encoded(signature)}")


def test_algorithm_is_the_keys_and_not_the_tokens(provider: IdentityProvider) -> None:
    """What a key is for is told by the key: no other algorithm is tried with it."""
    only = signing_key({**jwk(provider, "RS256"), "alg": "PS256"})
    assert only is not None

    for token, key in (
        (provider.signed(PAYLOAD, "RS256"), only),
        (provider.signed(PAYLOAD, "RS256"), usable(provider, "ES256")),
        (provider.signed(PAYLOAD, "ES256"), usable(provider, "Ed25519")),
    ):
        with pytest.raises(NotTrusted, match="alg"):
            verified(token, key)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "k"},
        {"alg": "None", "kid": "k"},
        {"alg": "HS256", "kid": "k"},
        {"alg": "RS1", "kid": "k"},
        {"alg": "RS512", "kid": "k"},
        {"alg": "", "kid": "k"},
        {"alg": ["RS256"], "kid": "k"},
        {"kid": "k"},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 7},
        {"alg": "RS256", "kid": "k", "typ": "logout+jwt"},
        {"alg": "RS256", "kid": "k", "typ": 7},
        {"alg": "RS256", "kid": "k", "crit": ["b64"], "b64": False},
        {"alg": "RS256", "kid": "k", "crit": []},
        [],
        "RS256",
        None,
    ],
)
def test_headers_that_are_not_taken(header: object) -> None:
    """No signature, shared secrets, other types, and what must be understood are refused."""
    with pytest.raises(NotTrusted):
        header_of(made(header))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        "!!.e30.e30",
        "e30=.e30.e30",
        "ü.e30.e30",
        encoded(b"[" * 5_000) + ".e30.",
        encoded(b'{"alg": "RS256", "kid": "k", "x": ' + b"[" * 5_000) + ".e30.",
        encoded(b"\xff\xfe") + ".e30.",
    ],
)
def test_texts_that_are_no_token(token: str) -> None:
    """Whatever is sent, it is refused and nothing breaks."""
    with pytest.raises(NotTrusted):
        header_of(token)


def test_size_is_looked_at_first(provider: IdentityProvider) -> None:
    """A token that is too long is not even decoded."""
    token = provider.signed(b'{"x": "' + b"y" * LONGEST_TOKEN + b'"}')

    with pytest.raises(NotTrusted, match="long"):
        header_of(token)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b'{"exp": NaN}', b"[" * 4_000])
def test_signed_nonsense_is_nonsense(provider: IdentityProvider, payload: bytes) -> None:
    """Claims are one object, whoever signed them."""
    with pytest.raises(NotTrusted):
        verified(provider.signed(payload, "ES256"), usable(provider, "ES256"))


def test_header_of_any_issuer_is_borne(provider: IdentityProvider) -> None:
    """Members that nobody asked for change nothing; no key is fetched from where one says."""
    more = {"x5t": "abc", "jku": "https://evil.example/keys", "nonce": "1", "x5u": "https://e/"}
    token = provider.signed(PAYLOAD, "ES256", typ="JWT", **more)

    assert verified(token, usable(provider, "ES256"))


def test_private_parts_of_a_key_are_not_kept(provider: IdentityProvider) -> None:
    """An issuer that shows too much of a key does not have us keep it."""
    shown = provider.keys["ES256"][1].as_dict(private=True)

    key = signing_key(shown)

    assert key is not None
    assert not key.key.is_private


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "new"},
        {"kty": None},
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "RSA-OAEP"},
        {"alg": "HS256"},
        {"n": "AQAB"},
        {"n": "%%"},
        {"n": None},
        {"e": "%%"},
        {"crv": "P-256"},
    ],
)
def test_keys_that_are_left_out(provider: IdentityProvider, changed: dict[str, Any]) -> None:
    """Secrets, keys for something else, short and broken ones verify nothing."""
    assert signing_key({**jwk(provider, "RS256"), **changed}) is None


def test_other_curves_are_left_out() -> None:
    """Only the curves of the algorithms that are taken are known."""
    for key in (ECKey.generate_key("P-384"), OKPKey.generate_key("X25519")):
        assert signing_key(key.as_dict(private=False)) is None


def test_short_rsa_keys_are_left_out(recwarn: pytest.WarningsRecorder) -> None:
    """RFC 7518 3.3 wants 2048 bits or more."""
    short = RSAKey.generate_key(1024)
    recwarn.clear()

    assert signing_key(short.as_dict(private=False)) is None


@PATIENT
@given(st.text() | st.binary().map(encoded).map(lambda part: f"{part}..") | st.text("ab.=-_"))
def test_any_text_is_refused_or_a_header(text: str) -> None:
    """Reading a header never breaks, and never takes what it does not know."""
    try:
        header = header_of(text)
    except NotTrusted:
        return
    assert header.alg in ALGORITHMS


@PATIENT
@given(
    st.dictionaries(st.sampled_from(("kty", "crv", "n", "e", "x", "y", "use", "alg", "d")), JSON)
)
def test_any_key_is_left_out_or_usable(jwk: dict[str, Any]) -> None:
    """A key set of odd keys breaks nothing."""
    key = signing_key({**KEY, **jwk})

    assert key is None or set(key.algorithms) <= ALGORITHMS
