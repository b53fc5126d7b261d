"""What a filter can name: fields with their types."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

R = TypeVar("R")


class FieldType(StrEnum):
    """The .NET type names that Xero's messages use."""

    TEXT = "String"
    BOOLEAN = "Boolean?"
    NUMBER = "Decimal?"
    MOMENT = "DateTime?"
    GUID = "Guid"


@dataclass(frozen=True, slots=True)
class Field(Generic[R]):
    """One field: how to read it from a record; `optimised` fields are quick for Xero."""

    type: FieldType
    read: Callable[[R], Any]
    optimised: bool = False


@dataclass(frozen=True, slots=True)
class FieldTable(Generic[R]):
    """The fields of one type of record, by lower-case name."""

    type_name: str
    fields: Mapping[str, Field[R]]

    def named(self, name: str) -> Field[R] | None:
        """Return the field called `name`, in any case."""
        return self.fields.get(name.lower())


def folded(value: str) -> str:
    """Return a text without case and accents, as equality compares it."""
    plain = unicodedata.normalize("NFKD", value) if not value.isascii() else value
    return "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()


def moment_of(value: date | datetime | None) -> datetime | None:
    """Return a date as its midnight in UTC, so that dates and instants compare."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)
