import json
from collections.abc import Callable

import httpx
import pytest

from syncline_demo.config import Address
from syncline_demo.story.errors import StoryError
from syncline_demo.story.simulator import Simulator

ADDRESS = Address(variable="SYNCLINE_SIMULATOR_LISTEN", host="127.0.0.1", port=8091)
KAURI = {
    "name": "Kauri",
    "country": "NZ",
    "base_currency": "NZD",
    "contacts": 3,
    "items": 2,
    "invoices": 1,
}


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Simulator:
    """Return a simulator whose every call is answered by a function."""
    return Simulator(ADDRESS, httpx.MockTransport(answer))


def test_an_organisation_is_made_once() -> None:
    """The second call finds what the first one made."""
    made: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            made.append(json.loads(request.content))
            return httpx.Response(200, json=KAURI)
        return httpx.Response(200, json={"organisations": [KAURI] if made else []})

    simulator = answering(answer)
    first = simulator.organisation("Kauri", country="NZ", contacts=3, items=2)
    assert simulator.organisation("Kauri", country="NZ", contacts=3, items=2) == first
    assert made == [{"name": "Kauri", "country": "NZ", "contacts": 3, "items": 2}]


def test_names_are_quoted_in_addresses() -> None:
    """Organisations and invoices may be called anything."""
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(200, json={})

    answering(answer).approve("Kauri & Co", "A/1")
    assert paths == [b"/simulator/organisations/Kauri%20%26%20Co/invoices/A%2F1/approve"]


def test_a_refusal_says_what_the_simulator_said() -> None:
    """Its own words are passed on."""
    simulator = answering(lambda _: httpx.Response(400, json={"error": "no such user"}))
    with pytest.raises(StoryError, match="no such user"):
        simulator.approve_access("http://x", "Kauri")


def test_a_simulator_that_is_not_there_is_told_how_to_start() -> None:
    """The next step and the variable are named."""

    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(StoryError, match=r"`make run`.*SYNCLINE_SIMULATOR_LISTEN"):
        answering(answer).find("Kauri")
