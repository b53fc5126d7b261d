import os
import socket
from pathlib import Path

import httpx
import pytest

from ports import own_ports
from syncline_demo.config import Address
from syncline_demo.stack.child import Program
from syncline_demo.stack.errors import StackError
from syncline_demo.stack.stack import Stack, check_free


def free_address() -> Address:
    """Return an address that nothing listens at."""
    (port,) = own_ports(1)
    return Address(variable="SOME_LISTEN", host="127.0.0.1", port=port)


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def web(address: Address) -> Program:
    """Return a program that serves files."""

    def answers() -> bool:
        try:
            return httpx.head(address.url, timeout=60, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    return Program(
        name="web",
        module="http.server",
        arguments=("--bind", address.host, str(address.port)),
        environment=dict(os.environ),
        address=address,
        is_healthy=answers,
    )


def failing(address: Address) -> Program:
    """Return a program that prints and ends."""
    return Program(
        name="poem",
        module="this",
        arguments=(),
        environment=dict(os.environ),
        address=address,
        is_healthy=never,
    )


def stack(program: Program, folder: Path, lines: list[str]) -> Stack:
    """Return a stack of one program that nobody stops."""

    def echo(name: str, line: str) -> None:
        lines.append(f"{name}: {line}")

    return Stack((program,), folder, echo, is_stopping=never, is_impatient=never)


def test_a_healthy_program_is_waited_for_and_stopped(tmp_path: Path) -> None:
    """It answers inside, does not outside, and its address is free again."""
    address = free_address()
    lines: list[str] = []
    with stack(web(address), tmp_path, lines) as running:
        running.wait_until_healthy()
        assert httpx.head(address.url, timeout=60, trust_env=False).is_success
    check_free(address)


def test_output_goes_to_a_private_log_and_the_echo(tmp_path: Path) -> None:
    """Both have every line, and only the owner can read the log."""
    lines: list[str] = []
    with (
        stack(failing(free_address()), tmp_path, lines) as running,
        pytest.raises(StackError),
    ):
        running.wait_until_healthy()
    log = tmp_path / "poem.log"
    assert "The Zen of Python" in log.read_text()
    assert [line.removeprefix("poem: ") for line in lines] == log.read_text().splitlines()
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_an_earlier_start_said_is_put_aside_at_once(tmp_path: Path) -> None:
    """From the moment a program is started its log holds nothing that is not its own."""
    log = tmp_path / "web.log"
    log.write_text("said before\n")
    with stack(web(free_address()), tmp_path, []):
        assert "said before" not in log.read_text()
    assert (tmp_path / "web.log.1").read_text() == "said before\n"


def test_a_program_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    """People read who died, how, what it said last, and where the rest is."""
    with (
        stack(failing(free_address()), tmp_path, []) as running,
        pytest.raises(StackError) as error,
    ):
        running.wait_until_healthy()
    said = str(error.value)
    assert "poem ended unexpectedly (exit code 0)" in said
    assert "Namespaces are one honking great idea" in said
    assert str(tmp_path / "poem.log") in said


def test_an_address_in_use_names_its_variable(tmp_path: Path) -> None:
    """Nothing is started, and the sentence says what to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address(variable="SOME_LISTEN", host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(StackError, match="set SOME_LISTEN to another address"):
            stack(web(address), tmp_path, []).__enter__()
    assert list(tmp_path.iterdir()) == []
