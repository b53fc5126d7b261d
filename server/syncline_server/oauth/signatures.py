"""Verifying what a signed token says: JWS by joserfc, with public keys alone.

Which algorithm a key is for is told by the key, never by the token: a token that asks for another
one, such as a keyed hash under a public key, is refused before anything is computed
(RFC 8725, 3.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from joserfc.jws import JWSRegistry
from joserfc.util import to_bytes, urlsafe_b64decode

from syncline_server.core.signed_tokens import NotTrusted

LONGEST_TOKEN: Final = 8 * 1024
"""In characters; half of what the server takes as the headers of a call."""
# A token says "EdDSA" (RFC 8037) or, newer, which one it means (RFC 9864).
_FITTING: Final = {
    "RSA": ("RS256", "PS256"),
    "EC/P-256": ("ES256",),
    "OKP/Ed25519": ("EdDSA", "Ed25519"),
}
ALGORITHMS: Final = frozenset(name for names in _FITTING.values() for name in names)
"""Everything a token may be signed with; no ``none``, and no shared secret."""
_PUBLIC: Final = ("kty", "n", "e", "crv", "x", "y")
_RSA_BITS: Final = range(2048, 8192 + 1)
# RFC 9068 2.1 for access tokens; others have a type of their own, as those that announce a logout.
_TYPES: Final = ("", "jwt", "at+jwt", "application/at+jwt")


class Header(msgspec.Struct, frozen=True):
    """What a token says about its signature. Where to find a key is told by nobody but us."""

    alg: str
    kid: str
    typ: str = ""
    crit: object = None


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A public key of the issuer's."""

    algorithms: tuple[str, ...]
    """What it verifies."""
    key: Key = field(repr=False)


class _Registry(JWSRegistry):
    """Knows EdDSA as the one algorithm we take of it, and headers of any issuer."""

    max_header_length = LONGEST_TOKEN

    def get_alg(self, name: str) -> Any:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


_REGISTRY: Final = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


def header_of(token: str) -> Header:
    """Return what a token says about its signature, believing none of it.

    :raises NotTrusted: it is no signed token, or of a kind that is not taken.
    """
    if len(token) > LONGEST_TOKEN or token.count(".") != len(("header", "claims", "signature")) - 1:
        raise NotTrusted("no signed token, or too long")
    try:
        raw = urlsafe_b64decode(to_bytes(token.partition(".")[0]))
        header = msgspec.json.decode(raw, type=Header)
    except (ValueError, RecursionError):
        raise NotTrusted("the header is malformed") from None
    if header.alg not in ALGORITHMS:
        raise NotTrusted("alg is not taken")
    if header.crit is not None or header.typ.lower() not in _TYPES:
        raise NotTrusted("typ or crit is not taken")
    return header


def verified_claims(token: str, header: Header, key: SigningKey) -> Mapping[str, object]:
    """Return what a token says, once its signature is found to be good.

    :raises NotTrusted: the signature is not the key's, or there are no claims.
    """
    if header.alg not in key.algorithms:
        raise NotTrusted("alg is not the key's")
    try:
        payload = jws.deserialize_compact(token, key.key, registry=_REGISTRY).payload
        claims = msgspec.json.decode(payload or b"")
    except (JoseError, ValueError, RecursionError):
        raise NotTrusted("the signature or the claims are not good") from None
    if not isinstance(claims, dict):
        raise NotTrusted("the claims are no object")
    return claims


def signing_key(jwk: Mapping[str, object]) -> SigningKey | None:
    """Return a key of a JSON Web Key Set (RFC 7517), or None where it verifies nothing we take.

    Only what is public of it is kept.
    """
    fitting = _FITTING.get("/".join(str(jwk[part]) for part in ("kty", "crv") if part in jwk), ())
    algorithms = tuple(each for each in fitting if jwk.get("alg", each) == each)
    if not algorithms or jwk.get("use", "sig") != "sig" or not _is_for_verifying(jwk):
        return None
    if "n" in jwk and not _is_of_fair_size(jwk["n"]):
        return None
    try:
        key = import_key({name: str(jwk[name]) for name in _PUBLIC if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return SigningKey(algorithms=algorithms, key=key)


def _is_of_fair_size(modulus: object) -> bool:
    try:
        number = int.from_bytes(urlsafe_b64decode(to_bytes(str(modulus))), "big")
    except ValueError:
        return False
    return number.bit_length() in _RSA_BITS


def _is_for_verifying(jwk: Mapping[str, object]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return isinstance(operations, list) and "verify" in operations
