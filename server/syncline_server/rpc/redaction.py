"""Messages as text for a log, without what the API marks as secret (``debug_redact``)."""

from collections.abc import Iterator
from typing import Final

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

REDACTED: Final = "[redacted]"


def redacted(message: Message) -> str:
    """Return a message on one line, every secret field that is set replaced.

    Python's own ``str(message)`` ignores ``debug_redact``, so messages are never logged without
    this.
    """
    copy = type(message)()
    copy.CopyFrom(message)
    _redact(copy)
    return text_format.MessageToString(copy, as_one_line=True)


def _redact(message: Message) -> None:
    for field, value in message.ListFields():
        if field.GetOptions().debug_redact:
            _replace(message, field)
        else:
            for each in _messages(value):
                _redact(each)


def _replace(message: Message, field: FieldDescriptor) -> None:
    message.ClearField(field.name)
    if field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
        setattr(message, field.name, REDACTED)


def _messages(value: object) -> Iterator[Message]:
    """Yield the messages a field's value holds: itself, its elements or its map's values."""
    if isinstance(value, Message):
        yield value
    elif hasattr(value, "values"):
        yield from (each for each in value.values() if isinstance(each, Message))
    elif not isinstance(value, str | bytes) and hasattr(value, "__iter__"):
        yield from (each for each in value if isinstance(each, Message))
