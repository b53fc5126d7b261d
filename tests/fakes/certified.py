"""An authority of certificates, for servers and clients that prove who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Names = Sequence[x509.GeneralName]


@dataclass(frozen=True, kw_only=True)
class Certified:
    """A certificate with its key, as PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Makes certificates that whoever trusts it takes for good."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("authority")
        made = _builder(self._name, self._name, self._key, [], authority=True)
        self.certificate = made.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def certify(self, *names: x509.GeneralName, common_name: str = "somebody") -> Certified:
        """Return a new certificate with these alternative names."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_name(common_name), self._name, key, names, authority=False)
        return Certified(
            certificate=made.sign(self._key, SHA256()).public_bytes(Encoding.PEM),
            key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )

    def server_credentials(self) -> grpc.ServerCredentials:
        """Return what a server needs that is ``localhost`` and asks for certificates."""
        own = self.certify(x509.DNSName("localhost"))
        return grpc.ssl_server_credentials(
            [(own.key, own.certificate)], self.certificate, require_client_auth=True
        )

    def channel_credentials(self, client: Certified | None) -> grpc.ChannelCredentials:
        """Return what a client needs; with its own certificate, if it has one."""
        if client is None:
            return grpc.ssl_channel_credentials(self.certificate)
        return grpc.ssl_channel_credentials(self.certificate, client.key, client.certificate)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    names: Names,
    *,
    authority: bool,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)  # TLS goes by the real time
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not names:
        return builder
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
