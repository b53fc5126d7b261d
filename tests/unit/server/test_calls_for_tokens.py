import httpcore
import pytest

from clockwork import Clockwork
from connect_bench import REGISTRATION
from ledger import ledger_provider
from syncline_server.app import Outside
from syncline_server.app.access import _endpoints
from syncline_server.core.catalogue import Catalogue, ProviderCatalogue
from syncline_server.core.graph import Graph
from syncline_server.core.relocation import moved
from syncline_server.oauth.errors import EndpointUnavailable
from syncline_server.outbound.network import Network

OWN = ProviderCatalogue(provider=ledger_provider(), nodes={}, graph=Graph({}))


class Dead(httpcore.NetworkBackend):
    """Reaches nothing; remembers what was tried."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    def connect_tcp(self, host: str, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Fail."""
        self.tried.append(host)
        raise httpcore.ConnectError("dead")


@pytest.mark.parametrize(
    ("installed", "tried"),
    [(OWN, []), (moved(OWN, "https://gateway.internal"), ["10.0.0.1"])],
    ids=["where it is", "where an operator says it is"],
)
def test_tokens_are_asked_for_inside_only_where_an_operator_says_so(
    installed: ProviderCatalogue, tried: list[str]
) -> None:
    """The endpoints of the process are fenced in as its other calls are."""
    backend = Dead()
    network = Network(backend, resolve=lambda _host, _port: ["10.0.0.1"])
    outside = Outside(clock=Clockwork(), transport=network)
    catalogue = Catalogue(providers={"ledger": installed})
    endpoints = _endpoints(outside, catalogue, {"ledger": REGISTRATION})

    with pytest.raises(EndpointUnavailable) as caught:
        endpoints["ledger"].refresh("planted-token")

    assert backend.tried == tried
    assert not caught.value.at_work
