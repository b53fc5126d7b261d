"""A database and a way to Xero that count every step, so that a process can die at each of them."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from syncline_server.storage.database import Database


class Step(Protocol):
    """Told what the process is about to do or has just done."""

    def __call__(self, name: str, *, holds_locks: bool = False) -> None:
        """Count a step.

        :param holds_locks: whether others wait for the process meanwhile.
        """


_READS = ("SELECT", "PRAGMA")
_CUT = "http11.receive_response_headers.started"  # the request is out, nothing of the answer is in


@dataclass(frozen=True, kw_only=True)
class Fate:
    """At which step a life ends; None for never."""

    die_at: int | None = None
    kind: str = ""
    """The name of the steps that ``die_at`` counts; empty counts all."""
    stop_at: int | None = None
    """Like ``die_at``, but it is only held up, as a suspended machine is, and never with locks."""


class Steps:
    """Counts steps and ends the process at the one that fate wants.

    :param tell: is told the name of the last step right before the end.
    """

    def __init__(self, fate: Fate, tell: Callable[[str], None]) -> None:
        self._fate = fate
        self._tell = tell
        self._lock = threading.Lock()
        self._counted = 0
        self.count = 0

    def __call__(self, name: str, *, holds_locks: bool = False) -> None:
        """Count one step."""
        with self._lock:
            self.count += 1
            self._counted += name.startswith(self._fate.kind)
            if self._counted == self._fate.die_at:
                self._tell(name)
                os.kill(os.getpid(), signal.SIGKILL)
            if self._fate.stop_at is not None and self.count >= self._fate.stop_at:
                self._hold_up(name, holds_locks=holds_locks)

    def _hold_up(self, name: str, *, holds_locks: bool) -> None:
        if holds_locks:
            return
        self._fate = Fate()
        self._tell(name)
        os.kill(os.getpid(), signal.SIGSTOP)


class SteppingDatabase(Database):
    """Steps before each statement that writes, and before and behind each commit."""

    def __init__(self, database: Database, step: Step) -> None:
        super().__init__(database.engine)
        self._step = step

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as a transaction; a savepoint inside another one is no step."""
        is_outermost = not self._is_inside()
        with super().transaction():
            yield
            if is_outermost:
                self._step("before a commit", holds_locks=True)
        if is_outermost:
            self._step("behind a commit")

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Step, then run the statement."""
        self._step("before a write", holds_locks=True)
        super().execute_many(sql, rows)

    def _run(self, query: str, parameters: Sequence[object]) -> Any:
        if query.lstrip().upper().startswith(_READS):
            return super()._run(query, parameters)
        is_inside = self._is_inside()
        self._step("before a write", holds_locks=is_inside)
        cursor = super()._run(query, parameters)
        if not is_inside:
            self._step("behind a commit")
        return cursor

    def _is_inside(self) -> bool:
        return not self.engine.is_closed() and self.engine.transaction_depth() > 0


class SteppingTransport(httpx.BaseTransport):
    """Steps before each call, when it has left, and behind its answer.

    :param seconds: no call takes longer than this to answer, whatever it was to be given.
    """

    def __init__(self, step: Step, seconds: float) -> None:
        # Never over TLS, so without the certificates that take a while to load.
        self._inner = httpx.HTTPTransport(verify=False)
        self._step = step
        self._seconds = seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Step, call, step, and read the whole answer."""
        name = f"{request.method} {request.url.path.rpartition('/')[2]}"
        self._step(f"before {name}")

        def trace(event: str, _info: dict[str, Any]) -> None:
            if event == _CUT:
                self._step(f"during {name}")

        request.extensions = {
            **request.extensions,
            "timeout": {"connect": 5, "pool": 5, "write": 5, "read": self._seconds},
            "trace": trace,
        }
        response = self._inner.handle_request(request)
        response.read()
        self._step(f"behind {name}")
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()
