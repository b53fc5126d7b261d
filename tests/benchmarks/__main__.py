"""``python tests/benchmarks [--tiny] [name ...]``: measure, and print figures beside their goals.

Docs: docs/benchmarks.md.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import audit
import budget
import console
import feed
import fuzz
import kills
import lists
import loading
import memory
import moving
import postgresql
import pull
import push
import rpc
import sdk
import start
import trigger
import watch
from figures import Figure, table
from lab import Lab, laboratory
from rich.console import Console
from sizes import TINY, Sizes

_WIDTH = 140
MEASUREMENTS: dict[str, Callable[[Lab, Sizes], Iterator[Figure]]] = {
    "pull": pull.measure,
    "memory": memory.measure,
    "postgresql": postgresql.measure,
    "sdk": sdk.measure,
    "push": push.measure,
    "rpc": rpc.measure,
    "lists": lists.measure,
    "trigger": trigger.measure,
    "start": start.measure,
    "watch": watch.measure,
    "console": console.measure,
    "feed": feed.measure,
    "budget": budget.measure,
    "loading": loading.measure,
    "moving": moving.measure,
    "audit": audit.measure,
    "fuzz": fuzz.measure,
    "kills": kills.measure,
}
_LONG = ("kills", "fuzz")  # each of which takes as long as all others
_USUAL = [name for name in MEASUREMENTS if name not in _LONG]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements asked for, all of them by default."""
    names = ", ".join(MEASUREMENTS)
    parser = ArgumentParser(prog="make bench", description="Measure Syncline beside its goals.")
    parser.add_argument("--tiny", action="store_true", help="only see that everything works")
    parser.add_argument("--seed", default="", help="repeat what was drawn at random once")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {names}")
    asked = parser.parse_args(arguments)
    unknown = ", ".join(name for name in asked.names if name not in MEASUREMENTS)
    if unknown:
        parser.error(f"no such measurement: {unknown}; there are: {names}")
    sizes = replace(TINY if asked.tiny else Sizes(), seed=asked.seed)
    Console(width=_WIDTH).print(table(_measured(asked.names or _USUAL, sizes)))
    return 0


def _measured(names: Sequence[str], sizes: Sizes) -> list[Figure]:
    figures: list[Figure] = []
    with laboratory() as lab:
        for name in names:
            print(f"measuring {name} ...", flush=True)
            figures += MEASUREMENTS[name](lab, sizes)
    return figures


if __name__ == "__main__":
    sys.exit(main())
