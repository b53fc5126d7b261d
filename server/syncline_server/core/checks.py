"""Reading what callers wrote: every violation is gathered, then all are told at once."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeVar

from syncline_server.core import money, names
from syncline_server.core.errors import InvalidArgument, Violation

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_EXTERNAL_ID = re.compile(r"[!-~](?:[ -~]{0,126}[!-~])?")
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ZERO = Decimal(0)

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a number may be."""

    low: Decimal
    high: Decimal
    places: int = money.MOST_PLACES
    """Decimals it may have."""


class Shelf(NamedTuple):
    """A collection of one workspace's records."""

    workspace: str
    collection: str
    """As in resource names: ``customers``, ``products``, ``taxCodes``, ``invoices``."""

    def __str__(self) -> str:
        return f"workspaces/{self.workspace}/{self.collection}"

    def identifier(self, name: str) -> str | None:
        """Return the id in a record's name; None when it lies elsewhere or is no name."""
        parsed = names.parse_record(name, self.collection)
        return parsed[1] if parsed and parsed[0] == self.workspace else None


class Checks:
    """What is wrong with one resource that a caller wrote.

    Every check returns the value read, or a stand-in when it is wrong; call :meth:`refuse` before
    any of them is used.

    :param resource: the field of the request that holds it, for the paths.
    """

    def __init__(self, resource: str) -> None:
        self._resource = resource
        self._violations: list[Violation] = []

    def wrong(self, field: str, description: str) -> None:
        """Note a violation.

        :param field: path within the resource, as on the wire.
        :param description: what would be right.
        """
        path = f"{self._resource}.{field}"
        self._violations.append(Violation(field=path, description=description))

    def refuse(self) -> None:
        """Raise everything that was noted, if anything was.

        :raises InvalidArgument: with every violation.
        """
        if self._violations:
            raise InvalidArgument(self._violations)

    def text(self, field: str, value: str, longest: int, *, required: bool = False) -> str:
        """Read a text of at most ``longest`` characters, without blanks around it."""
        value = value.strip()
        if required and not value:
            self.wrong(field, "is required")
        elif len(value) > longest:
            self.wrong(field, f"must have at most {longest} characters")
        elif "\0" in value:
            self.wrong(field, "must not contain the character U+0000")
        return value

    def identifier(self, value: str) -> str:
        """Read the id that a caller chose for a new resource; empty is none."""
        if value and not _ID.fullmatch(value):
            description = (
                "must be 1 to 63 lower-case letters, digits and hyphens, "
                "with a letter or digit at both ends"
            )
            # Beside the resource in the request, not in it.
            field = f"{self._resource}_id"
            self._violations.append(Violation(field=field, description=description))
        return value

    def external_id(self, value: str) -> str:
        """Read the id a record has in the caller's own system; empty is none."""
        if value and not _EXTERNAL_ID.fullmatch(value):
            self.wrong(
                "external_id", "must be 1 to 128 printable ASCII characters, no space at either end"
            )
        return value

    def number(self, field: str, text: str, limits: Limits) -> Decimal | None:
        """Read a decimal number; None for empty."""
        text = text.strip()
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            self.wrong(field, "must be a decimal number such as 12.50")
            return _ZERO
        number = Decimal(text)
        if not limits.low <= number <= limits.high:
            self.wrong(field, f"must be between {limits.low:f} and {limits.high:f}")
        elif money.places(number) > limits.places:
            self.wrong(field, f"must have at most {limits.places} decimals")
        else:
            return number
        return _ZERO

    def required_number(self, field: str, text: str, limits: Limits) -> Decimal:
        """Read a decimal number that must be given."""
        number = self.number(field, text, limits)
        if number is None:
            self.wrong(field, "is required")
        return number or _ZERO

    def day(self, field: str, text: str) -> date | None:
        """Read a calendar date; None for empty."""
        if not text:
            return None
        try:
            return date.fromisoformat(text if _DAY.fullmatch(text) else "")
        except ValueError:
            self.wrong(field, "must be a calendar date such as 2026-10-01")
            return None

    def choice(self, field: str, value: str, kind: type[E]) -> E | None:
        """Read one of an enumeration's values; None when it is none of them."""
        if value in kind.__members__:
            return kind(value)
        self.wrong(field, f"must be one of {', '.join(kind.__members__)}")
        return None

    def reference(self, field: str, name: str, shelf: Shelf, known: Collection[str]) -> str | None:
        """Read the name of another record of the workspace; None for empty.

        :param known: ids of the records that are there.
        """
        if not name:
            return None
        identifier = shelf.identifier(name)
        if identifier is None:
            self.wrong(field, f"must be {shelf}/{{id}}")
        elif identifier not in known:
            self.wrong(field, "does not exist")
        return identifier
