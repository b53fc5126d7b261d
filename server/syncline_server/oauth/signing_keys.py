"""An issuer's keys, kept: read again as they age, and when a token names one that is not known.

No call waits for an issuer but the one that found a key missing, and that at most once in a while:
anybody can make up names of keys.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from syncline_server.core.clock import Clock
from syncline_server.oauth.signatures import SigningKey

PAUSE: Final = timedelta(seconds=30)
"""How long after one attempt to read the keys the next may begin."""
FRESH: Final = timedelta(minutes=5)
"""After which age the keys are read again; a key that the issuer withdraws ends with it."""
KEPT: Final = timedelta(hours=24)
"""For how long keys are used while the issuer cannot be asked again."""
_SOON: Final = timedelta(seconds=1)
_log = structlog.get_logger(__name__)

Fetch = Callable[[], Mapping[str, SigningKey]]
"""Reads the keys by their ids, or raises ``IssuerUnavailable``."""


class IssuerUnavailable(Exception):  # noqa: N818 - named by what is the case
    """An issuer's keys cannot be had, so that no token of it can be judged.

    :param retry_after: when it may be asked again.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SigningKeys:
    """The keys of one issuer. Safe to share between threads.

    :param fetch: reads the keys.
    """

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, SigningKey] = {}
        self._read: datetime | None = None
        self._tried: datetime | None = None
        self._trying = False
        self._failed = False

    def find(self, key_id: str) -> SigningKey | None:
        """Return the key of this id, or None when the issuer has none.

        :raises IssuerUnavailable: whether it has one cannot be told now.
        """
        if key_id not in self._known():
            self._look_again()
        return self._known().get(key_id)

    def refresh(self) -> None:
        """Read the keys when they have aged; call it again and again."""
        if not self._is_within(self._read, FRESH) and self._begin():
            self._read_again()

    def _known(self) -> Mapping[str, SigningKey]:
        return self._keys if self._is_within(self._read, KEPT) else {}

    def _look_again(self) -> None:
        if self._begin():
            self._read_again()
        elif self._trying:
            raise IssuerUnavailable("it is being asked", _SOON)
        if self._failed or not self._is_within(self._read, KEPT):
            raise IssuerUnavailable("it could not be asked", PAUSE)

    def _is_within(self, since: datetime | None, span: timedelta) -> bool:
        # Neither before it: a clock that was put back makes nothing last longer.
        return since is not None and timedelta() <= self._clock() - since < span

    def _begin(self) -> bool:
        """Return whether this thread is the one to read the keys now."""
        with self._lock:
            if self._trying or self._is_within(self._tried, PAUSE):
                return False
            self._trying, self._tried = True, self._clock()
        return True

    def _read_again(self) -> None:
        self._failed = True
        try:
            self._keys = self._fetch()
            self._read, self._failed = self._clock(), False
        except IssuerUnavailable as error:
            _log.warning("the issuer's keys cannot be read", action="issuer_keys", why=str(error))
        finally:
            self._trying = False
