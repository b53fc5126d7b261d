"""Reading what a client sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from syncline_xero_simulator.wire.dates import read_day
from syncline_xero_simulator.wire.json_text import UnreadableJsonError, read_json

_LARGEST_NUMBER = Decimal(10) ** 15


class PostDataError(Exception):
    """The body has the wrong form; the message names the member."""


@dataclass(frozen=True, slots=True)
class Element:
    """One object of a request body; a member that is null counts as absent."""

    data: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Return whether the member is there and not null."""
        return self.data.get(name) is not None

    def text(self, name: str, otherwise: str = "") -> str:
        """Return a text member; a number is taken as its text."""
        value = self.data.get(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise PostDataError(f"{name} must be a text")
        return str(value)

    def number(self, name: str) -> Decimal | None:
        """Return a number member, also when it is sent as a text."""
        value = self.data.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise PostDataError(f"{name} must be a number")
        return _decimal(name, value)

    def day(self, name: str) -> date | None:
        """Return a calendar date member."""
        if not self.has(name):
            return None
        try:
            return read_day(self.text(name))
        except ValueError as error:
            raise PostDataError(f"{name} must be a date") from error

    def flag(self, name: str) -> bool | None:
        """Return a boolean member."""
        value = self.data.get(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise PostDataError(f"{name} must be true or false")

    def child(self, name: str) -> "Element | None":
        """Return an object member."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise PostDataError(f"{name} must be an object")
        return Element(value)

    def children(self, name: str) -> "list[Element] | None":
        """Return a member that is a list of objects."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise PostDataError(f"{name} must be a list of objects")
        return [Element(part) for part in value]


def _decimal(name: str, value: str | int | Decimal) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise PostDataError(f"{name} must be a number") from error
    if not number.is_finite():
        raise PostDataError(f"{name} must be a number")
    if abs(number) > _LARGEST_NUMBER:
        raise PostDataError(f"{name} is out of range")
    return number


def read_elements(body: bytes, collection: str) -> list[Element]:
    """Return the elements of a body: one object, a list, or `{collection: [...]}`.

    Raises `PostDataError` when it is none of these. An empty result means there were none.
    """
    try:
        value = read_json(body)
    except UnreadableJsonError as error:
        raise PostDataError(str(error)) from error
    if isinstance(value, dict) and collection in value:
        value = value[collection]
    elements = [value] if isinstance(value, dict) else value
    if not isinstance(elements, list) or not all(isinstance(part, dict) for part in elements):
        raise PostDataError(f"expected one object or a list of {collection}")
    return [Element(part) for part in elements if part]
