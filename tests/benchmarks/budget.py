"""Several processes that call one organisation as hard as they can, with Xero's limits on."""

from collections.abc import Iterator, Sequence
from statistics import mean, quantiles
from typing import Any

from figures import Figure
from lab import UNLIMITED, Lab, connected
from sizes import Sizes

from databases import running_postgresql
from hammering import Hammers, Order, Waits

_LIMITS = {"minute": 60, "concurrent": 5}
_LATENCY = 0.3
_URGENT_PAUSE = 20.0
"""Seconds between two urgent calls of a process."""


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield what the simulator counted, refused calls too, and how long calls waited."""
    waits, count = _hammered(lab, sizes)
    told = f"{sizes.processes} processes, {count['calls']} calls in {sizes.budget_seconds:g} s"
    minutes: Sequence[int] = count["calls_by_minute"]
    yield Figure(
        name="calls in a minute of Xero's, the most",
        measured=max(minutes),
        goal=_LIMITS["minute"],
        told=f"{told}: {minutes}",
    )
    yield Figure(
        name="calls at once, the most", measured=count["max_concurrent"], goal=_LIMITS["concurrent"]
    )
    refused = count["calls"] - count["statuses"].get("200", 0)
    yield Figure(name="calls that were refused", measured=refused, goal=0)
    whole = minutes[1:-1] or minutes
    yield Figure(
        name="share of the limit that is used",
        measured=mean(whole) / _LIMITS["minute"],
        goal=0.9,
        at_least=True,
        told=f"in {len(whole)} whole minutes of Xero's",
    )
    yield from _waiting("urgent call", waits.urgent)
    yield from _waiting("pull", waits.pulls)


def _hammered(lab: Lab, sizes: Sizes) -> tuple[Waits, dict[str, Any]]:
    organisation = lab.organisation(1, name="Shared")
    with running_postgresql() as postgresql:
        url = postgresql.empty()
        with lab.server(url) as stack:
            connected(stack, "shared", organisation)
            environ = stack.environment_of("server")
        order = Order(
            environ=environ,
            workspace="shared",
            seconds=sizes.budget_seconds,
            urgent_pause=_URGENT_PAUSE,
        )
        delay = {"kind": "delay", "path": "Organisation", "seconds": _LATENCY, "count": None}
        lab.xero.control("POST", "/limits", {**_LIMITS, "reset": True})
        lab.xero.control("POST", "/faults", delay)
        lab.calls()
        with Hammers(order, sizes.processes) as hammers:
            waits = hammers.waits()
        (count,) = lab.xero.control("GET", "/counters")["tenants"].values()
        lab.xero.control("DELETE", "/faults")
        lab.xero.control("POST", "/limits", UNLIMITED)
    return waits, count


def _waiting(who: str, waits: Sequence[float]) -> Iterator[Figure]:
    percentiles = quantiles([*waits, *waits], n=100, method="inclusive")
    for name, index in (("p50", 49), ("p99", 98)):
        yield Figure(
            name=f"{who}, wait until it leaves, {name}",
            measured=percentiles[index],
            unit="s",
            told=f"{len(waits)} calls",
        )
