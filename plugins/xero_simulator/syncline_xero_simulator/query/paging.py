"""Cutting a list into pages (developer.xero.com, requests and responses: paging)."""

from dataclasses import dataclass
from typing import TypeVar

from syncline_xero_simulator.wire.envelope import Pagination

R = TypeVar("R")

_DEFAULT_SIZE = 100
_LARGEST_SIZE = 1000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for, already clamped."""

    number: int
    size: int

    def cut(self, records: list[R]) -> tuple[list[R], Pagination]:
        """Return the page's records, none past the end, and the pagination object."""
        start = (self.number - 1) * self.size
        pagination = Pagination(page=self.number, page_size=self.size, item_count=len(records))
        return records[start : start + self.size], pagination


def read_page(page: str | None, size: str | None, *, forced: bool = False) -> PageRequest | None:
    """Return the page that is asked for, or None for an unpaged answer.

    `size` alone asks for nothing. Numbers out of range, and what is no number, are clamped to
    what is allowed.
    """
    if page is None and not forced:
        return None
    number = max(_integer(page, 1), 1)
    return PageRequest(number, min(max(_integer(size, _DEFAULT_SIZE), 1), _LARGEST_SIZE))


def _integer(text: str | None, otherwise: int) -> int:
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise
