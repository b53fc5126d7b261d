"""Calls over real TLS to a real server on this machine."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from syncline_sdk import HostRefused
from syncline_server.outbound.fence import around_named
from syncline_server.outbound.network import Network

HOST = "books.example"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
NOW = datetime.now(UTC)


def here(_host: str, _port: int) -> list[str]:
    """Lead every name to this machine."""
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority of our own."""
    return trustme.CA()


def pem(authority: trustme.CA) -> str:
    """Return an authority's certificate."""
    return authority.cert_pem.bytes().decode()


@contextmanager
def serving(
    certificate: trustme.LeafCert, *, newest: ssl.TLSVersion | None = None
) -> Iterator[int]:
    """Answer calls with this certificate; yields the port.

    :param newest: TLS version the server speaks at most.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if newest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = newest
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, context))
        thread.start()
        port = int(listener.getsockname()[1])
        try:
            yield port
        finally:
            with socket.create_connection(("127.0.0.1", port)) as last:
                last.sendall(b"enough\n")
            thread.join()


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        plain, _ = listener.accept()
        with plain:
            if plain.recv(6, socket.MSG_PEEK) == b"enough":
                return
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(65_536)
                    secured.sendall(ANSWER)
            except OSError:  # the client thinks little of us
                continue


def call(port: int, *, authorities: str, host: str = HOST) -> httpx.Response:
    """Call the server by a name, trusting these authorities."""
    network = Network(resolve=here, authorities=authorities)
    url = f"https://{host}:{port}/"
    with httpx.Client(transport=around_named(network, url)) as http:
        return http.get(url)


def test_server_that_proves_its_name_is_called(authority: trustme.CA) -> None:
    """A certificate of a trusted authority for the name that was called, over a checked address."""
    with serving(authority.issue_cert(HOST)) as port:
        assert call(port, authorities=pem(authority)).text == "ok"


Issue = Callable[[trustme.CA], trustme.LeafCert]


@pytest.mark.parametrize(
    ("issue", "why"),
    [
        (lambda _: trustme.CA().issue_cert(HOST), "unable to get local issuer"),
        (lambda authority: authority.issue_cert("other.example"), "Hostname mismatch"),
        (lambda authority: authority.issue_cert("127.0.0.1"), "Hostname mismatch"),
        (lambda authority: authority.issue_cert("*.books.example"), "Hostname mismatch"),
        (
            lambda authority: authority.issue_cert(
                HOST, not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=1)
            ),
            "certificate has expired",
        ),
        (
            lambda authority: authority.issue_cert(HOST, not_before=NOW + timedelta(days=1)),
            "not yet valid",
        ),
    ],
    ids=["unknown authority", "other name", "address", "wildcard below", "expired", "early"],
)
def test_server_that_does_not_prove_its_name_is_not_called(
    authority: trustme.CA, issue: Issue, why: str
) -> None:
    """No request is sent to it."""
    with (
        serving(issue(authority)) as port,
        pytest.raises(httpx.ConnectError, match=why),
    ):
        call(port, authorities=pem(authority))


def test_authorities_of_strangers_are_not_trusted(authority: trustme.CA) -> None:
    """Without being told so, nobody but the usual authorities is believed."""
    with (
        serving(authority.issue_cert(HOST)) as port,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        call(port, authorities="")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_not_spoken(authority: trustme.CA, newest: ssl.TLSVersion) -> None:
    """A server that knows TLS 1.1 at most is not called."""
    with (
        serving(authority.issue_cert(HOST), newest=newest) as port,
        pytest.raises(httpx.ConnectError, match=r"(?i)version|handshake"),
    ):
        call(port, authorities=pem(authority))


def test_tls_1_2_is_spoken(authority: trustme.CA) -> None:
    """Version 1.2 is the oldest that is."""
    with serving(authority.issue_cert(HOST), newest=ssl.TLSVersion.TLSv1_2) as port:
        assert call(port, authorities=pem(authority)).text == "ok"


def test_declared_host_is_not_called_on_this_machine(authority: trustme.CA) -> None:
    """Not even with a certificate for it, where no operator named it."""
    with serving(authority.issue_cert(HOST)) as port:
        network = Network(resolve=here, authorities=pem(authority))
        with httpx.Client(transport=network) as http, pytest.raises(HostRefused):
            http.get(f"https://{HOST}:{port}/")


_CALL = """
import sys, httpx
from syncline_server.outbound.fence import around_named
from syncline_server.outbound.network import Network
url = f"https://localhost:{sys.argv[1]}/"
with httpx.Client(transport=around_named(Network(), url)) as http:
    print(http.get(url).text)
"""


def test_environment_names_authorities_and_no_proxy(authority: trustme.CA, tmp_path: Path) -> None:
    """SSL_CERT_FILE is how an operator has a private authority trusted; proxies are not taken."""
    file = tmp_path / "authorities.pem"
    file.write_text(pem(authority))
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}
    environ = {**os.environ, **nowhere, "SSL_CERT_FILE": str(file), "NO_PROXY": ""}
    with serving(authority.issue_cert("localhost")) as port:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _CALL, str(port)],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )

    assert done.stdout == "ok\n"
