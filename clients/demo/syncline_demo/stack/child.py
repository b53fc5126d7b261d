"""One child process: started on a leash, its output in a log, stopped in order."""

import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from syncline_demo.config import Address

_TAIL_LINES = 15
_OWNER_ONLY = 0o600
_LAST_WORDS_SECONDS = 30.0
"""How long what a program said last may take to be read, once it has ended."""

Echo = Callable[[str, str], None]
"""Takes a program's name and a line of its output."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to start."""

    name: str
    """Short; also names the log."""
    module: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    address: Address
    """Where it will listen."""
    is_healthy: Callable[[], bool]
    """Whether it answers at its address."""


class Child:
    """A started program.

    :param program: what to start.
    :param log: file its output goes to; what an earlier start left there is replaced.
    :param echo: is handed every line as well.
    """

    def __init__(self, program: Program, log: Path, echo: Echo) -> None:
        self.program = program
        self.log = log
        self._echo = echo
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        file = self._new_log()  # before it runs: nobody takes what an earlier start said for its
        command = (sys.executable, "-m", "syncline_demo.stack.leash", program.module)
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            [*command, *program.arguments],
            env=dict(program.environment),
            stdin=subprocess.PIPE,  # the leash
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C goes to the whole group of a terminal; the order of stopping is ours.
            start_new_session=True,
        )
        self._reader = threading.Thread(
            target=self._read, args=(file,), name=f"log-{program.name}", daemon=True
        )
        self._reader.start()

    def _read(self, log: IO[bytes]) -> None:
        with log as file:
            for line in self._process.stdout or ():
                file.write(line)
                text = line.decode(errors="replace").rstrip()
                self._tail.append(text)
                self._echo(self.program.name, text)

    def _new_log(self) -> IO[bytes]:
        """Put the log of the start before aside: after a crash it is what somebody looks for."""
        with contextlib.suppress(FileNotFoundError):
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        return os.fdopen(descriptor, "wb", buffering=0)

    @property
    def process_id(self) -> int:
        """Its id in the operating system."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def tail(self) -> str:
        """Return the last lines of its output, of all of it once it has ended."""
        if self.exit_code is not None:
            self._reader.join(_LAST_WORDS_SECONDS)
        return "\n".join(self._tail)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, unless it has ended."""
        self._process.terminate()

    def stop(self, seconds: float, is_impatient: Callable[[], bool]) -> bool:
        """Ask it to stop, wait, and end it by force if it does not.

        :param seconds: how long to wait.
        :param is_impatient: asked again and again; true gives up waiting.
        :returns: whether it stopped by itself.
        """
        self.ask_to_stop()
        gently = self._wait(seconds, is_impatient)
        if not gently:
            self._process.kill()
            self._process.wait()
        self._reader.join(_LAST_WORDS_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        return gently

    def _wait(self, seconds: float, is_impatient: Callable[[], bool]) -> bool:
        step = 0.1
        for _ in range(int(seconds / step)):
            try:
                self._process.wait(step)
            except subprocess.TimeoutExpired:
                if is_impatient():
                    return False
            else:
                return True
        return False
