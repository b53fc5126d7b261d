"""``make run`` in a terminal, as a newcomer uses it."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from local_stack import PATIENCE, LocalStack, local_environment, wait_until

pytestmark = pytest.mark.slow
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
"""Makes the terminal the session's own, so that Ctrl-C is a signal, and becomes the command."""


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, command: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", TAKE_TERMINAL, *command],
            cwd=folder,
            env=environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.text = ""

    def read_until(self, wanted: str) -> None:
        """Read what is printed until a text has come."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.text:
            ready, _, _ = select.select([self._master], [], [], 0.5)
            if ready and not self._read():
                raise AssertionError(f"it ended without {wanted!r}:\n{self.text}")
            if time.monotonic() > deadline:
                raise AssertionError(f"never printed {wanted!r}:\n{self.text}")

    def _read(self) -> bool:
        try:
            part = os.read(self._master, 4096)
        except OSError:  # Linux's end of a terminal
            return False
        self.text += part.decode(errors="replace")
        return bool(part)

    def press_ctrl_c(self) -> None:
        """Send what the key sends."""
        os.write(self._master, b"\x03")

    def wait(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        os.close(self._master)
        return self.process.wait(PATIENCE)


def relatives(folder: Path) -> list[int]:
    """Return the processes that work with this data folder."""
    wanted = f"SYNCLINE_DATA_FOLDER={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
            except OSError:  # ended meanwhile, or somebody else's
                continue
            if wanted in variables:
                found.append(int(entry.name))
    return found


@pytest.fixture
def make_run(pytestconfig: pytest.Config, tmp_path: Path) -> Terminal:
    """``make run`` that says it is running."""
    # What is installed is what is tested, so the rule that installs is left out.
    command = ["make", "--assume-old=.venv/.ready", "run"]
    terminal = Terminal(command, local_environment(tmp_path / "data"), pytestconfig.rootpath)
    terminal.read_until("Ctrl-C stops everything.")
    return terminal


def test_ctrl_c_leaves_no_process(make_run: Terminal, tmp_path: Path) -> None:
    """One key press ends it in order, and nothing is left running."""
    make_run.press_ctrl_c()
    make_run.wait()
    assert "Stopped." in make_run.text
    assert "Traceback" not in make_run.text
    assert relatives(tmp_path / "data") == []


def test_the_simulators_webhooks_arrive(make_run: Terminal) -> None:
    """Nobody has to set up an address or a key."""
    (simulator,) = re.findall(r"Xero simulator +(http://[0-9.:]+)/", make_run.text)
    check = f"{simulator}/simulator/webhooks/check"
    checked = httpx.post(check, timeout=PATIENCE, trust_env=False).json()
    make_run.press_ctrl_c()
    make_run.wait()
    assert checked["state"] == "OK"


def test_sigterm_leaves_no_process(make_run: Terminal, tmp_path: Path) -> None:
    """A service manager's way of stopping works, too."""
    make_run.process.terminate()
    make_run.wait()
    assert "Stopped." in make_run.text
    assert relatives(tmp_path / "data") == []


def test_killing_it_leaves_no_process(make_run: Terminal, tmp_path: Path) -> None:
    """Even when nothing could be stopped in order, everything ends."""
    os.killpg(make_run.process.pid, signal.SIGKILL)
    make_run.wait()
    wait_until(lambda: relatives(tmp_path / "data") == [], "everything has ended")


def test_an_address_in_use_is_said_plainly(
    start_stack: Callable[..., LocalStack], pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """A second stack on the same addresses does not start, and says which variable to set."""
    running: LocalStack = start_stack()
    environ = {**running.settings.environ, "SYNCLINE_DATA_FOLDER": str(tmp_path / "other")}
    command = ["make", "--assume-old=.venv/.ready", "run"]
    second = Terminal(command, environ, pytestconfig.rootpath)
    assert second.wait() != 0
    assert f"Cannot listen on {running.settings.server}" in second.text
    assert "SYNCLINE_LISTEN" in second.text
    assert "Traceback" not in second.text
