"""The envelope around every accounting answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncline_xero_simulator.wire.dates import bare_instant
from syncline_xero_simulator.wire.json_text import write_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """Where a page stands among all."""

    page: int
    page_size: int
    item_count: int

    @property
    def page_count(self) -> int:
        """How many pages there are; 0 for an empty list."""
        return -(-self.item_count // self.page_size)

    def as_json(self) -> dict[str, int]:
        """Return the object as it is spelled on the wire."""
        return {
            "page": self.page,
            "pageSize": self.page_size,
            "pageCount": self.page_count,
            "itemCount": self.item_count,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What an accounting call answers: rendered records of one collection."""

    collection: str
    records: tuple[str, ...]
    pagination: Pagination | None = None


def wrap(listing: Listing, correlation_id: str, app_name: str, now: datetime) -> str:
    """Return the whole JSON text; records are already rendered and are only joined."""
    head: dict[str, Any] = {
        "Id": correlation_id,
        "Status": "OK",
        "ProviderName": app_name,
        "DateTimeUTC": bare_instant(now),
    }
    if listing.pagination is not None:
        head["pagination"] = listing.pagination.as_json()
    opening = write_json(head)[:-1]
    return f'{opening},"{listing.collection}":[{",".join(listing.records)}]}}'


def rendered(records: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Return each record as JSON text."""
    return tuple(write_json(record) for record in records)
