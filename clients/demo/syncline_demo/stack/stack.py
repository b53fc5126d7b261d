"""Starting the programs, waiting until they answer, and stopping them in order."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from syncline_demo.config import Address
from syncline_demo.stack.child import Child, Echo, Program
from syncline_demo.stack.errors import StackError

_START_SECONDS = 90.0
_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.1


class Stack:
    """The running programs; a context manager that stops them.

    :param programs: in the order in which they are stopped.
    :param log_folder: where ``<name>.log`` is written for each.
    :param echo: is handed every line they print.
    :param is_stopping: whether somebody asked to stop; ends waiting.
    :param is_impatient: whether somebody asked again; ends waiting for a graceful end.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        log_folder: Path,
        echo: Echo,
        *,
        is_stopping: Callable[[], bool],
        is_impatient: Callable[[], bool],
    ) -> None:
        self._programs = programs
        self._log_folder = log_folder
        self._echo = echo
        self._is_stopping = is_stopping
        self._is_impatient = is_impatient
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        """Start all programs; :meth:`wait_until_healthy` tells when they are up.

        :raises StackError: an address is in use.
        """
        for program in self._programs:
            check_free(program.address)
        for program in self._programs:
            log = self._log_folder / f"{program.name}.log"
            self._children.append(Child(program, log, self._echo))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop all programs, each before the next."""
        for child in self._children:
            child.stop(_STOP_SECONDS, self._is_impatient)

    def wait_until_healthy(self) -> None:
        """Return when every program answers, or somebody asked to stop.

        :raises StackError: one died, or does not answer in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        for child in self._children:
            while not self._is_stopping() and not child.program.is_healthy():
                self.check_alive()
                if time.monotonic() > deadline:
                    raise StackError(_said(child, "does not answer", self._log_folder))
                time.sleep(_LOOK_SECONDS)
        self.check_alive()

    def check_alive(self) -> None:
        """Raise :class:`StackError` with the end of its log if a program has died."""
        for child in self._children:
            if child.exit_code is not None and not self._is_stopping():
                what = f"ended unexpectedly (exit code {child.exit_code})"
                raise StackError(_said(child, what, self._log_folder))


def check_free(address: Address) -> None:
    """Raise :class:`StackError` if nothing can listen at an address."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        # No SO_REUSEPORT: a listener that allows sharing is found, too.
        socket.create_server((address.host, address.port), family=family).close()
    except OSError as error:
        raise StackError(
            f"Cannot listen on {address}: {os.strerror(error.errno or 0)}. Stop what uses it, or"
            f" set {address.variable} to another address."
        ) from error


def _said(child: Child, what: str, folder: Path) -> str:
    last = child.tail() or "(nothing)"
    log = folder / f"{child.program.name}.log"
    return f"The {child.program.name} {what}. Its last words (all of them: {log}):\n{last}"
