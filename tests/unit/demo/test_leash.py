import subprocess
import sys


def leashed(*arguments: str) -> "subprocess.Popen[bytes]":
    """Start a module on a leash that is the process's standard input."""
    command = (sys.executable, "-m", "syncline_demo.stack.leash", *arguments)
    return subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def test_closing_the_leash_stops_the_program() -> None:
    """Whoever holds the leash need not be alive to stop it: the pipe's end is enough."""
    with leashed("http.server", "--bind", "127.0.0.1", "0") as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(timeout=30) != 0


def test_the_program_sees_its_own_arguments() -> None:
    """The leash takes nothing of them away."""
    with leashed("calendar", "2026", "10") as child:
        assert child.stdout is not None
        assert b"October 2026" in child.stdout.read()
