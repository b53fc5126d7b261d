"""TLS at the gRPC port."""

import grpc

from syncline_server.certificates import Certificates, Pair


def server_credentials(certificates: Certificates) -> grpc.ServerCredentials:
    """Return credentials that show the pair in use, also to whoever connects after a renewal.

    Where client authorities are configured every client must show a certificate of theirs: gRPC for
    Python either demands one or asks for none (``force_client_auth`` in grpc/_cython/_cygrpc).
    """

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        pair = certificates.renewed()
        return None if pair is None else _configuration(pair)

    pair = certificates.pair
    return grpc.dynamic_ssl_server_credentials(
        _configuration(pair),
        fetch,  # type: ignore[arg-type]  # None is "no change", says gRPC's own documentation
        require_client_authentication=pair.client_authorities is not None,
    )


def _configuration(pair: Pair) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(pair.key, pair.certificate)], root_certificates=pair.client_authorities
    )
