"""A file of encryption keys as an operator changes it, and the commands that go with it."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet

from local_stack import PATIENCE


class KeyFile:
    """The keys of a running stack.

    :param file: has the first key already.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.keys: list[str] = file.read_text().split()

    def add_first(self) -> None:
        """Put a new key in front."""
        self.write([Fernet.generate_key().decode(), *self.keys])

    def keep_first(self) -> None:
        """Drop every key but the first."""
        self.write(self.keys[:1])

    def write(self, keys: Sequence[str]) -> None:
        """Put these in their place, all at once."""
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text("\n".join(keys) + "\n")
        new.replace(self._file)
        self.keys = list(keys)


def begun(environ: Mapping[str, str], *arguments: str) -> "subprocess.Popen[str]":
    """Begin a command of the server."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncline_server", *arguments],
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(environ: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run a command of the server; return how it ended and what it printed on both."""
    process = begun(environ, *arguments)
    printed, complained = process.communicate(timeout=PATIENCE)
    return process.returncode, printed, complained
