"""The key pair that signs tokens."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

_ALGORITHM = "RS256"
_REMEMBERED = 2000


class UnsignedTokenError(Exception):
    """The text is no token of ours."""


class SigningKey:
    """Signs and verifies JSON web tokens with RS256."""

    def __init__(self, key: RSAKey) -> None:
        self._key = key
        self._verified: dict[str, dict[str, Any]] = {}

    @classmethod
    def generate(cls) -> "SigningKey":
        """Return a new 2048-bit key."""
        return cls(RSAKey.generate_key(2048, auto_kid=True))

    def become(self, data: dict[str, Any]) -> None:
        """Take over the key that `private` described; raise `ValueError` if it describes none."""
        try:
            self._key = RSAKey.import_key(data)
        except (JoseError, KeyError, TypeError) as error:
            raise ValueError("the signing key cannot be read") from error
        self._verified.clear()

    def private(self) -> dict[str, Any]:
        """Return the whole key as JWK, for the state file only."""
        return dict(self._key.as_dict(private=True))

    def public_set(self) -> dict[str, Any]:
        """Return the JSON web key set that others verify with."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "use": "sig", "alg": _ALGORITHM}]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return `claims` as a signed token."""
        header = {"alg": _ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, dict(claims), self._key, algorithms=[_ALGORITHM])

    def claims_of(self, token: str) -> dict[str, Any]:
        """Return a token's claims, its times unchecked; raise `UnsignedTokenError`."""
        known = self._verified.get(token)
        if known is None:
            known = self._verify(token)
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified[token] = known
        return known

    def _verify(self, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims)
        except (JoseError, ValueError) as error:
            raise UnsignedTokenError from error
