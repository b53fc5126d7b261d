"""Where a server may listen, and how: told before anything serves."""

import socket
from collections.abc import Callable

import structlog

from syncline_server.config import Config
from syncline_server.core.addresses import is_loopback

log = structlog.get_logger(__name__)


class NotLoopback(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """Nobody could be asked for credentials, so only this machine may be listened to."""


class NotEncrypted(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """Tokens and books would leave this machine in plaintext."""


def refuse_public_without_credentials(config: Config, *, are_asked: bool) -> None:
    """Check that callers can be asked for credentials wherever they may come from.

    :param are_asked: whether there are any credentials.
    :raises NotLoopback: they cannot.
    """
    if are_asked:
        return
    if not _is_loopback(config.listen):
        raise NotLoopback(
            f"there are no credentials, so {config.listen} would be open to everybody: make an"
            " access token with `syncline-server tokens create`, set SYNCLINE_OIDC_ISSUER, or"
            " listen on 127.0.0.1"
        )
    log.warning(
        "no credentials: every caller on this machine is an admin of every workspace",
        action="open_to_loopback",
    )


def warn_of_useless_credentials(config: Config, *, need_certificates: bool) -> None:
    """Say so when all credentials are client certificates, and clients are asked for none."""
    if need_certificates and (config.tls is None or config.tls.client_authorities is None):
        log.warning(
            "nobody can call: all credentials are client certificates, and clients are asked for"
            " none: set SYNCLINE_TLS_CLIENT_CA_FILE, or make an access token with a secret",
            action="certificates_not_asked_for",
        )


def refuse_public_plaintext(config: Config) -> None:
    """Check that nothing leaves this machine in plaintext, unless somebody answers for it.

    :raises NotEncrypted: it would.
    """
    if config.tls or _is_loopback(config.listen):
        return
    if not config.plaintext_anywhere:
        raise NotEncrypted(
            f"{config.listen} would be served in plaintext: set SYNCLINE_TLS_CERTIFICATE_FILE and"
            " SYNCLINE_TLS_KEY_FILE, or SYNCLINE_TLS=off behind a proxy that speaks TLS"
        )
    log.warning(
        "serving plaintext beyond this machine: a proxy must speak TLS, and nobody else reach it",
        action="open_plaintext",
    )


def _resolved(host: str) -> set[str]:
    """Return every address a host stands for, as gRPC would listen on all of them.

    Also what is no usual form of one: ``0`` is 0.0.0.0. Nothing where it has none.
    """
    try:
        found = socket.getaddrinfo(host, None) if host else []
    except (OSError, UnicodeError):
        return set()
    return {str(address[0]) for *_, address in found}


def _is_loopback(listen: str, resolve: Callable[[str], set[str]] = _resolved) -> bool:
    """Return whether nobody but this machine reaches an address; not when that cannot be told."""
    found = resolve(listen.rpartition(":")[0].removeprefix("[").removesuffix("]"))
    return bool(found) and all(is_loopback(address) for address in found)
