"""Which addresses a call may connect to: a name that is public must not lead inside."""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Final, TypeAlias

from syncline_sdk import HostRefused


class Reach(Enum):
    """How far a call may reach."""

    PUBLIC = "PUBLIC"  # hosts that a plugin declares
    LOOPBACK = "LOOPBACK"  # what an operator names without TLS
    ANYWHERE = "ANYWHERE"  # what an operator names with TLS, such as a gateway of their own


Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, as text, in the order to try them.

:raises OSError: it has none.
"""

# Well-known prefix of addresses that a gateway turns into IPv4 (RFC 6052 2.1).
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_reach: ContextVar[Reach] = ContextVar("reach", default=Reach.PUBLIC)


@contextmanager
def reaching(reach: Reach) -> Iterator[None]:
    """Let the calls of this thread, inside the block, reach so far."""
    before = _reach.set(reach)
    try:
        yield
    finally:
        _reach.reset(before)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, asking the machine's resolver.

    :raises OSError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a label longer than any of the DNS
        raise OSError("no name of a host") from None
    return [str(address[0]) for *_, address in found]


def within_reach(host: str, addresses: Sequence[str]) -> list[str]:
    """Return those of a host's addresses that the call under way may connect to.

    :raises HostRefused: there is none.
    """
    reach = _reach.get()
    allowed = [each for each in addresses if _is_within(reach, each)]
    if addresses and not allowed:
        raise HostRefused(
            f"A call to {host} was not made: its name leads to an address that is not public.",
            action="Ask the operator of this server to look at its name resolution. A provider"
            " inside the network is named with SYNCLINE_<PROVIDER>_BASE_URL.",
            code="HOST_NOT_PUBLIC",
        )
    return allowed


def is_public(text: str) -> bool:
    """Return whether an address is one of the public internet, also where it wraps another."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(
        each.is_global and not (each.is_multicast or each.is_reserved) for each in _meant(address)
    )


def _is_within(reach: Reach, text: str) -> bool:
    if reach is Reach.ANYWHERE:
        return True
    if reach is Reach.LOOPBACK:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    return is_public(text)


def _meant(address: Address) -> list[Address]:
    """Return what is connected to: the address, and IPv4 addresses that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)]
    tunnelled = (address.sixtofour, *(address.teredo or ()))
    return [address, *(each for each in tunnelled if each)]
