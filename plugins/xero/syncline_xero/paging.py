"""Reading a long list page by page, in an order that survives changes while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

import msgspec

from syncline_sdk import RunFailed
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Answer, ListDecoder

T = TypeVar("T")

PAGE_SIZE: Final = 1000  # the largest Xero serves
_MOST_PAGES: Final = 10_000  # ten million records: no list is that long, so it is not moving


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run stands in a list; what its cursor says."""

    page: int = 1
    """The page to read next, counted from 1."""
    until: datetime | None = None
    """Xero's clock when the first page was read: how far this run will have read."""

    def cursor(self) -> str:
        """Return the place as a cursor."""
        until = None if self.until is None else self.until.timestamp()
        return msgspec.json.encode({"page": self.page, "until": until}).decode()

    @classmethod
    def at(cls, cursor: str | None) -> Place:
        """Return the place a cursor names; the beginning when it names none."""
        if cursor is None:
            return cls()
        try:
            stored = msgspec.json.decode(cursor, type=_Stored)
        except ValueError:  # another version's cursor: reading again is always right
            return cls()
        until = None if stored.until is None else datetime.fromtimestamp(stored.until, UTC)
        return cls(page=stored.page, until=until)


class _Stored(msgspec.Struct):
    page: int
    until: float | None = None


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """One page, and the place behind it."""

    answer: Answer[T]
    next: Place


@dataclass(frozen=True, kw_only=True)
class PagedList(Generic[T]):
    """A list to read.

    ``params`` must order it by something that never changes, the id. By default Xero orders by
    time of change, where a row that changes while the list is read moves to its end and draws
    another one back over the page boundary, unseen. Ordered by id, a row that joins a list limited
    by ``If-Modified-Since`` only pushes others forward: some come twice, none is missed.
    """

    path: str
    params: Mapping[str, str]
    decoder: ListDecoder[T]
    row_id: Callable[[T], str | None]
    since: datetime | None = None

    def pages(self, client: XeroClient, place: Place) -> Iterator[Page[T]]:
        """Yield the pages from this place on, never an empty one but at the very beginning.

        Whoever takes them had better drop each before asking for the next.

        :raises RunFailed: if Xero serves the same page again and again.
        """
        first = ""
        while True:
            page = place.page
            answer = self._read(client, page)
            if not answer.size and page > 1:
                return
            first = self._check_moved(answer, page, first)
            # A later page's clock stands behind changes that the first page has not seen.
            until = answer.answered if page == 1 else place.until
            place = replace(place, page=page + 1, until=until)
            last = _is_last(answer, page)
            yield Page(answer=answer, next=place)
            if last:
                return
            # Two pages in memory at once make decoding twice as slow: new memory costs more than
            # the decoding does. So this one goes first, here and where it was used.
            del answer

    def _read(self, client: XeroClient, page: int) -> Answer[T]:
        params = {**self.params, "page": str(page), "pageSize": str(PAGE_SIZE)}
        return client.read(self.path, self.decoder, params=params, since=self.since)

    def _check_moved(self, answer: Answer[T], page: int, before: str) -> str:
        first = (self.row_id(answer.rows[0]) or "") if answer.rows else ""
        if page > _MOST_PAGES or (first and first == before):
            raise RunFailed(
                "XERO_PAGING_BROKEN",
                f"Xero serves the same page of {self.path} again and again.",
                action="Try again later; if it persists, report it.",
            )
        return first


def _is_last(answer: Answer[T], page: int) -> bool:
    """Return whether nothing can follow: a page that is not full, or both counts reached exactly.

    Counts that contradict each other, or what has come already, are not believed; reading on costs
    one call.
    """
    said = answer.pagination
    size = (said and said.page_size) or PAGE_SIZE
    if answer.size < size:
        return True
    if said is None or said.page_count is None or said.item_count is None:
        return False
    return page >= said.page_count and said.item_count == page * size
