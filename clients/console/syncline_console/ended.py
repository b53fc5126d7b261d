"""Sessions that were ended by signing out: copies of their cookie are worth nothing here."""

import threading
from collections import OrderedDict
from typing import Final

_MOST: Final = 10_000
"""More than people who sign out within eight hours; the oldest is forgotten first."""


class Ended:
    """Remembers ids of sessions; safe to share between threads. Each process knows its own."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, session_id: str) -> None:
        """Remember one."""
        with self._lock:
            self._ids[session_id] = None
            if len(self._ids) > _MOST:
                self._ids.popitem(last=False)

    def __contains__(self, session_id: str) -> bool:
        """Return whether it was ended."""
        return session_id in self._ids
