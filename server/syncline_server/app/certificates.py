"""Wiring what TLS is spoken with."""

import time

from syncline_server.certificates import CertificateFiles, Certificates
from syncline_server.config import Config
from syncline_server.core.clock import Clock


def build_certificates(config: Config, clock: Clock) -> Certificates | None:
    """Return the configured certificate with its key; None where plaintext is spoken.

    :raises CertificateUnusable: a file for TLS is not what it should be.
    """
    if config.tls is None:
        return None
    return Certificates(CertificateFiles(**vars(config.tls)), clock, time.monotonic)
