"""Checking what no rule on a single field can say: all violations are gathered, then told at once.

Sizes and forms were looked at before, in :mod:`syncline_server.rpc.validation`; names are taken
apart here.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from syncline_server.core import names
from syncline_server.core.errors import InvalidArgument, Violation
from syncline_server.core.names import Connection

_CONNECTION: Final = "workspaces/{workspace}/connections/{provider}"
_LONGEST_ID: Final = 100
_LARGEST_STRUCT: Final = 100_000
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Fields:
    """What is wrong with one request.

    Every check returns the value in the form services take, or a stand-in when it is wrong; call
    :meth:`refuse` before any of them is used.
    """

    def __init__(self) -> None:
        self._violations: list[Violation] = []

    def wrong(self, field: str, description: str) -> None:
        """Note a violation.

        :param field: path as on the wire.
        :param description: what would be right.
        """
        self._violations.append(Violation(field=field, description=description))

    def refuse(self) -> None:
        """Raise everything that was noted, if anything was.

        :raises InvalidArgument: with every violation.
        """
        if self._violations:
            raise InvalidArgument(self._violations)

    def text(
        self, field: str, value: str, longest: int = _LONGEST_ID, *, required: bool = False
    ) -> str:
        """Check a text of at most ``longest`` characters."""
        if required and not value.strip():
            self.wrong(field, "is required")
        elif len(value) > longest:
            self.wrong(field, f"must have at most {longest} characters")
        elif "\x00" in value:  # PostgreSQL stores every character but this one
            self.wrong(field, "must not contain the character U+0000")
        return value

    def workspace(self, field: str, name: str) -> str:
        """Check ``workspaces/{workspace}`` and return the workspace."""
        found = names.parse_workspace(name)
        return found if found is not None else self._no_name(field, name, "workspaces/{workspace}")

    def connection(self, field: str, name: str) -> Connection:
        """Check a connection's name."""
        found = names.parse_connection(name)
        return found or Connection(self._no_name(field, name, _CONNECTION), "")

    def settings(self, field: str, name: str) -> Connection:
        """Check the name of a connection's settings and return the connection."""
        found = names.parse_settings(name)
        return found or Connection(self._no_name(field, name, f"{_CONNECTION}/settings"), "")

    def under_connection(self, field: str, name: str, collection: str) -> tuple[Connection, str]:
        """Check the name of something under a connection; return the connection and the id."""
        found = names.parse_under_connection(name, collection)
        if found:
            return found
        shape = f"{_CONNECTION}/{collection}/{{id}}"
        return Connection(self._no_name(field, name, shape), ""), ""

    def record(self, field: str, name: str, collection: str) -> tuple[str, str]:
        """Check the name of a workspace's record; return the workspace and the id."""
        found = names.parse_record(name, collection)
        if found:
            return found
        return self._no_name(field, name, f"workspaces/{{workspace}}/{collection}/{{id}}"), ""

    def reference(self, field: str, name: str, collection: str, workspace: str) -> str:
        """Check a name that must lie in this workspace and return the id; empty for empty."""
        if not name:
            return ""
        owner, identifier = self.record(field, name, collection)
        if owner and workspace and owner != workspace:
            self.wrong(field, f"must be in workspaces/{workspace}, as the request is")
        return identifier

    def references(
        self, field: str, given: Sequence[str], collection: str, workspace: str
    ) -> list[str]:
        """Check names or bare ids of a workspace's records and return the ids."""
        return [
            self.reference(f"{field}[{index}]", name, collection, workspace)
            if "/" in name
            else self.text(f"{field}[{index}]", name, required=True)
            for index, name in enumerate(given)
        ]

    def instant(self, field: str, value: Timestamp) -> datetime:
        """Check a time and return it aware."""
        try:
            return value.ToDatetime(tzinfo=UTC)
        except ValueError:  # its nanoseconds are none
            self.wrong(field, "is not a time")
            return _EARLIEST

    def struct(self, field: str, value: Struct) -> dict[str, object]:
        """Check a struct and return it with whole numbers as integers."""
        if value.ByteSize() > _LARGEST_STRUCT:
            self.wrong(field, f"must have at most {_LARGEST_STRUCT:,} bytes")
            return {}
        return self._struct(field, value)

    def _struct(self, field: str, value: Struct) -> dict[str, object]:
        return {key: self._value(f"{field}.{key}", each) for key, each in value.fields.items()}

    def _value(self, field: str, value: Value) -> object:
        match value.WhichOneof("kind"):
            case "null_value":
                return None
            case "string_value":
                return self.text(field, value.string_value, longest=4_000)
            case "number_value":
                return self._number(field, value.number_value)
            case "struct_value":
                return self._struct(field, value.struct_value)
            case "list_value":
                return self._list(field, value.list_value)
        if not value.HasField("bool_value"):
            self.wrong(field, "must be a value, or null")
        return value.bool_value

    def _list(self, field: str, value: ListValue) -> list[object]:
        return [self._value(f"{field}[{at}]", each) for at, each in enumerate(value.values)]

    def _number(self, field: str, value: float) -> int | float:
        if not math.isfinite(value):
            self.wrong(field, "must be a finite number")
            return 0
        return int(value) if value.is_integer() else value

    def _no_name(self, field: str, name: str, shape: str) -> str:
        self.wrong(field, f"must be {shape}" if name else f"is required: {shape}")
        return ""


def chosen(values: Iterable[int], kind: EnumTypeWrapper) -> list[str]:
    """Return the names of enum values, without the enum's prefix."""
    return [kind.Name(value).removeprefix(_prefix(kind)) for value in values]


def _prefix(kind: EnumTypeWrapper) -> str:
    """Return what every value of an enum starts with: its zero value less ``UNSPECIFIED``."""
    return kind.Name(0).removesuffix("UNSPECIFIED")
