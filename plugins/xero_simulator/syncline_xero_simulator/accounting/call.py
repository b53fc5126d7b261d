"""One accounting call that passed the gate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.oauth.scopes import holds_scope
from syncline_xero_simulator.rules.writing import Mode, WriteContext
from syncline_xero_simulator.switches import Switches
from syncline_xero_simulator.wire.inbound import Element, PostDataError, read_elements
from syncline_xero_simulator.wire.problems import nothing_processed, post_data_problem


class Category(StrEnum):
    """The webhook categories that the simulator sends."""

    CONTACT = "CONTACT"
    INVOICE = "INVOICE"


Announce = Callable[[Category, str, bool], None]
"""Takes a category, a record's id and whether the record is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler needs to answer; `now` is whole milliseconds, header names lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    books: Books
    scopes: tuple[str, ...]
    now: datetime
    switches: Switches
    mint: Mint
    announce: Announce

    @property
    def unit_places(self) -> int:
        """Decimals of unit amounts: 4 if the call says `unitdp=4`, else 2."""
        return 4 if self.query.get("unitdp") == "4" else 2

    @property
    def mode(self) -> Mode:
        """PUT creates, POST creates or updates."""
        return Mode.CREATE if self.method == "PUT" else Mode.UPSERT

    @property
    def summarises(self) -> bool:
        """Whether one failing element turns the whole answer into a 400."""
        return self.query.get("summarizeErrors", "true").lower() != "false"

    def flag(self, name: str) -> bool:
        """Return whether a query parameter says true."""
        return self.query.get(name, "").lower() == "true"

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the parts of a comma-separated query parameter."""
        return tuple(part.strip() for part in self.query.get(name, "").split(",") if part.strip())

    def write_context(self) -> WriteContext:
        """Return the circumstances for write rules."""
        may_create = self.switches.invoice_scope_creates_contacts or holds_scope(
            self.scopes, ["accounting.contacts"]
        )
        return WriteContext(
            now=self.now,
            switches=self.switches,
            mint=self.mint,
            unit_places=self.unit_places,
            may_create_contacts=may_create,
        )

    def elements(self, collection: str) -> list[Element]:
        """Return the elements of the body; raise a 400 if it cannot be read or has none."""
        try:
            elements = read_elements(self.body, collection)
        except PostDataError as error:
            raise post_data_problem(str(error)) from error
        if not elements:
            raise nothing_processed()
        return elements
