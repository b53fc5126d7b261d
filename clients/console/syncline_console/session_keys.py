"""Keys that sessions are signed with: the first signs, all verify, so that they can be changed."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer

SHORTEST: Final = 32
"""Characters of a key."""
_SALT: Final = "syncline-console-session"


class SessionKeys:
    """Signs and reads sessions; shows nothing of its keys.

    :param keys: texts of :data:`SHORTEST` characters or more, the newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {_id_of(key): key for key in keys}
        self._serializer = URLSafeSerializer(
            list(reversed(keys)),  # the library signs with the last
            salt=_SALT,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    @property
    def newest(self) -> str:
        """Id of the key that signs; not secret."""
        return next(iter(self._keys))

    def sign(self, session: Mapping[str, Any]) -> str:
        """Return a session as what a cookie holds."""
        text = self._serializer.dumps(dict(session))
        return text if isinstance(text, str) else text.decode()

    def read(self, text: str) -> dict[str, Any] | None:
        """Return the session a cookie holds; None when nobody of ours wrote it."""
        try:
            found = self._serializer.loads(text)
        except BadData:
            return None
        return found if isinstance(found, dict) else None

    def derived(self, purpose: str, text: str, key: str) -> str | None:
        """Return a secret that only holders of a key can work out; None without that key.

        What is needed again later need not be kept in a cookie then.

        :param text: what it belongs to, for example a state.
        :param key: id of the key, as :attr:`newest` told it.
        """
        found = self._keys.get(key)
        if found is None:
            return None
        digest = hmac.digest(found.encode(), f"{purpose}:{text}".encode(), "sha256")
        return urlsafe_b64encode(digest).decode().rstrip("=")


def made_up() -> SessionKeys:
    """Return keys that are good for this process only."""
    return SessionKeys([secrets.token_urlsafe(SHORTEST)])


def _id_of(key: str) -> str:
    return hashlib.sha256(f"{_SALT}:{key}".encode()).hexdigest()[:8]
