from collections.abc import Iterator

import pytest

from fuzz_calls import METHODS, Caller, fuzz
from fuzz_requests import Known
from fuzz_stock import elements, every_page, known_of, stock
from ledger import REDIRECT
from syncline_client import Client
from wiring import ACME, Served

HOME = "workspaces/acme"
START = 20_261_126
EXAMPLES = 12
SPOILED = 3


@pytest.fixture
def known(server: Served, client: Client) -> Known:
    """A connected workspace with something of everything."""
    server.wired.approve()
    stock(client, HOME)
    return known_of(client, HOME, str(ACME), REDIRECT)


@pytest.fixture
def caller(server: Served) -> Iterator[Caller]:
    """Calls the server with bytes."""
    with server.channel() as channel:
        yield Caller(channel)


def test_whatever_comes_in_is_answered(caller: Caller, known: Known, client: Client) -> None:
    """No made-up or spoiled request of any method fails, hangs or breaks what is stored."""
    fuzz(caller, known, examples=EXAMPLES, start=START, spoiled=SPOILED)

    assert set(caller.tally.called) == set(METHODS)
    assert caller.tally.codes["OK"] > 0
    assert caller.tally.codes["INVALID_ARGUMENT"] > 0
    assert all(elements(page) is not None for page in every_page(client, HOME, str(ACME), size=7))
