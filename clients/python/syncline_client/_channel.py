"""The connection: encrypted or not, given up and made again when it should be."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import grpc

_LOCAL_SCHEMES = ("unix", "unix-abstract")
OPTIONS = (
    # A server that was away for long is found again in seconds; gRPC's own limit is two minutes.
    ("grpc.max_reconnect_backoff_ms", 20_000),
    # A server that vanished without a word ends the streams that wait for it.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # Without it gRPC gives an answer to the ping a minute, whatever the line above says: see
    # https://github.com/grpc/grpc/pull/34647.
    ("grpc.http2.ping_timeout_ms", 20_000),
)
"""How the connection behaves, by gRPC's names (grpc/impl/channel_arg_names.h)."""
WATCHING = (
    OPTIONS[0],
    # People look at what is watched: they see within seconds that nobody answers any more. The
    # server takes a ping every ten seconds.
    ("grpc.keepalive_time_ms", 15_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    # Who watches sends nothing; gRPC would stop to ping after two.
    ("grpc.http2.max_pings_without_data", 0),
)
"""The same, of a connection for watches alone."""
_UNPROXIED = ("grpc.enable_http_proxy", 0)
"""gRPC would hand the token, in the clear, to the proxy that ``http_proxy`` names."""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """How TLS is spoken. Everything is PEM.

    :raises ValueError: there is a certificate without its key, or a key without its certificate.
    """

    root_certificates: bytes | None = None
    """The authorities to trust; None trusts those this machine trusts."""
    certificate: bytes | None = None
    """What to show the server where it asks for a certificate, its own authorities after it."""
    key: bytes | None = field(default=None, repr=False)
    """The certificate's private key."""

    def __post_init__(self) -> None:
        if (self.certificate is None) is not (self.key is None):
            raise ValueError("a certificate needs its key, and a key its certificate")

    @classmethod
    def from_files(cls, *, ca: str = "", certificate: str = "", key: str = "") -> Self:
        """Return what these files hold; an empty name is none.

        :raises OSError: a file cannot be read.
        :raises ValueError: see the class; or a file does not hold what it should.
        """
        found = cls(
            root_certificates=_content(ca), certificate=_content(certificate), key=_content(key)
        )
        _refuse_unusable(ca, certificate, key)
        return found


class InsecureToken(ValueError):  # noqa: N818 - named by what would happen
    """An access token would leave this machine in plaintext; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "an access token would be sent in plaintext beyond this machine: connect with tls"
        )


def open_channel(address: str, tls: Tls | None, config: str) -> grpc.Channel:
    """Return a channel; the connection is made with the first call.

    :param config: gRPC's service config, as JSON.
    """
    options = (*OPTIONS, ("grpc.service_config", config))
    if tls is None:
        return grpc.insecure_channel(address, options=(*options, _UNPROXIED))
    return grpc.secure_channel(address, _credentials(tls), options=options)


def open_async_channel(address: str, tls: Tls | None) -> grpc.aio.Channel:
    """Return a channel for watches on the event loop that runs; the first call connects it."""
    if tls is None:
        return grpc.aio.insecure_channel(address, options=(*WATCHING, _UNPROXIED))
    return grpc.aio.secure_channel(address, _credentials(tls), options=WATCHING)


def _credentials(tls: Tls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(tls.root_certificates, tls.key, tls.certificate)


def is_private(address: str, tls: Tls | None) -> bool:
    """Return whether what is sent to this target can be read by nobody on the way."""
    return tls is not None or _is_local(address)


def _is_local(address: str) -> bool:
    scheme, separator, rest = address.partition(":")
    if separator and scheme in _LOCAL_SCHEMES:
        return True
    # dns:///host:port, dns://resolver/host:port, ipv4:host:port, ipv6:[host]:port
    target = rest if scheme in ("dns", "ipv4", "ipv6") else address
    if scheme == "dns":
        target = target.rpartition("/")[2]
    hosts = [_host(each) for each in target.split(",")]
    return all(host == "localhost" or _is_loopback(host) for host in hosts)


def _host(target: str) -> str:
    bracketed, closed, _ = target.partition("]")
    if closed:
        return bracketed.lstrip("[")
    return target.rpartition(":")[0] if target.count(":") == 1 else target


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_unusable(ca: str, certificate: str, key: str) -> None:
    """Look at files as gRPC will, which tells nobody what is wrong with them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if ca:
            context.load_verify_locations(ca)
    except ssl.SSLError:
        raise ValueError(f"{ca} holds no certificate in PEM") from None
    try:
        if certificate:
            context.load_cert_chain(certificate, key, password="")  # asks nobody for one
    except ssl.SSLError:
        wanted = "a certificate and its key, in PEM and not encrypted"
        raise ValueError(f"{certificate} and {key} are not {wanted}") from None


def _content(file: str) -> bytes | None:
    return Path(file).read_bytes() if file else None
