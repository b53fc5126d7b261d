"""Several processes and one organisation: its limits hold over all of them."""

from collections.abc import Callable

import pytest

from databases import PostgresqlServer
from hammering import Hammers, Order
from local_stack import LocalStack
from syncline_sdk import Limits

pytestmark = pytest.mark.slow
LIMITS = Limits(per_minute=12, concurrent=2)
PROCESSES = 3
SECONDS = 20.0
"""Enough for twelve calls on any machine, and well within the minute that they are allowed in."""


def test_processes_together_make_the_calls_that_are_allowed(
    start_stack: Callable[..., LocalStack], postgresql: PostgresqlServer
) -> None:
    """All of the minute is used and not one call more, never more at once, and none is refused."""
    stack = start_stack(SYNCLINE_DATABASE_URL=postgresql.empty())
    stack.connected("shared", contacts=1, items=1)
    stack.control("POST", "/limits", {"minute": 12, "concurrent": 2, "reset": True})
    slow = {"kind": "delay", "path": "Organisation", "seconds": 0.1, "count": None}
    stack.control("POST", "/faults", slow)
    order = Order(
        environ=stack.environment_of("server"),
        workspace="shared",
        seconds=SECONDS,
        limits=LIMITS,
    )

    with Hammers(order, PROCESSES) as hammers:
        waits = hammers.waits()

    (count,) = stack.control("GET", "/counters")["tenants"].values()
    assert count["statuses"] == {"200": 12}
    assert count["max_concurrent"] <= 2
    assert len(waits.pulls) + len(waits.urgent) == 12
