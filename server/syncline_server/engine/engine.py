"""What executes runs, as everything above it knows it: one interface, two adapters."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from syncline_server.core.model import Run

ExecuteRun = Callable[[str, Callable[[], bool]], Run | None]
"""``Execution.execute``."""


class Engine(Protocol):
    """Has runs executed: by threads of this process, or by any process of a fleet."""

    def start(self) -> None:
        """Begin, with whatever a dead process left behind; look for such runs from now on."""

    def enqueue(self, run_id: str) -> None:
        """Have a run executed as soon as somebody is free.

        Inside a transaction: once it has committed, and not at all if it does not.
        """

    def wake(self, run_id: str, when: datetime) -> None:
        """Have a parked run executed at a time."""

    def sweep(self) -> None:
        """Have every active run executed that nobody executes and nobody will."""

    def stop(self) -> None:
        """Begin nothing more, and ask running modules to end at their next page.

        Their runs are queued again, for the next start or for another process.
        """

    def join(self) -> None:
        """Wait until nothing executes here any more."""
