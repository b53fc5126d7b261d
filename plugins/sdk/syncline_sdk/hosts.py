"""Where a provider's calls may go: to the hosts it declares, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, TypeAlias

import httpx

from syncline_sdk.errors import HostRefused
from syncline_sdk.provider import Addresses, Provider

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host in the form it is connected to, port."""

_PORTS: Final = {"https": 443, "http": 80}
# A name in the public DNS (RFC 1123 2.1, RFC 5890 2.3.1): labels of ASCII letters, digits and
# hyphens, the last of which is no number, or it would be an IPv4 literal.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}(?::|\Z))(?:{_LABEL}\.)+(?![0-9]+(?::|\Z)){_LABEL}")
_PORT: Final = re.compile(r":([1-9][0-9]{0,4})")
_LAST_PORT: Final = 65_535
_LONGEST_NAMED: Final = 100
# They make httpcore check another name than the address's, or ask for another address.
_DISGUISES: Final = ("sni_hostname", "target")


def origin_of(url: httpx.URL | str) -> Origin:
    """Return where a call to this address connects to."""
    at = httpx.URL(url)
    port = _PORTS.get(at.scheme, 0) if at.port is None else at.port
    return at.scheme, at.raw_host.decode("ascii"), port


def origins_of(provider: Provider) -> frozenset[Origin]:
    """Return where the work of a provider's modules and hooks may call: its API and its hosts."""
    hosts = (origin_of(f"https://{host}") for host in provider.hosts)
    return frozenset({origin_of(provider.addresses.api), *hosts})


def token_origins_of(provider: Provider) -> frozenset[Origin]:
    """Return where tokens are asked for and given back; no module calls there."""
    addresses = provider.addresses
    return frozenset({origin_of(addresses.token), origin_of(addresses.revocation)})


def refuse_undeclared(request: httpx.Request, declared: Collection[Origin]) -> None:
    """Check that a request goes to one of these origins and does not pretend to go elsewhere.

    :raises HostRefused: it must not leave. The message names the host and nothing behind it.
    """
    url = request.url
    named = f"{url.scheme}://{_shown(url.raw_host)}" + ("" if url.port is None else f":{url.port}")
    if origin_of(url) not in declared:
        raise HostRefused(
            f"A call to {named} was not made: the provider does not declare that host.",
            action="The plugin must name it in Provider.hosts, or call an address it has named.",
        )
    if _is_disguised(request):
        raise HostRefused(
            f"A call to {named} was not made: it carries credentials in its address, or another"
            " host's name beside it.",
            action="Report it to the author of the plugin.",
        )


def _is_disguised(request: httpx.Request) -> bool:
    hosts = [value for name, value in request.headers.raw if name.lower() == b"host"]
    is_renamed = any(each in request.extensions for each in _DISGUISES)
    return bool(request.url.userinfo) or hosts != [request.url.netloc] or is_renamed


def mistakes_in(provider: Provider) -> list[str]:
    """Return what is wrong with the addresses and hosts a provider declares, a sentence each."""
    found = [
        f"address {name!r} must be https://, a host name and a path"
        for name, address in _addresses(provider.addresses)
        if not _is_https(address)
    ]
    found += [
        f"host {host!r} must be a lower-case host name such as files.abacus.example, with :port"
        " only where it is not 443"
        for host in provider.hosts
        if not _is_host(host)
    ]
    return found


def _addresses(addresses: Addresses) -> list[tuple[str, str]]:
    names = ("authorize", "token", "revocation", "api")
    return [(name, getattr(addresses, name)) for name in names]


def _is_https(address: str) -> bool:
    scheme, _, rest = address.partition("://")
    host, slash, _ = rest.partition("/")
    return scheme == "https" and bool(slash) and _is_host(host) and "#" not in rest


def _is_host(text: str) -> bool:
    host = _HOST.match(text)
    if host is None:
        return False
    rest = text[host.end() :]
    port = _PORT.fullmatch(rest)
    return not rest or (port is not None and int(port[1]) <= _LAST_PORT)


def _shown(host: bytes) -> str:
    return host[:_LONGEST_NAMED].decode("ascii", "replace")
