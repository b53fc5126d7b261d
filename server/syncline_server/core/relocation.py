"""The same provider at another place: a simulator, a recording proxy, a gateway."""

from dataclasses import fields, replace
from urllib.parse import urlsplit, urlunsplit

from syncline_sdk import Addresses, Provider
from syncline_server.core.catalogue import ProviderCatalogue


def moved(installed: ProviderCatalogue, base_url: str) -> ProviderCatalogue:
    """Return what is installed of a provider, with the provider where an operator says it is.

    :raises ValueError: see :func:`relocated`.
    """
    return replace(installed, provider=relocated(installed.provider, base_url), is_moved=True)


def relocated(provider: Provider, base_url: str) -> Provider:
    """Return the provider with each of its addresses on another origin, paths kept.

    Its other hosts are dropped: whoever names a simulator does not want the real one called.

    :param base_url: scheme, host and port to use, for example ``http://127.0.0.1:8091``.
    :raises ValueError: it is no such thing, or carries more than that.
    """
    base = urlsplit(base_url)
    if base.scheme not in {"http", "https"} or not base.hostname or "@" in base.netloc:
        raise ValueError("a base URL is http(s)://host[:port]")
    if base.path not in {"", "/"} or base.query or base.fragment:
        raise ValueError("a base URL has neither path nor query")
    addresses = {
        address.name: _moved(getattr(provider.addresses, address.name), base.scheme, base.netloc)
        for address in fields(Addresses)
    }
    issuer = provider.issuer and _moved(provider.issuer, base.scheme, base.netloc)
    return replace(provider, addresses=Addresses(**addresses), issuer=issuer, hosts=())


def _moved(url: str, scheme: str, netloc: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme=scheme, netloc=netloc))
