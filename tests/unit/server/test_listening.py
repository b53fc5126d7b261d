from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from syncline_server.app import listening
from syncline_server.config import TlsConfig


def resolving(*addresses: str) -> Callable[[str], set[str]]:
    """Return a resolver that knows one answer."""
    return lambda _host: set(addresses)


@pytest.mark.parametrize(
    "listen",
    [
        "127.0.0.1:50051",
        "127.0.0.2:50051",
        "[::1]:50051",
        "[::ffff:127.0.0.1]:50051",
        "127.1:50051",
        "localhost:50051",
    ],
)
def test_loopback_has_many_spellings(listen: str) -> None:
    """Whatever the system takes for this machine alone needs no credentials."""
    assert listening._is_loopback(listen)


@pytest.mark.parametrize(
    "listen",
    [
        "0.0.0.0:50051",
        "[::]:50051",
        "[::ffff:0.0.0.0]:50051",
        "[::ffff:192.0.2.1]:50051",
        "0:50051",
        "[]:50051",
        ":50051",
        "192.0.2.1:50051",
    ],
)
def test_everything_else_is_public(listen: str) -> None:
    """All interfaces and other machines are not loopback, however they are written."""
    assert not listening._is_loopback(listen)


@pytest.mark.parametrize("host", ["ipv4:0.0.0.0", "unix:/tmp/socket", "dns:localhost", "*"])
def test_schemes_of_addresses_are_public(host: str) -> None:
    """What gRPC would understand and the system does not is not guessed at."""
    known = {host.partition(":")[2]: {"127.0.0.1"}}

    assert not listening._is_loopback(f"{host}:50051", lambda asked: known.get(asked, set()))


def test_name_is_loopback_when_all_its_addresses_are() -> None:
    """``localhost`` is believed no more than any other name."""
    assert listening._is_loopback("localhost:1", resolving("127.0.0.1", "::1"))
    assert not listening._is_loopback("localhost:1", resolving("127.0.0.1", "192.0.2.1"))
    assert not listening._is_loopback("localhost:1", resolving())


@dataclass
class Stub:
    """A configuration, as far as the rules go."""

    listen: str
    tls: TlsConfig | None = None


def test_public_address_needs_credentials() -> None:
    """Without any, the server refuses every address but loopback, and says what to do."""
    public: Any = Stub("0.0.0.0:1")
    with pytest.raises(listening.NotLoopback) as refusal:
        listening.refuse_public_without_credentials(public, are_asked=False)

    assert "tokens create" in str(refusal.value)
    listening.refuse_public_without_credentials(public, are_asked=True)


def test_open_loopback_is_told() -> None:
    """A server that takes everybody on this machine for an admin says so."""
    local: Any = Stub("127.0.0.1:1")
    with structlog.testing.capture_logs() as lines:
        listening.refuse_public_without_credentials(local, are_asked=False)

    assert [line["action"] for line in lines] == ["open_to_loopback"]


FILE = Path("file.pem")
UNASKED = TlsConfig(certificate=FILE, key=FILE, client_authorities=None)
ASKED = TlsConfig(certificate=FILE, key=FILE, client_authorities=FILE)


@pytest.mark.parametrize(
    ("needs", "tls", "told"),
    [
        (True, None, ["certificates_not_asked_for"]),
        (True, UNASKED, ["certificates_not_asked_for"]),
        (False, UNASKED, []),
        (True, ASKED, []),
    ],
    ids=["plaintext", "unasked", "others", "asked"],
)
def test_certificates_that_nobody_is_asked_for_are_told(
    needs: bool,  # noqa: FBT001 - a parameter of the test
    tls: TlsConfig | None,
    told: list[str],
) -> None:
    """A server that nobody can call says so, and what to do."""
    config: Any = Stub("127.0.0.1:1", tls)
    with structlog.testing.capture_logs() as lines:
        listening.warn_of_useless_credentials(config, need_certificates=needs)

    assert [line["action"] for line in lines] == told
