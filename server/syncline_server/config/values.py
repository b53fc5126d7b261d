"""What the texts of variables mean.

Each function raises ``ValueError`` with what would be right.
"""

import shlex
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from syncline_server.config.settings import Exposure, LogFormat
from syncline_server.core.addresses import is_confidential

_LAST_PORT: Final = 65_535
_SHORTEST_TAKEOVER: Final = timedelta(seconds=2)


def key_words(text: str) -> tuple[str, ...]:
    """Return the keys of a text: one a line, or separated by commas."""
    return words(text.replace("\n", ","))


def address(text: str) -> str:
    """Return ``host:port``."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError("must be host:port")
    return text


def database_url(text: str) -> str:
    """Return the address of a database this server can use."""
    if not text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return text


def path(text: str) -> Path | None:
    """Return a path; None for an empty text."""
    return Path(text) if text else None


def origin(text: str) -> str:
    """Return where a provider is to be found instead; empty for empty."""
    if not text:
        return text
    if not _is_web_address(text):
        raise ValueError("must begin with http:// or https:// and a host")
    parts = urlsplit(text)
    if "@" in parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must be http(s)://host[:port], without path, query or credentials")
    if parts.scheme == "http" and not is_confidential(text):
        raise ValueError(
            "must begin with https:// unless the host is this machine, such as 127.0.0.1: give the"
            " host a certificate, or forward a local port to it"
        )
    return text


def web_addresses(text: str) -> tuple[str, ...]:
    """Return web addresses, separated by commas."""
    found = words(text)
    if not all(_is_web_address(word) for word in found):
        raise ValueError("must be addresses that begin with http:// or https:// and a host")
    return found


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # a malformed IPv6 host
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def words(text: str) -> tuple[str, ...]:
    """Return words, separated by commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def arguments(text: str) -> tuple[str, ...]:
    """Return a program and its arguments."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise ValueError("must be a program and its arguments, quoted as in a shell") from None


def positive(text: str) -> int:
    """Return a whole number above 0."""
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("must be a positive whole number")
    return int(text)


def whole(text: str) -> int:
    """Return a whole number, 0 or more."""
    if not text.isdecimal():
        raise ValueError("must be a whole number, 0 or more")
    return int(text)


def takeover(text: str) -> timedelta:
    """Return a span of time that a process may be silent for."""
    span = seconds(text)
    if span < _SHORTEST_TAKEOVER:
        raise ValueError(f"must be at least {_SHORTEST_TAKEOVER.seconds} seconds")
    return span


def seconds(text: str) -> timedelta:
    """Return a span of time, given in seconds."""
    try:
        span = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        span = None
    if span is None or span < timedelta():
        raise ValueError("must be a number of seconds, 0 or more")
    return span


def exposure(text: str) -> Exposure:
    """Return to whom something is shown."""
    try:
        return {"on": Exposure.OPEN, **{each.value: each for each in Exposure}}[text.lower()]
    except KeyError:
        raise ValueError("must be open, callers or off") from None


def shown(text: str) -> Exposure:
    """Return to whom something is shown that is never hidden."""
    if text.lower() not in (Exposure.OPEN, Exposure.CALLERS):
        raise ValueError("must be open or callers")
    return Exposure(text.lower())


def confidential(text: str) -> str:
    """Return an address whose answers nobody can change on the way; empty for empty."""
    if text and not is_confidential(text):
        raise ValueError("must begin with https:// and a host (http:// on loopback)")
    return text


def switch(text: str) -> bool:
    """Return whether something is on."""
    try:
        return {"on": True, "off": False}[text.lower()]
    except KeyError:
        raise ValueError("must be on or off") from None


def log_format(text: str) -> LogFormat:
    """Return how log lines look."""
    try:
        return LogFormat(text.lower())
    except ValueError:
        raise ValueError("must be console or json") from None


def level(text: str) -> str:
    """Return the least level that is logged."""
    if text.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("must be debug, info, warning or error")
    return text.lower()
