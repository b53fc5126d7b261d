"""Telling the other processes what changed here, and hearing what changed there.

On PostgreSQL only. Neither is needed for anything to be right: who misses a notice looks later.
"""

import queue
import threading
from typing import Final

import structlog

from syncline_server.core.errors import Unavailable
from syncline_server.core.notices import Notice, Notify
from syncline_server.storage import notices
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

_PAUSE_SECONDS: Final = 1.0


class Teller:
    """Tells notices, those that gather while it tells the last ones at once.

    :param id: of this process.
    """

    def __init__(self, database: Database, id: str) -> None:  # noqa: A002 - as a row's is called
        self._database = database
        self._id = id
        self._waiting: queue.SimpleQueue[Notice | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="notices-tell", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def tell(self, notice: Notice) -> None:
        """Tell soon. Never blocks and never raises."""
        self._waiting.put(notice)

    def stop(self) -> None:
        """Tell what is left, and end."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while gathered := self._gathered():
            if told := [each for each in gathered if each is not None]:
                self._tell(told)
            if None in gathered:
                return

    def _gathered(self) -> dict[Notice | None, None]:
        """Wait for a notice; return it with those that wait already, each once, in order."""
        gathered = {self._waiting.get(): None}
        for _ in range(self._waiting.qsize()):
            gathered[self._waiting.get()] = None
        return gathered

    def _tell(self, told: list[Notice]) -> None:
        try:
            notices.tell(self._database, self._id, told)
        except Unavailable:
            log.warning("notices not told", action="notices_not_told", count=len(told))


class Listener:
    """Hears what the other processes tell; listens anew whenever its connection is lost.

    :param id: of this process, whose own words are left out.
    :param hear: takes each notice, and one that anything may have changed after each silence.
    """

    def __init__(self, url: str, id: str, hear: Notify) -> None:  # noqa: A002 - likewise
        self._url = url
        self._id = id
        self._hear = hear
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="notices-hear", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                for notice in notices.heard(self._url, self._id, self._stopping.is_set):
                    self._hear(notice)
            except Unavailable:
                log.warning("notices not heard", action="notices_not_heard")
                self._stopping.wait(_PAUSE_SECONDS)
