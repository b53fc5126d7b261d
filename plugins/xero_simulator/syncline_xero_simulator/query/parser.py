"""From a `where` expression to a test of records."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from syncline_xero_simulator.query.comparison import Operand, compare
from syncline_xero_simulator.query.fields import FieldTable, FieldType
from syncline_xero_simulator.query.tokens import Kind, QueryParseError, Token, tokenize

R = TypeVar("R")
Test = Callable[[R], bool]

_COMPARISONS = ("==", "=", "!=", ">=", "<=", ">", "<")
_TESTS: dict[str, Callable[[str, str], bool]] = {
    ".contains": lambda value, part: part.lower() in value.lower(),
    ".startswith": lambda value, part: value.lower().startswith(part.lower()),
    ".endswith": lambda value, part: value.lower().endswith(part.lower()),
}
_CONVERSIONS: dict[str, Callable[[str], str]] = {
    ".tolower": str.lower,
    ".toupper": str.upper,
    ".tostring": str,
    ".trim": str.strip,
}
_CONSTANTS: dict[str, tuple[FieldType | None, Any]] = {
    "true": (FieldType.BOOLEAN, True),
    "false": (FieldType.BOOLEAN, False),
    "null": (None, None),
}


class NullMethodError(Exception):
    """A method was called on a field that some record leaves empty: Xero answers 500."""


def parse_where(expression: str, table: FieldTable[R]) -> tuple[Test[R], bool]:
    """Return the test that `expression` stands for, and whether Xero has it optimised.

    Raises `QueryParseError` for what cannot be read. The test raises `NullMethodError` where
    Xero fails on an empty field.
    """
    parser = _Parser(table, tokenize(expression))
    test = parser.disjunction()
    parser.expect_end()
    return test, parser.optimised


class _Parser(Generic[R]):
    def __init__(self, table: FieldTable[R], tokens: list[Token]) -> None:
        self._table = table
        self._tokens = tokens
        self._at = 0
        self.optimised = True

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _accept(self, *words: str) -> str:
        word = self._peek().text.lower()
        if self._peek().kind is not Kind.TEXT and word in words:
            self._take()
            return word
        return ""

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise QueryParseError("Syntax error")

    def expect_end(self) -> None:
        if self._peek().kind is not Kind.END:
            raise QueryParseError("Syntax error")

    def disjunction(self) -> Test[R]:
        left = self._conjunction()
        while self._accept("or", "||"):
            left = _either(left, self._conjunction())
            self.optimised = False
        return left

    def _conjunction(self) -> Test[R]:
        left = self._single()
        while self._accept("and", "&&"):
            left = _both(left, self._single())
        return left

    def _single(self) -> Test[R]:
        if self._accept("("):
            inside = self.disjunction()
            self._expect(")")
            return inside
        left = self._operand()
        operator = self._accept(*_COMPARISONS)
        if operator:
            return compare(left, operator, self._operand())
        if left.type is FieldType.BOOLEAN:
            return left.read
        raise QueryParseError("Expression of type 'Boolean' expected")

    def _operand(self) -> Operand[R]:
        operand = self._plain_operand()
        while self._peek().text.startswith(".") and self._peek().kind is Kind.PUNCTUATION:
            operand = self._method(operand, self._take().text.lower())
        return operand

    def _plain_operand(self) -> Operand[R]:
        token = self._take()
        if token.kind is Kind.TEXT:
            return Operand(FieldType.TEXT, lambda _: token.text, literal=True)
        if token.kind is Kind.NUMBER:
            number = Decimal(token.text)
            return Operand(FieldType.NUMBER, lambda _: number, literal=True)
        if token.kind is not Kind.NAME:
            raise QueryParseError("Expression expected")
        return self._named(token.text)

    def _named(self, name: str) -> Operand[R]:
        lowered = name.lower()
        if lowered in _CONSTANTS:
            kind, value = _CONSTANTS[lowered]
            return Operand(kind, lambda _: value, literal=True)
        if lowered == "guid":
            return self._guid()
        if lowered in ("datetime", "datetime.parse"):
            return self._moment()
        method = next((known for known in (*_TESTS, *_CONVERSIONS) if lowered.endswith(known)), "")
        if method and self._peek().text == "(":
            return self._method(self._field(name[: -len(method)]), method)
        return self._field(name)

    def _field(self, name: str) -> Operand[R]:
        base, _, member = name.rpartition(".")
        if member.lower() in ("value", "hasvalue") and self._table.named(base):
            return self._nullable_member(base, member.lower())
        field = self._table.named(name)
        if field is None:
            missing = name.split(".", maxsplit=1)[0]
            raise QueryParseError(
                f"No property or field '{missing}' exists in type '{self._table.type_name}'"
            )
        self.optimised = self.optimised and field.optimised
        return Operand(field.type, field.read)

    def _nullable_member(self, base: str, member: str) -> Operand[R]:
        operand = self._field(base)
        if member == "value":
            return operand
        return Operand(FieldType.BOOLEAN, lambda record: operand.read(record) is not None)

    def _method(self, operand: Operand[R], method: str) -> Operand[R]:
        self._expect("(")
        self.optimised = False
        if method in _CONVERSIONS:
            self._expect(")")
            convert = _CONVERSIONS[method]
            return Operand(operand.type, lambda record: convert(_present(operand, record)))
        if method not in _TESTS or operand.type is not FieldType.TEXT:
            raise QueryParseError(
                f"No applicable method '{method[1:]}' exists in type '{operand.type}'"
            )
        part = self._operand()
        self._expect(")")
        test = _TESTS[method]
        return Operand(
            FieldType.BOOLEAN,
            lambda record: test(_present(operand, record), str(part.read(record))),
        )

    def _guid(self) -> Operand[R]:
        self._expect("(")
        token = self._take()
        self._expect(")")
        try:
            value = str(uuid.UUID(token.text))
        except ValueError as error:
            raise QueryParseError("Syntax error") from error
        return Operand(FieldType.GUID, lambda _: value, literal=True)

    def _moment(self) -> Operand[R]:
        self._expect("(")
        parts = [self._take()]
        while self._accept(","):
            parts.append(self._take())
        self._expect(")")
        value = _read_moment(parts)
        return Operand(FieldType.MOMENT, lambda _: value, literal=True)


def _either(left: Test[R], right: Test[R]) -> Test[R]:
    return lambda record: left(record) or right(record)


def _both(left: Test[R], right: Test[R]) -> Test[R]:
    return lambda record: left(record) and right(record)


def _present(operand: Operand[R], record: R) -> str:
    value = operand.read(record)
    if value is None:
        raise NullMethodError
    return str(value)


def _read_moment(parts: list[Token]) -> datetime:
    try:
        if parts[0].kind is Kind.TEXT:
            moment = datetime.fromisoformat(parts[0].text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        numbers = [int(part.text) for part in parts]
        return datetime(*[*numbers, 1, 1][: max(len(numbers), 3)], tzinfo=UTC)  # type: ignore[misc, arg-type]
    except (ValueError, TypeError) as error:
        raise QueryParseError("Syntax error") from error
