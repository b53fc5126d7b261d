"""Calls to one organisation that are under way, as of several processes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from connect_bench import Bench
from syncline_sdk import Limits
from syncline_server.outbound.pause import Pause
from syncline_server.services.budgets import Claim, Gate, Passage

LIMITS = Limits(per_minute=6, concurrent=2)


def another(bench: Bench) -> Bench:
    """Return another server process on the same database, provider and time."""
    return Bench(bench.database, clock=bench.clock, ledger=bench.ledger, provider=bench.provider)


def nothing() -> None:
    """Check nothing."""


def gate(bench: Bench, check: Callable[[], None] = nothing, *, is_urgent: bool = True) -> Gate:
    """Return the gate of a client."""
    claim = Claim(
        connection=bench.row(),
        provider=bench.provider.name,
        limits=LIMITS,
        urgent=is_urgent,
        longest=timedelta(seconds=77),
        check=check,
    )
    return bench.clients.budgets.gate(claim)


def entered(bench: Bench, *, is_urgent: bool = True) -> AbstractContextManager[Passage]:
    """Return a passage that has been entered, as by a process that is calling now; keep it."""
    passage = gate(bench, is_urgent=is_urgent).passage(Pause(no_wait))
    passage.__enter__()
    return passage


def no_wait(_seconds: float) -> None:
    """Fail: there is nothing to wait for."""
    raise AssertionError("waited")
