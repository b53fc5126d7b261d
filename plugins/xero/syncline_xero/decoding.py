"""From bytes to rows, so that one malformed element never loses its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from syncline_xero.dates import parse_instant
from syncline_xero.wire import Envelope, Pagination

T = TypeVar("T")
R = TypeVar("R")


class UnreadableAnswer(Exception):  # noqa: N818 - says what the answer is
    """A success whose body is not the list that was asked for. Xero is known to send such."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """How elements of one list are named when they cannot be decoded."""

    id_key: str
    name_key: str


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """An element that could not be decoded, with what could be read of it."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[T]):
    """A decoded list."""

    rows: list[T]
    bad: list[BadRow]
    answered: datetime | None
    """Xero's clock when it answered; None when it did not say."""
    pagination: Pagination | None

    @property
    def size(self) -> int:
        """How many elements the answer held, readable or not."""
        return len(self.rows) + len(self.bad)

    def without(self, ids: Sequence[str]) -> list[str]:
        """Return those of these ids that no element has; none while one may be any of them."""
        found = {(getattr(row, "id", None) or "").casefold() for row in self.rows}
        found |= {row.id.casefold() for row in self.bad}
        if "" in found:
            return []
        return [id_ for id_ in ids if id_.casefold() not in found]

    @classmethod
    def nothing(cls) -> Answer[T]:
        """Return an answer without elements."""
        return cls(rows=[], bad=[], answered=None, pagination=None)


class ListDecoder(Generic[T]):
    """Decodes lists of one element type: at once, and element by element where that fails."""

    def __init__(self, row_type: type[T], element: Element) -> None:
        self._element = element
        # mypy cannot follow a type argument that is a variable; msgspec resolves it when built.
        self._whole: msgspec.json.Decoder[Envelope[T]] = msgspec.json.Decoder(
            Envelope[row_type],  # type: ignore[valid-type]
            strict=False,
        )
        self._split = msgspec.json.Decoder(Envelope[msgspec.Raw], strict=False)
        self._row: msgspec.json.Decoder[T] = msgspec.json.Decoder(row_type, strict=False)

    def decode(self, body: bytes) -> Answer[T]:
        """Decode one answer.

        :raises UnreadableAnswer: if there is no list in it.
        """
        try:
            envelope = self._whole.decode(body)
        except ValueError:  # msgspec's errors and those about UTF-8 are both ValueErrors
            return self._one_by_one(body)
        return _answer(envelope, envelope.rows(), [])

    def _one_by_one(self, body: bytes) -> Answer[T]:
        try:
            envelope = self._split.decode(body)
        except ValueError as error:
            raise UnreadableAnswer(str(error)) from error
        rows: list[T] = []
        bad: list[BadRow] = []
        for raw in envelope.rows() or []:
            try:
                rows.append(self._row.decode(raw))
            except ValueError as error:
                bad.append(self._describe(raw, error))
        return _answer(envelope, None if envelope.rows() is None else rows, bad)

    def _describe(self, raw: msgspec.Raw, error: ValueError) -> BadRow:
        try:
            fields = msgspec.json.decode(raw)
        except ValueError:
            fields = None
        known = fields if isinstance(fields, dict) else {}
        return BadRow(
            id=_text(known.get(self._element.id_key)),
            name=_text(known.get(self._element.name_key)),
            reason=str(error),
        )


def _answer(envelope: Envelope[R], rows: list[T] | None, bad: list[BadRow]) -> Answer[T]:
    if rows is None:
        raise UnreadableAnswer("the answer holds no list")
    return Answer(
        rows=rows, bad=bad, answered=_moment(envelope.answered), pagination=envelope.pagination
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
