"""Checking values against what a module declared it takes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from syncline_sdk import Option, OptionKind, Value
from syncline_server.core.errors import InvalidArgument, Violation


def checked(
    declared: Mapping[str, Option], given: Mapping[str, object], path: str
) -> dict[str, Value]:
    """Return the given values in the form a module sees; only those given.

    :param given: JSON values, or values of our own making (datetimes, tuples); None, which stays
        None, asks for the default.
    :param path: where the values stand in the request, for the violations' field paths.
    :raises InvalidArgument: every unknown name and every value that does not fit.
    """
    values: dict[str, Value] = {}
    violations: list[Violation] = []
    for name, raw in given.items():
        option = declared.get(name)
        try:
            values[name] = _unknown(name, declared) if option is None else _value(option, raw)
        except ValueError as error:
            violations.append(Violation(field=f"{path}.{name}", description=str(error)))
    if violations:
        raise InvalidArgument(violations)
    return values


def filled(declared: Mapping[str, Option], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a value for everything declared, the default where none is given."""
    given = {name: value for name, value in values.items() if value is not None}
    return {name: given.get(name, option.default) for name, option in declared.items()}


def _unknown(name: str, declared: Mapping[str, Option]) -> Value:
    known = ", ".join(sorted(declared)) or "none"
    raise ValueError(f"{name} is not declared; known are: {known}")


def _value(option: Option, raw: object) -> Value:
    return None if raw is None else _PARSERS[option.kind](option, raw)


def _text(option: Option, raw: object) -> str:
    if not isinstance(raw, str) or len(raw) > option.max_length:
        raise ValueError(f"must be text of at most {option.max_length} characters")
    return raw


def _integer(_option: Option, raw: object) -> int:
    # A protobuf Struct knows only doubles, so whole doubles are integers here.
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    raise ValueError("must be a whole number")


def _timestamp(_option: Option, raw: object) -> datetime:
    try:
        instant = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    except ValueError:
        raise ValueError("must be an RFC 3339 timestamp") from None
    if instant.tzinfo is None:
        raise ValueError("must be an RFC 3339 timestamp with its offset")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999 in UTC") from None


def _texts(option: Option, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not all(isinstance(each, str) for each in raw):
        raise ValueError("must be a list of texts")
    if len(raw) > option.max_length:
        raise ValueError(f"must have at most {option.max_length} elements")
    return tuple(raw)


def _boolean(_option: Option, raw: object) -> bool:
    match raw:
        case bool():
            return raw
        case _:
            raise ValueError("must be true or false")


def _choice(option: Option, raw: object) -> str:
    if raw not in option.choices:
        raise ValueError(f"must be one of {', '.join(option.choices)}")
    return str(raw)


_PARSERS: Mapping[OptionKind, Callable[[Option, object], Value]] = {
    OptionKind.TEXT: _text,
    OptionKind.BOOLEAN: _boolean,
    OptionKind.INTEGER: _integer,
    OptionKind.CHOICE: _choice,
    OptionKind.TIMESTAMP: _timestamp,
    OptionKind.TEXT_LIST: _texts,
}
