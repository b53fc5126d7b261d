"""The words of a `where` expression."""

import re
from dataclasses import dataclass
from enum import StrEnum


class QueryParseError(Exception):
    """The expression cannot be read; the message is Xero's."""


class Kind(StrEnum):
    """What a word is."""

    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    OPERATOR = "operator"
    PUNCTUATION = "punctuation"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word and what it is."""

    kind: Kind
    text: str


_WORD = re.compile(
    r"\s*(?:"
    r"(?P<text>\"[^\"]*\")|"
    r"(?P<number>-?\d+(?:\.\d+)?)|"
    r"(?P<operator>==|!=|>=|<=|&&|\|\||=|>|<)|"
    r"(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|"
    r"(?P<punctuation>[(),])"
    r")"
)
_METHOD = re.compile(r"\s*\.\s*([A-Za-z_]\w*)")


def tokenize(expression: str) -> list[Token]:
    """Cut an expression into words, an END last; raise `QueryParseError` at what is none."""
    tokens: list[Token] = []
    position = 0
    text = expression.rstrip()
    while position < len(text):
        token, position = _next(text, position)
        tokens.append(token)
    return [*tokens, Token(Kind.END, "")]


def _next(text: str, position: int) -> tuple[Token, int]:
    if match := _WORD.match(text, position):
        kind = Kind(match.lastgroup or "")
        word = match[match.lastgroup or 0]
        return Token(kind, word[1:-1] if kind is Kind.TEXT else word), match.end()
    if match := _METHOD.match(text, position):
        return Token(Kind.PUNCTUATION, f".{match[1]}"), match.end()
    if text[position:].lstrip().startswith('"'):
        raise QueryParseError("Unterminated string literal")
    raise QueryParseError("Syntax error")
