"""The whole stack over TLS, and what an operator is told about certificates."""

import json
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from commanding import said
from local_stack import PATIENCE, LocalStack, wait_until
from syncline.v1 import integration_pb2 as pb
from trusting import Trusted, certificate_of, key_of

StartStack = Callable[..., LocalStack]
pytestmark = pytest.mark.slow


@pytest.fixture
def trusted(tmp_path: Path) -> Trusted:
    """Certificate and key of the server, on disk."""
    folder = tmp_path / "tls"
    folder.mkdir()
    trusted = Trusted(folder=folder)
    trusted.renew()
    return trusted


def of_the_server(trusted: Trusted) -> dict[str, str]:
    """Return the server's variables."""
    return {
        "SYNCLINE_TLS_CERTIFICATE_FILE": str(trusted.files.certificate),
        "SYNCLINE_TLS_KEY_FILE": str(trusted.files.key),
    }


def mutual(trusted: Trusted) -> dict[str, str]:
    """Return the variables of a stack whose server asks the console for a certificate."""
    console = trusted.issue()
    certificate, key = trusted.folder / "console.pem", trusted.folder / "console-key.pem"
    certificate.write_bytes(certificate_of(console))
    key.write_bytes(key_of(console))
    return {
        **of_the_server(trusted),
        "SYNCLINE_TLS_CLIENT_CA_FILE": str(trusted.authority_file),
        "SYNCLINE_CONSOLE_TLS": "on",
        "SYNCLINE_CONSOLE_TLS_CA_FILE": str(trusted.authority_file),
        "SYNCLINE_CONSOLE_TLS_CERTIFICATE_FILE": str(certificate),
        "SYNCLINE_CONSOLE_TLS_KEY_FILE": str(key),
    }


def shown(stack: LocalStack) -> str:
    """Return the certificate the server shows to a new connection."""
    address = stack.settings.server
    return ssl.get_server_certificate((address.host, address.port), timeout=PATIENCE)


def test_connecting_works_with_certificates_on_both_sides(
    start_stack: StartStack, trusted: Trusted
) -> None:
    """Server, console and client show each other certificates, and a person connects Xero."""
    stack = start_stack(**mutual(trusted))

    workspace = stack.connected("acme", contacts=3, items=2)

    request = pb.GetConnectionRequest(name=f"workspaces/{workspace.id}/connections/xero")
    found = stack.client.integrations.GetConnection(request).connection
    assert found.state == pb.Connection.STATE_CONNECTED


def test_grpcurl_shows_a_certificate(
    start_stack: StartStack, trusted: Trusted, grpcurl: str
) -> None:
    """The operators' recipe asks a server that wants a certificate whether it is well."""
    variables = mutual(trusted)
    stack = start_stack(**variables)
    shown_by = {
        "-cacert": variables["SYNCLINE_CONSOLE_TLS_CA_FILE"],
        "-cert": variables["SYNCLINE_CONSOLE_TLS_CERTIFICATE_FILE"],
        "-key": variables["SYNCLINE_CONSOLE_TLS_KEY_FILE"],
    }
    flags = [part for pair in shown_by.items() for part in pair]

    def asked(*flags: str) -> tuple[int, str]:
        address = str(stack.settings.server)
        flags = (*flags, "-connect-timeout", str(PATIENCE))
        done = subprocess.run(  # noqa: S603 - the tool of our own recipes
            [grpcurl, *flags, address, "grpc.health.v1.Health/Check"],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert asked(*flags) == (0, '{\n  "status": "SERVING"\n}\n')
    code, _ = asked(*flags[:2])
    assert code != 0


def test_renewed_certificate_is_shown_without_a_restart(
    start_stack: StartStack, trusted: Trusted
) -> None:
    """New connections see the new certificate, and a stream from before goes on."""
    tls = {
        "SYNCLINE_CONSOLE_TLS": "on",
        "SYNCLINE_CONSOLE_TLS_CA_FILE": str(trusted.authority_file),
    }
    stack = start_stack(**of_the_server(trusted), **tls)
    name = "workspaces/acme/connections/xero"
    watch = pb.WatchConnectionRequest(name=name)
    stream = stack.client.integrations.WatchConnection(watch, timeout=PATIENCE)
    next(stream)
    before = shown(stack)

    trusted.renew()

    wait_until(lambda: shown(stack) != before, "the renewed certificate is shown")
    assert shown(stack).strip() in trusted.files.certificate.read_text()
    stack.connected("acme", contacts=1, items=1)
    states = (answer.connection.state for answer in stream)
    assert pb.Connection.STATE_CONNECTED in states
    stream.cancel()


def test_check_tells_until_when_the_certificate_is_good(tmp_path: Path, trusted: Trusted) -> None:
    """An operator sees the end without reading the file."""
    code, text = said(tmp_path / "data", "check", **of_the_server(trusted))

    assert code == 0
    assert "certificate: good until 3000-01-01" in text


@pytest.mark.parametrize("command", ["check", "serve"])
def test_key_of_another_certificate_stops_the_start(
    tmp_path: Path, trusted: Trusted, command: str
) -> None:
    """Both files are named, and nothing of the key."""
    trusted.files.key.write_bytes(key_of(trusted.issue()))

    code, text = said(tmp_path / "data", command, **of_the_server(trusted))

    assert code == 2
    assert text == (
        f"syncline-server: {trusted.files.key} is not the key of {trusted.files.certificate}\n"
    )


def test_strangers_write_nothing_into_the_log(
    start_stack: StartStack, trusted: Trusted, tmp_path: Path
) -> None:
    """A handshake that fails makes no raw line among those for machines."""
    tls = {
        "SYNCLINE_CONSOLE_TLS": "on",
        "SYNCLINE_CONSOLE_TLS_CA_FILE": str(trusted.authority_file),
    }
    chosen = {"SYNCLINE_LOG_FORMAT": "json", "GRPC_VERBOSITY": ""}
    stack = start_stack(**of_the_server(trusted), **tls, **chosen)
    address = stack.settings.server
    for _ in range(3):
        where = (address.host, address.port)
        with (
            socket.create_connection(where, timeout=PATIENCE) as stranger,
            suppress(ConnectionResetError),  # however it is hung up
        ):
            stranger.sendall(b"GET /?token=planted HTTP/1.0\r\n\r\n")
            while stranger.recv(4096):
                pass
    stack.close()

    (log,) = tmp_path.rglob("server.log")
    assert all(json.loads(line)["action"] for line in log.read_text().splitlines())


def test_plaintext_beyond_this_machine_is_refused(tmp_path: Path) -> None:
    """Tokens do not cross a network in the clear because somebody forgot a setting."""
    said(tmp_path, "tokens", "create", "--role", "service")

    code, text = said(tmp_path, "serve", SYNCLINE_LISTEN="0.0.0.0:0")

    assert code == 2
    assert "0.0.0.0:0 would be served in plaintext" in text
    assert "SYNCLINE_TLS=off behind a proxy" in text
