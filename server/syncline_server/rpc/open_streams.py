"""Every stream that is open, so that credentials which end are missed by none of them."""

import threading
from typing import Protocol

from syncline_server.core.errors import Reason, Refusal


class OpenStream(Protocol):
    """A stream, as far as its caller's credentials go."""

    def look(self) -> None:
        """End it unless its credentials are good still, and for what it shows.

        :raises Refusal: nothing can be told of them now; it goes on.
        """


class OpenStreams:
    """Knows what is open; an idle stream costs no thread. Safe to share between threads."""

    def __init__(self) -> None:
        self._streams: set[OpenStream] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: OpenStream) -> None:
        """Note that a stream has begun."""
        with self._lock:
            self._streams.add(stream)

    def discard(self, stream: OpenStream) -> None:
        """Note that a stream is over; a second time changes nothing."""
        with self._lock:
            self._streams.discard(stream)

    def look(self) -> None:
        """Look at the credentials of each; call it again and again.

        :raises Unavailable: the database is away.
        """
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            try:
                stream.look()
            except Refusal as refusal:
                # Whatever one meets, the others are looked at. But a database that is away may be
                # waited for each time; an issuer is told to be away at once.
                if refusal.reason is Reason.DATABASE_UNAVAILABLE:
                    raise
