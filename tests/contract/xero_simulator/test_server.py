"""The simulator on a socket."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator import SigningKey, SimulatorServer


@pytest.fixture(scope="module")
def driver() -> SimulatorDriver:
    """Return a simulator that is connected."""
    found = SimulatorDriver(SigningKey.generate())
    found.connect()
    return found


@pytest.fixture(scope="module")
def server(driver: SimulatorDriver) -> Iterator[SimulatorServer]:
    """Return it on a free port."""
    found = SimulatorServer(driver.simulator, "127.0.0.1", 0)
    found.start()
    yield found
    found.stop()


def test_a_connection_serves_many_requests(server: SimulatorServer) -> None:
    """The socket stays open over requests, bodies that nobody reads included."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.connect()
    socket = connection.sock
    for _ in range(3):
        connection.request("POST", "/nowhere", body=b"x" * 100_000)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.version) == (404, 11)
        assert socket is connection.sock
    connection.close()


def test_a_dropped_connection_is_a_transport_error(
    driver: SimulatorDriver, server: SimulatorServer
) -> None:
    """The client sees the connection end without an answer."""
    driver.control("POST", "faults", {"kind": "drop-before", "path": "/connections"})
    with httpx.Client(base_url=server.url, timeout=60) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/connections")
        assert client.get("/connections").status_code == 401


def test_a_head_request_has_no_body(server: SimulatorServer) -> None:
    """The connection stays usable after it."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        head = client.head("/")
        assert (head.status_code, head.content) == (200, b"")
        assert client.get("/").status_code == 200


def _started(*options: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "syncline_xero_simulator", "--port", "0", *options]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    greeting = process.stdout.readline()
    return process, greeting.split()[3] if greeting else ""


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    return process.returncode, output + errors


def test_the_command_keeps_its_state_over_a_restart(tmp_path: Path) -> None:
    """A stopped simulator starts again with the organisation that was added."""
    state = tmp_path / "state.json"
    for expected in (2, 3):
        process, url = _started("--state", str(state), "--organisation", "One:contacts=1",
                                "--organisation", "Two:AU:contacts=1:items=1")  # fmt: skip
        try:
            listed = httpx.get(f"{url}/simulator/organisations", timeout=60).json()["organisations"]
            more = {"name": f"More {expected}"}
            httpx.post(f"{url}/simulator/organisations", json=more, timeout=60)
        finally:
            status, output = _ended(process)
        assert (0, expected) == (status, len(listed)), output
        assert "state saved" in output


def test_the_command_refuses_a_damaged_state_file(tmp_path: Path) -> None:
    """It ends with status 2 and a sentence that names the file."""
    state = tmp_path / "state.json"
    state.write_text("{", encoding="utf-8")
    process, _ = _started("--state", str(state))
    output, errors = process.communicate(timeout=60)

    assert process.returncode == 2, output
    assert str(state) in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--organisation", "A:XX"], "cannot read 'XX'"),
        (["--switch", "nosuch=true"], "there is no switch 'nosuch'"),
        (["--port", "many"], "invalid int value"),
        (["--host", "no.such.host.invalid"], "syncline-xero-simulator:"),
    ],
)
def test_the_command_names_a_bad_option(options: list[str], part: str) -> None:
    """It ends with status 2 and says what is wrong."""
    process, _ = _started(*options)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert part in errors
    assert "Traceback" not in errors
