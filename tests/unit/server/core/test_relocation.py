from dataclasses import replace

import pytest

from ledger import ledger_provider
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.graph import Graph
from syncline_server.core.relocation import moved, relocated


def test_every_address_moves_and_keeps_its_path() -> None:
    """Scheme, host and port are replaced, paths and everything else of the provider stay."""
    provider = ledger_provider()

    there = relocated(provider, "http://127.0.0.1:8091")

    assert there.addresses.authorize == "http://127.0.0.1:8091/oauth/authorize"
    assert there.addresses.token == "http://127.0.0.1:8091/oauth/token"
    assert there.addresses.revocation == "http://127.0.0.1:8091/oauth/revoke"
    assert there.addresses.api == "http://127.0.0.1:8091/api/"
    assert (there.name, there.scopes) == (provider.name, provider.scopes)


def test_what_was_moved_says_so() -> None:
    """Where an operator put it, it may be inside."""
    own = ProviderCatalogue(provider=ledger_provider(), nodes={}, graph=Graph({}))

    there = moved(own, "https://gateway.example")

    assert (own.is_moved, there.is_moved) == (False, True)
    assert there.provider.addresses.api == "https://gateway.example/api/"


def test_hosts_beside_the_api_are_dropped() -> None:
    """Whoever names a simulator does not want the real files called."""
    provider = replace(ledger_provider(), hosts=("files.ledger.example",))

    assert relocated(provider, "https://gateway.example").hosts == ()


@pytest.mark.parametrize(
    "base",
    [
        "",
        "ledger.example",
        "ftp://ledger.example",
        "http://a:b@host",
        "http://host/x",
        "http://h?q",
    ],
)
def test_other_bases_are_refused(base: str) -> None:
    """A base is scheme, host and port, and nothing more."""
    with pytest.raises(ValueError, match="a base URL"):
        relocated(ledger_provider(), base)
