"""An authority of its own, and certificates of it as files."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from trustme import CA, LeafCert

from syncline_server.certificates import CertificateFiles


@dataclass(frozen=True, kw_only=True)
class Trusted:
    """A folder with a server's certificate and key, and who signed them."""

    folder: Path
    authority: CA = field(default_factory=CA)

    @property
    def files(self) -> CertificateFiles:
        """Where certificate and key are."""
        return CertificateFiles(
            certificate=self.folder / "certificate.pem", key=self.folder / "key.pem"
        )

    @property
    def authority_file(self) -> Path:
        """Where the authority's own certificate is, written when asked for."""
        file = self.folder / "authority.pem"
        file.write_bytes(self.authority_pem)
        return file

    @property
    def authority_pem(self) -> bytes:
        """The authority's own certificate."""
        return self.authority.cert_pem.bytes()

    def issue(self, *, begin: datetime | None = None, end: datetime | None = None) -> LeafCert:
        """Return a new certificate for this machine and its key."""
        return self.authority.issue_cert("127.0.0.1", "localhost", not_before=begin, not_after=end)

    def renew(self, *, begin: datetime | None = None, end: datetime | None = None) -> None:
        """Put a new certificate with its key in place of what is in the folder."""
        leaf = self.issue(begin=begin, end=end)
        self.files.certificate.write_bytes(certificate_of(leaf))
        self.files.key.write_bytes(key_of(leaf))


def certificate_of(leaf: LeafCert) -> bytes:
    """Return a certificate, with those between it and the authority."""
    return b"".join(each.bytes() for each in leaf.cert_chain_pems)


def key_of(leaf: LeafCert) -> bytes:
    """Return a certificate's private key."""
    return leaf.private_key_pem.bytes()
