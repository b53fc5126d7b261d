"""Begins lives, one process each, in milliseconds: they are forked from one that is all loaded.

A program of its own: an order a line comes in, a report a line goes out. It never loads gRPC, which
does not survive a fork.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from life import Life, Place, Wishes, at
from stepping import Fate
from syncline_server import registry
from syncline_server.config import read_config

_LONGEST_LIFE: Final = 300.0
_ERROR: Final = 40


class Order(msgspec.Struct, frozen=True):
    """Begin a life, or let the one that is held up go on."""

    wishes: Wishes | None = None
    """None lets the one that is held up go on."""
    die_at: int | None = None
    kind: str = ""
    """Of the steps that ``die_at`` counts."""
    stop_at: int | None = None
    kill_after: float | None = None
    """Seconds after which it is killed, wherever it is."""
    seconds: float = 10.0
    """How long a call may take to be answered."""


class Report(msgspec.Struct, frozen=True):
    """How a life ended."""

    end: str
    """``done``, ``killed``, ``held up`` or ``failed``."""
    step: str = ""
    """Where it was killed, if it was at a step."""
    steps: int = 0
    error: str = ""


class LifeServer:
    """The program, from the side that gives the orders."""

    def __init__(self, environ: Mapping[str, str], place: Place) -> None:
        here = Path(__file__)
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(here), msgspec.json.encode(place).decode()],
            env={**environ, "PYTHONPATH": str(here.parent)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def live(self, order: Order) -> Report:
        """Give an order and return what came of it."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("it was started without pipes")
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Report)

    def close(self) -> None:
        """End the program."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(_LONGEST_LIFE)
            self._process.stdout.close()


class _Child:
    """A life in a process of its own, and what it says."""

    def __init__(self, process_id: int, pipe: int) -> None:
        self._process_id = process_id
        self._pipe = pipe
        self._said = b""

    def watch(self, kill_after: float | None) -> Report | None:
        """Return how it ended; None when it is held up."""
        end = time.monotonic() + (_LONGEST_LIFE if kill_after is None else kill_after)
        while True:
            ready, _, _ = select.select([self._pipe], [], [], max(end - time.monotonic(), 0))
            if not ready:
                os.kill(self._process_id, signal.SIGKILL)
                end += _LONGEST_LIFE
                continue
            heard = os.read(self._pipe, 65_536)
            self._said += heard
            if not heard:
                os.close(self._pipe)
                os.waitpid(self._process_id, 0)
                return self._report(is_late=kill_after is None)
            if b'"held up"' in heard:
                os.waitpid(self._process_id, os.WUNTRACED)
                return None

    def go_on(self) -> None:
        """Let it go on."""
        os.kill(self._process_id, signal.SIGCONT)

    def _report(self, *, is_late: bool) -> Report:
        lines = [msgspec.json.decode(line, type=Report) for line in self._said.splitlines()]
        said = [line for line in lines if line.end != "held up"]
        if said:
            return said[-1]
        return Report(end="failed", error="it hung") if is_late else Report(end="killed")


def _begin(order: Order, wishes: Wishes, place: Place, world: Mapping[str, object]) -> _Child:
    ours, theirs = os.pipe()
    process_id = os.fork()
    if process_id:
        os.close(theirs)
        return _Child(process_id, ours)
    os.close(ours)
    _say(theirs, _lived(order, wishes, place, world, theirs))
    os._exit(0)


def _lived(
    order: Order, wishes: Wishes, place: Place, world: Mapping[str, object], pipe: int
) -> Report:
    def tell(step: str) -> None:
        _say(pipe, Report(end="killed" if order.stop_at is None else "held up", step=step))

    fate = Fate(die_at=order.die_at, kind=order.kind, stop_at=order.stop_at)
    try:
        life = Life(place, world["config"], world["catalogue"], fate, order.seconds, tell)  # type: ignore[arg-type]  # as _main makes them
        with contextlib.closing(life):
            life.live(wishes)
    except BaseException:  # noqa: BLE001 - whatever it is, who ordered the life is told
        return Report(end="failed", error=traceback.format_exc())
    return Report(end="done", steps=life.steps.count)


def _say(pipe: int, report: Report) -> None:
    os.write(pipe, msgspec.json.encode(report) + b"\n")


def _main(place: Place) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(_ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    world = {
        "config": read_config(),
        "catalogue": at(place.simulator_url, registry.load()),
    }
    if "grpc" in sys.modules:
        raise RuntimeError("gRPC is loaded: what is forked from here would hang")
    held_up: list[_Child] = []
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        if order.wishes is None:
            child = held_up.pop()
            child.go_on()
        else:
            child = _begin(order, order.wishes, place, world)
        report = child.watch(order.kill_after)
        if report is None:
            held_up.append(child)
        _say(sys.stdout.fileno(), report or Report(end="held up"))


if __name__ == "__main__":
    _main(msgspec.json.decode(sys.argv[1], type=Place))
