"""What the handlers of the control API share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncline_xero_simulator.accounting.call import Category
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.config import SimulatorConfig
from syncline_xero_simulator.oauth.views import IdentityViews
from syncline_xero_simulator.parts import Parts
from syncline_xero_simulator.rules.writing import WriteContext
from syncline_xero_simulator.wire.dates import whole_milliseconds
from syncline_xero_simulator.wire.inbound import Element


class ControlError(Exception):
    """A control request is answered with `status` and the message."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The simulator as the control API sees it."""

    config: SimulatorConfig
    parts: Parts
    identity: IdentityViews

    def now(self) -> datetime:
        """Return the time in whole milliseconds."""
        return whole_milliseconds(self.parts.clock.now()).astimezone(UTC)

    def books(self, values: Mapping[str, str]) -> Books:
        """Return the organisation that a path names by tenant id or name; raise a 404."""
        return self.organisation(values["organisation"])

    def organisation(self, id_or_name: str) -> Books:
        """Return the organisation with this tenant id or name; raise a 404."""
        books = self.parts.organisations.named(id_or_name)
        if books is None:
            raise ControlError(f"there is no organisation {id_or_name!r}", 404)
        return books

    def write_context(self) -> WriteContext:
        """Return the circumstances of a write by a person in Xero."""
        return WriteContext(
            now=self.now(),
            switches=self.parts.switches(),
            mint=self.parts.mint,
            unit_places=4,
        )

    def announce(
        self, books: Books, category: Category, record_id: str, *, is_new: bool = False
    ) -> None:
        """Send the webhook of a change that a person made, if people's changes send any."""
        if self.parts.switches().people_fire_webhooks:
            self.parts.webhooks.announce(
                books.profile.tenant_id, category, record_id, is_new=is_new
            )


Handler = Callable[[Desk, Element, Mapping[str, str]], Any]
"""Takes the desk, the body and the values of the path; returns what becomes JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One control route. The handler's docstring is its documentation."""

    method: str
    path: str
    handler: Handler

    @property
    def text(self) -> str:
        """What the route does, in one line."""
        return " ".join((self.handler.__doc__ or "").split())


def only(body: Element, *names: str) -> None:
    """Raise a 400 that names members a route does not know."""
    unknown = sorted(set(body.data) - set(names))
    if unknown:
        known = ", ".join(names) or "none"
        raise ControlError(f"unknown member {', '.join(unknown)}; known are: {known}")


def required(body: Element, name: str) -> str:
    """Return a text member that must be there."""
    text = body.text(name)
    if not text:
        raise ControlError(f"{name} is missing")
    return text
