"""A Procrastinate worker on a thread of its own, with an event loop nobody else sees.

It has one life after another: a life ends when its database goes away or a job cannot be finished,
and the next one begins with a new name. What the old one held is taken over from the dead as if
its process were gone.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import procrastinate
import structlog
from procrastinate.worker import Worker

from syncline_server.core.errors import Unavailable
from syncline_server.storage import jobs

log = structlog.get_logger(__name__)

_HEARTBEATS: Final = 4
_POLL_SECONDS: Final = 1.0
"""How late a job is noticed that no notification told of: one whose run was executing still."""
_NEVER: Final = 86_400.0
# For looking up the database's name: a reconnection must not wait until a run has ended.
_SPARE_THREADS: Final = 2
_PAUSE_SECONDS: Final = 1.0

Perform = Callable[[str], None]
"""Carries out the job of one run, by its id, on a thread of the worker."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a process takes part in a fleet."""

    workers: int
    """How many runs execute here at once."""
    takeover: timedelta
    """After how much silence of a worker its runs are taken over; it speaks four times as often."""


class JobWorker:
    """Fetches jobs and carries them out, from its start to its stop, whatever happens between.

    :param url: of the database.
    """

    def __init__(self, url: str, perform: Perform, pace: Pace) -> None:
        self._url = url
        self._perform = perform
        self._pace = pace
        self._stopping = threading.Event()
        self._life: _Life | None = None
        self._thread = threading.Thread(target=self._work, name="job-worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Fetch nothing more; what is under way goes on to its end."""
        self._stopping.set()
        if self._life:
            self._life.end()

    def join(self) -> None:
        """Wait until the last job has ended."""
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._life = _Life(self._url, self._perform, self._pace)
            if self._stopping.is_set():  # since the look above, so it has not heard of it
                return
            reason = self._life.live()
            if not self._stopping.is_set():
                log.warning("worker begins anew", action="worker_begins_anew", reason=reason)
                self._stopping.wait(_PAUSE_SECONDS)


class _Life:
    """One registration as a worker."""

    def __init__(self, url: str, perform: Perform, pace: Pace) -> None:
        self._perform = perform
        self._pace = pace
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=url, min_size=1, max_size=4, timeout=5.0
            )
        )
        self._app.task(name=jobs.TASK, queue=jobs.QUEUE)(self._carry_out)
        self._asked_to_end = False
        self._reason = "by itself"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[None] | None = None
        self._worker: Worker | None = None

    def live(self) -> str:
        """Work to the end, and return what ended it when nobody asked for the end."""
        with asyncio.Runner() as runner:
            self._loop = loop = runner.get_loop()
            threads = self._pace.workers + _SPARE_THREADS
            loop.set_default_executor(ThreadPoolExecutor(threads, "run"))
            loop.set_exception_handler(self._stumbled)
            try:
                runner.run(self._work())
            except asyncio.CancelledError:
                return self._reason
            except Exception as error:  # noqa: BLE001 - of the database, but for bugs of the engine
                return type(error).__name__
        return self._reason

    def end(self) -> None:
        """End in order, from any thread."""
        self._asked_to_end = True
        if self._loop:
            with contextlib.suppress(RuntimeError):  # closed: it has ended
                self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._asked_to_end = True
        if self._worker:  # it fetches nothing more, and waits for its jobs
            self._worker.stop()  # type: ignore[no-untyped-call]  # it has no types
        elif self._opening:
            self._opening.cancel()

    async def _work(self) -> None:
        self._opening = asyncio.current_task()
        if self._asked_to_end:
            return
        try:
            await self._app.open_async()
            # A cancellation is lost where it meets the end of what is awaited.
            if self._asked_to_end:
                return
            self._worker = self._employed()
            await self._worker.run()  # type: ignore[no-untyped-call]  # likewise
        finally:
            await self._app.close_async()

    def _employed(self) -> Worker:
        takeover = self._pace.takeover.total_seconds()
        return Worker(
            app=self._app,
            queues=[jobs.QUEUE],
            concurrency=self._pace.workers,
            delete_jobs="always",
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL_SECONDS,
            abort_job_polling_interval=_NEVER,
            update_heartbeat_interval=takeover / _HEARTBEATS,
            stalled_worker_timeout=takeover,
        )

    def _carry_out(self, run: str) -> None:
        """Carry out one job; whatever fails, the run's row is the truth and a sweep looks at it."""
        try:
            self._perform(run)
        except Unavailable:
            log.warning("run left to a sweep", action="run_left", run=run)
        except Exception:
            log.exception("job crashed", action="job_crashed", run=run)

    def _stumbled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End this life when a job could not be finished.

        Others have taken it over, or else it would count as this worker's for as long as that
        lives, and its run as executing.
        """
        reason = type(context.get("exception")).__name__
        log.warning("job not finished", action="job_not_finished", reason=reason)
        self._reason = "a job could not be finished"
        self._end()
