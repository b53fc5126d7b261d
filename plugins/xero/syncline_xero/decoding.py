"""From bytes to rows, so that one malformed element never loses its page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Generic, TypeVar

import msgspec

from syncline_xero.dates import parse_instant
from syncline_xero.wire import Envelope, Pagination

T = TypeVar("T")
R = TypeVar("R")

MALFORMED: Final = (ValueError, RecursionError)
"""What decoding raises: msgspec's errors and those about UTF-8 are ValueErrors; nesting without end
is none."""

_LONGEST_NAME: Final = 200
_MOST_DIGITS: Final = (
    20  # before or behind the point; written out, a number of a million digits is a text
)
# One escape after the other, so that an escaped backslash begins none: pairs of surrogates as they
# should be, then NUL and what is half a pair.
_ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u0000|u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_REPLACEMENT: Final = b"\\ufffd"
# No text may hold them as they are, and between texts they are blanks.
_CONTROLS: Final = bytes.maketrans(bytes(range(32)), b" " * 32)


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
        body = without_nul(body)
        try:
            envelope = self._whole.decode(body)
        except MALFORMED:
            return self._one_by_one(mended(body))
        return _answer(envelope, envelope.rows(), [])

    def _one_by_one(self, body: bytes) -> Answer[T]:
        try:
            envelope = self._split.decode(body)
        except MALFORMED as error:
            raise UnreadableAnswer(str(error)) from error
        rows: list[T] = []
        bad: list[BadRow] = []
        for raw in envelope.rows() or []:
            try:
                rows.append(self._row.decode(raw))
            except MALFORMED as error:
                bad.append(self._describe(raw, error))
        return _answer(envelope, None if envelope.rows() is None else rows, bad)

    def _describe(self, raw: msgspec.Raw, error: Exception) -> BadRow:
        try:
            fields = msgspec.json.decode(raw)
        except MALFORMED:
            fields = None
        known = fields if isinstance(fields, dict) else {}
        return BadRow(
            id=_text(known.get(self._element.id_key)),
            name=_text(known.get(self._element.name_key)),
            reason=str(error),
        )


def without_nul(body: bytes) -> bytes:
    """Return JSON whose texts have a replacement character for each NUL, which no database takes.

    Costs next to nothing where there is none.
    """
    return mended(body) if b"\\u0000" in body else body


def mended(body: bytes) -> bytes:
    """Return JSON with replacement characters for NULs and what is no Unicode: the rest is read."""
    text = body.translate(_CONTROLS).decode("utf-8", "replace").encode()
    return _ESCAPES.sub(lambda found: _REPLACEMENT if found[1] else found[0], text)


def is_sane(number: Decimal) -> bool:
    """Return whether a number can be an amount, a quantity or a rate at all."""
    return number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS


def _answer(envelope: Envelope[R], rows: list[T] | None, bad: list[BadRow]) -> Answer[T]:
    if rows is None:
        raise UnreadableAnswer("the answer holds no list")
    return Answer(
        rows=rows,
        bad=bad,
        answered=_moment(envelope.answered),
        pagination=_pagination(envelope.pagination),
    )


def _pagination(raw: msgspec.Raw) -> Pagination | None:
    """Return what is said of the whole list; nothing where it makes no sense."""
    try:
        return msgspec.json.decode(raw, type=Pagination | None, strict=False)
    except MALFORMED:
        return None


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None


def _text(value: object) -> str:
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""
