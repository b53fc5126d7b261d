"""TLS at the port: who is let in, and what a renewal comes to."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

import syncline_client
from databases import SqliteTemplate
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client, Tls, Unavailable
from syncline_server.certificates import Certificates
from syncline_server.core.clock import Clock
from syncline_server.rpc.encryption import server_credentials
from syncline_server.rpc.server import Limits
from syncline_server.storage.database import Database
from trusting import Trusted, certificate_of, key_of
from wiring import Served, Wired, Wishes, served

NAME = "workspaces/acme/connections/ledger"


@pytest.fixture
def database_url(sqlite_template: SqliteTemplate, tmp_path: Path) -> str:
    """One kind of database is enough: it is all about the way there."""
    return sqlite_template.url(tmp_path)


@pytest.fixture
def trusted(tmp_path: Path) -> Trusted:
    """The server's certificate and key, on disk."""
    trusted = Trusted(folder=tmp_path)
    trusted.renew()
    return trusted


@pytest.fixture
def clients(tmp_path: Path) -> Trusted:
    """The authority of clients."""
    folder = tmp_path / "clients"
    folder.mkdir()
    return Trusted(folder=folder)


@pytest.fixture
def now() -> Clock:
    """The real time: gRPC looks at certificates by it."""
    return lambda: datetime.now(UTC)


@pytest.fixture
def secured(database: Database, trusted: Trusted, now: Clock) -> Iterator[Served]:
    """A server that looks at its files with every handshake."""
    certificates = Certificates(trusted.files, now, count().__next__)
    tls = Tls(root_certificates=trusted.authority_pem)
    with served(Wired(database), server_credentials(certificates), tls) as running:
        yield running


@pytest.fixture
def mutual(database: Database, trusted: Trusted, clients: Trusted, now: Clock) -> Iterator[Served]:
    """A server that asks clients for a certificate."""
    files = replace(trusted.files, client_authorities=clients.authority_file)
    certificates = Certificates(files, now, count().__next__)
    tls = Tls(root_certificates=trusted.authority_pem)
    with served(Wired(database), server_credentials(certificates), tls) as running:
        yield running


def get(client: Client) -> pb.Connection:
    """Read a connection, without patience."""
    request = pb.GetConnectionRequest(name=NAME)
    return client.integrations.GetConnection(request, timeout=60).connection


def trusting(secured: Served, pem: bytes) -> Client:
    """Return a client that trusts this authority alone."""
    return syncline_client.connect(secured.address, tls=Tls(root_certificates=pem))


def test_client_that_trusts_the_authority_is_answered(secured: Served) -> None:
    """The certificate is shown, and calls go through."""
    with secured.client() as client:
        assert get(client).name == NAME


def test_client_that_trusts_another_authority_sends_nothing(secured: Served) -> None:
    """Whoever is not who they should be gets no token."""
    stranger = Trusted(folder=Path())
    with trusting(secured, stranger.authority_pem) as client, pytest.raises(Unavailable):
        get(client)


def test_plaintext_is_not_answered(secured: Served) -> None:
    """A port with TLS speaks nothing else."""
    with syncline_client.connect(secured.address) as client, pytest.raises(Unavailable):
        get(client)


def test_client_with_a_certificate_of_the_authority_is_answered(
    mutual: Served, trusted: Trusted, clients: Trusted
) -> None:
    """A certificate the operators' authority signed opens the port."""
    with syncline_client.connect(mutual.address, tls=shown(trusted, clients)) as client:
        assert get(client).name == NAME


def test_client_without_a_certificate_is_not_answered(mutual: Served) -> None:
    """No call reaches the server from somebody who shows nothing."""
    with mutual.client() as client, pytest.raises(Unavailable):
        get(client)


def test_client_with_a_certificate_of_another_authority_is_not_answered(
    mutual: Served, trusted: Trusted, tmp_path: Path
) -> None:
    """A certificate somebody made for themselves opens nothing."""
    tls = shown(trusted, Trusted(folder=tmp_path))
    with syncline_client.connect(mutual.address, tls=tls) as client, pytest.raises(Unavailable):
        get(client)


def shown(trusted: Trusted, clients: Trusted) -> Tls:
    """Return TLS that shows a certificate of this authority of clients."""
    leaf = clients.authority.issue_cert("console.internal")
    return Tls(
        root_certificates=trusted.authority_pem,
        certificate=certificate_of(leaf),
        key=key_of(leaf),
    )


def test_handshake_that_stops_halfway_is_closed(
    database: Database, trusted: Trusted, now: Clock
) -> None:
    """Who begins TLS and says no more keeps nothing open for long."""
    certificates = Certificates(trusted.files, now, count().__next__)
    limits = Limits(handshake=timedelta(milliseconds=200))
    wired = Wired(database, Wishes(limits=limits))
    with (
        served(wired, server_credentials(certificates)) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection,
    ):
        connection.sendall(b"\x16\x03\x01\x02\x00\x01")  # the head of a ClientHello

        while connection.recv(1024):
            pass


def test_renewed_certificate_is_shown_while_old_streams_go_on(
    secured: Served, trusted: Trusted
) -> None:
    """Nobody restarts anything: new connections see the new certificate, open ones stay."""
    renewed = Trusted(folder=trusted.folder)
    with secured.client() as before, trusting(secured, renewed.authority_pem) as after:
        stream = before.integrations.WatchConnection(
            pb.WatchConnectionRequest(name=NAME), timeout=60
        )
        assert next(stream).connection.state == pb.Connection.STATE_NOT_CONNECTED
        renewed.renew()

        assert get(after).name == NAME
        secured.wired.connect()
        assert next(stream).connection.state == pb.Connection.STATE_CONNECTED
        stream.cancel()
        with trusting(secured, trusted.authority_pem) as late, pytest.raises(Unavailable):
            get(late)


def test_broken_renewal_keeps_the_certificate(secured: Served, trusted: Trusted) -> None:
    """Half a file in place of the certificate is shown to nobody, and shuts nobody out."""
    trusted.files.certificate.write_text("-----BEGIN CERTIFICATE-----")

    for _ in range(2):
        with secured.client() as client:
            assert get(client).name == NAME
