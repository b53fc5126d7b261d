"""The fence around every call that leaves the process: to declared hosts, over TLS, and no further.

It stands outside of everything else, so that what it refuses takes no place in a budget, is
announced to nobody and asks no name server. A client that follows redirects sends each hop through
it anew.
"""

from collections.abc import Collection

import httpx

from syncline_sdk.hosts import (
    Origin,
    origin_of,
    origins_of,
    refuse_undeclared,
    token_origins_of,
)
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.outbound.reach import Reach, reaching


class Fence(httpx.BaseTransport):
    """Lets calls to some origins pass.

    :param inner: makes the calls; not closed by this.
    :param origins: where they may go.
    :param reach: which addresses those names may lead to.
    """

    def __init__(
        self, inner: httpx.BaseTransport, origins: Collection[Origin], reach: Reach
    ) -> None:
        self._inner = inner
        self._origins = origins
        self._reach = reach

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call if it goes to one of them.

        :raises HostRefused: it does not, or the name leads to an address out of reach.
        """
        refuse_undeclared(request, self._origins)
        with reaching(self._reach):
            return self._inner.handle_request(request)


def around_work(inner: httpx.BaseTransport, installed: ProviderCatalogue) -> Fence:
    """Return the fence of a provider's modules and hooks: its API and the hosts beside it."""
    provider = installed.provider
    reach = _reach_of(provider.addresses.api) if installed.is_moved else Reach.PUBLIC
    return Fence(inner, origins_of(provider), reach)


def around_tokens(inner: httpx.BaseTransport, installed: ProviderCatalogue) -> Fence:
    """Return the fence of calls for tokens: where they are given out and given back."""
    provider = installed.provider
    reach = _reach_of(provider.addresses.token) if installed.is_moved else Reach.PUBLIC
    return Fence(inner, token_origins_of(provider), reach)


def around_named(inner: httpx.BaseTransport, *addresses: str) -> Fence:
    """Return the fence of calls to addresses that an operator gave, with https or on loopback.

    :param addresses: at least one; where the first may be, so may the others.
    """
    return Fence(inner, {origin_of(each) for each in addresses}, _reach_of(addresses[0]))


def _reach_of(address: str) -> Reach:
    is_encrypted = httpx.URL(address).scheme == "https"
    return Reach.ANYWHERE if is_encrypted else Reach.LOOPBACK
