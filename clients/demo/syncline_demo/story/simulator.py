"""The simulator's control API, as far as the story needs it: what people do in Xero."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from syncline_demo.config import Address
from syncline_demo.story.errors import StoryError

_SECONDS = 60.0
"""Seeding a large organisation takes a while."""


@dataclass(frozen=True, kw_only=True)
class SimulatedOrganisation:
    """An organisation of the simulated Xero."""

    name: str
    country: str
    currency: str
    contacts: int
    items: int
    invoices: int


class Simulator:
    """Does in the simulated Xero what people would do there.

    :param address: where it listens.
    :param transport: carries the calls; the network's own when None.
    """

    def __init__(self, address: Address, transport: httpx.BaseTransport | None = None) -> None:
        self._address = address
        self._http = httpx.Client(
            base_url=address.url, timeout=_SECONDS, trust_env=False, transport=transport
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def organisation(
        self, name: str, *, country: str, contacts: int, items: int
    ) -> SimulatedOrganisation:
        """Return the organisation with this name, made on first use."""
        found = self.find(name)
        if found is not None:
            return found
        wanted = {"name": name, "country": country, "contacts": contacts, "items": items}
        return _organisation(self._call("POST", "/simulator/organisations", wanted))

    def find(self, name: str) -> SimulatedOrganisation | None:
        """Return the organisation with this name as it is now."""
        listed = self._call("GET", "/simulator/organisations")["organisations"]
        return next((_organisation(one) for one in listed if one["name"] == name), None)

    def approve_access(self, authorize_url: str, organisation: str) -> str:
        """Approve access to one organisation; return where the browser would be sent."""
        body = {"authorize_url": authorize_url, "organisations": [organisation]}
        return str(self._call("POST", "/simulator/consent", body)["location"])

    def invoice(self, organisation: str, number: str) -> dict[str, Any]:
        """Return an invoice in Xero's form."""
        return self._call("GET", _invoice(organisation, number))

    def approve(self, organisation: str, number: str) -> None:
        """Approve a draft invoice."""
        self._call("POST", f"{_invoice(organisation, number)}/approve")

    def pay(self, organisation: str, number: str, amount: str | None = None) -> None:
        """Record a payment of an amount; of all that is due without one."""
        body = {} if amount is None else {"amount": amount}
        self._call("POST", f"{_invoice(organisation, number)}/pay", body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise StoryError(
                f"The Xero simulator does not answer at {self._address}. Start it with `make run`,"
                " or set SYNCLINE_SIMULATOR_LISTEN to where it is."
            ) from error
        told: dict[str, Any] = answer.json()
        if answer.is_error:
            raise StoryError(f"The Xero simulator refused {method} {path}: {told.get('error')}")
        return told


def _invoice(organisation: str, number: str) -> str:
    return (
        f"/simulator/organisations/{quote(organisation, safe='')}/invoices/{quote(number, safe='')}"
    )


def _organisation(shown: dict[str, Any]) -> SimulatedOrganisation:
    return SimulatedOrganisation(
        name=shown["name"],
        country=shown["country"],
        currency=shown["base_currency"],
        contacts=shown["contacts"],
        items=shown["items"],
        invoices=shown["invoices"],
    )
