r"""JSON as Xero writes it: `\/` for every slash, numbers with their decimals kept."""

import json
from decimal import Decimal

_MARK = "\x00"
_OPEN = '"\\u0000'
_CLOSE = '\\u0000"'


class UnreadableJsonError(ValueError):
    """The text is no JSON, or holds what JSON from a client may not hold."""


def _mark_number(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value:f}{_MARK}"
    raise TypeError(f"{type(value).__name__} has no JSON form")


def write_json(value: object) -> str:
    """Return `value` as compact JSON.

    Decimals travel through the fast encoder as marked strings, because it offers no other way to
    print a number with trailing zeros.
    """
    text = json.dumps(value, default=_mark_number, ensure_ascii=False, separators=(",", ":"))
    return text.replace(_OPEN, "").replace(_CLOSE, "").replace("/", "\\/")


def read_json(text: bytes | str) -> object:
    """Parse JSON with decimals kept exact; raise `UnreadableJsonError` if it cannot be done."""
    try:
        written = text if isinstance(text, bytes) else text.encode()
        value: object = json.loads(written, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableJsonError(str(error)) from error
    _check_texts(written, value)
    return value


def _check_texts(text: bytes, value: object) -> None:
    """Refuse what cannot be written again: NUL marks numbers here, and half a pair is no text."""
    if b"\\u0000" in text:
        raise UnreadableJsonError("NUL characters are not allowed in texts")
    if b"\\ud" in text.lower():
        try:
            write_json(value).encode()
        except UnicodeEncodeError as error:
            raise UnreadableJsonError("half of a surrogate pair is no text") from error


def _no_constant(name: str) -> object:
    raise UnreadableJsonError(f"{name} is not a number")
