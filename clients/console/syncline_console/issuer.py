"""The company's identity provider as it describes itself: its addresses and keys."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from syncline_console.public_address import is_here

_PATH: Final = "/.well-known/openid-configuration"
_READ_EACH: Final = timedelta(minutes=5)
_ASKED_AGAIN: Final = timedelta(seconds=30)
"""At most how often keys are read because a token names an unknown one."""
_PAUSE: Final = timedelta(seconds=5)
_KEPT: Final = timedelta(days=1)
"""How long its keys are used while it cannot be asked."""
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_log = logging.getLogger(__name__)
_OPTIONAL: Final = "end_session_endpoint"


class IssuerUnavailable(Exception):  # noqa: N818 - a state of something else
    """The identity provider does not answer, or not as one should; the message is for the log."""


class Issuer:
    """Reads what an issuer publishes; safe to share between threads.

    :param address: as in its tokens' ``iss``.
    :param http: the way to it.
    :param clock: tells the time.
    """

    def __init__(self, address: str, http: httpx.Client, clock: Callable[[], datetime]) -> None:
        self.address = address
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._asked_at: datetime | None = None
        """When it was asked in vain last."""
        self._configuration: Mapping[str, Any] = {}
        self._keys = KeySet([])

    def endpoint(self, name: str) -> str:
        """Return one of its addresses; empty where it has none of that name.

        :raises IssuerUnavailable: it cannot be asked.
        """
        self._refresh(_READ_EACH)
        return str(self._configuration.get(name, ""))

    def says_who_answers(self) -> bool:
        """Return whether each answer has to name it (RFC 9207, 3)."""
        self._refresh(_READ_EACH)
        return bool(self._configuration.get("authorization_response_iss_parameter_supported"))

    def keys(self) -> KeySet:
        """Return its keys.

        :raises IssuerUnavailable: it cannot be asked.
        """
        self._refresh(_READ_EACH)
        return self._keys

    def new_keys(self) -> KeySet:
        """Return its keys when a token names one that was not among them.

        :raises IssuerUnavailable: it cannot be asked.
        """
        self._refresh(_ASKED_AGAIN)
        return self._keys

    def _refresh(self, longest: timedelta) -> None:
        """Read what it publishes, unless it was read a short while ago.

        One thread asks; while the issuer is down, the others are answered from what was read
        before, or told so without waiting for it one after the other.
        """
        is_known = self._read_at is not None
        if self._is_fresh(longest) or not self._lock.acquire(blocking=not is_known):
            return
        try:
            if self._is_fresh(longest):
                return
            self._read()
        except IssuerUnavailable as error:
            self._asked_at = self._clock()
            if self._read_at is None or self._clock() >= self._read_at + _KEPT:
                raise
            _log.warning("company sign-in: the provider is not read anew: %s", error)
        finally:
            self._lock.release()

    def _is_fresh(self, longest: timedelta) -> bool:
        """Return whether it need not be asked now.

        :raises IssuerUnavailable: it was asked in vain a moment ago, and nothing is known of it.
        """
        now = self._clock()
        if self._asked_at is not None and now < self._asked_at + _PAUSE:
            if self._read_at is None:
                raise IssuerUnavailable("it was asked in vain a moment ago")
            return True
        return self._read_at is not None and now < self._read_at + longest

    def _read(self) -> None:
        configuration = self._document(self.address.rstrip("/") + _PATH)
        self._check(configuration)
        self._keys = _keys(self._document(configuration["jwks_uri"]))
        self._configuration, self._read_at, self._asked_at = configuration, self._clock(), None

    def _document(self, address: str) -> Mapping[str, Any]:
        try:
            answer = self._http.get(address)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise IssuerUnavailable(f"{address}: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise IssuerUnavailable(f"{address}: is no object")
        return found

    def _check(self, configuration: Mapping[str, Any]) -> None:
        if configuration.get("issuer") != self.address:
            raise IssuerUnavailable("its configuration is another issuer's")
        names = [*_NEEDED, *([_OPTIONAL] if _OPTIONAL in configuration else [])]
        if not all(is_safe(configuration.get(name)) for name in names):
            raise IssuerUnavailable("one of its addresses is missing, or not https")


def _keys(document: Mapping[str, Any]) -> KeySet:
    """Return the keys of a JSON Web Key Set (RFC 7517) that are of a kind that is known here."""
    found = []
    listed = document.get("keys")
    for each in listed if isinstance(listed, list) else []:
        try:
            found.append(import_key(each))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return KeySet(found)


def is_safe(address: object) -> bool:
    """Return whether an address is https, or http on this machine."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_here(host)))
