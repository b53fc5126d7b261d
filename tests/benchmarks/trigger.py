"""How soon TriggerSync answers, at a steady rate, while the runs it starts are executed."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

from figures import Figure
from lab import Lab, connected
from sizes import Sizes

from syncline_demo.story.workspace import Workspace

_RATE = 50
"""Calls a second."""
_CALLERS = 16


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the median and the 99th percentile."""
    triggers = int(_RATE * sizes.trigger_seconds)
    with lab.server() as stack:
        # A scope cools down behind its run, so each call gets a workspace and books of its own.
        workspaces = [
            connected(stack, f"shop{number}", lab.organisation(1, name=f"Shop {number}"))
            for number in range(triggers)
        ]
        for workspace in workspaces:
            workspace.set_toggles(tax_rates=True)
        took = _at_a_steady_rate(workspaces)
    percentiles = quantiles(took, n=100, method="inclusive")
    told = f"{triggers} calls at {_RATE} a second"
    yield Figure(
        name="TriggerSync accepted, p50", measured=percentiles[49], goal=10, unit="ms", told=told
    )
    yield Figure(
        name="TriggerSync accepted, p99", measured=percentiles[98], goal=50, unit="ms", told=told
    )


def _at_a_steady_rate(workspaces: Sequence[Workspace]) -> list[float]:
    """Return the milliseconds from when each call was due until it was answered."""
    begin = time.perf_counter()

    def call(number: int) -> float:
        due = begin + number / _RATE
        time.sleep(max(due - time.perf_counter(), 0))
        workspaces[number].trigger("tax_rates")
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(_CALLERS) as callers:
        return list(callers.map(call, range(len(workspaces))))
