"""Taking out of a foreign text what looks like a secret, where it is to be told all the same.

Our own texts hold none. Those of libraries and plugins may repeat an answer, an address or a
header, so this is a net below: what has the form of a token, a key or a password does not pass.
"""

import re
from typing import Final

WITHHELD: Final = "[withheld]"
_TOO_LONG: Final = 20
"""So many characters in a row, digits among them, are no word; a token has more."""
_MUCH_TOO_LONG: Final = 32
"""Without a digit as well."""

_USER = re.compile(r"(\w://)[^\s/@]*@")
_SCHEME = re.compile(r"\b(bearer|basic)\s+[^\s\"',;]+", re.IGNORECASE)
_NAMED = re.compile(
    r"(password|passwd|pwd|secret|token|authorization|api[_-]?key|verifier)"
    r"([\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)}\]]+",
    re.IGNORECASE,
)
_WORD = re.compile(rf"[A-Za-z0-9_+/.~-]{{{_TOO_LONG},}}={{0,2}}")
_NAME = re.compile(r"[A-Z]{1,16}(_[A-Z]{1,16})+")
"""A variable's name, or a code."""
_STEP = re.compile(r"_*(\d{1,4}_)?[a-z]{1,16}([_-]+[a-z]{1,16})*_*(-\d{1,3})?")
"""A step of a path to a file or in a package: words, maybe a number before or a version behind."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}", re.IGNORECASE)
"""A UUID or a ULID, by which records and runs are found."""


def withheld(text: str) -> str:
    """Return a text without what has the form of a secret."""
    text = _USER.sub(rf"\1{WITHHELD}@", text)
    text = _SCHEME.sub(rf"\1 {WITHHELD}", text)
    text = _NAMED.sub(rf"\1\2{WITHHELD}", text)
    return _WORD.sub(_word, text)


def withheld_of_traceback(text: str) -> str:
    """Return a formatted traceback, the way through the code as it is, the rest as above."""
    lines, is_code = [], False
    for line in text.split("\n"):
        is_place = line.startswith('  File "')
        lines.append(line if is_place or is_code else withheld(line))
        is_code = is_place
    return "\n".join(lines)


def _word(found: "re.Match[str]") -> str:
    word = found[0]
    # Paths have slashes and dots, and so have secrets; base64 may have a plus, too.
    parts = re.split(r"[./]", word)
    is_path = sum(map(bool, parts)) > 1
    is_odd = "+" in word or any(_is_odd(part, is_path=is_path) for part in parts)
    return WITHHELD if is_odd else word


def _is_odd(part: str, *, is_path: bool) -> bool:
    has_digit = any(map(str.isdecimal, part))
    if len(part) < (_TOO_LONG if has_digit else _MUCH_TOO_LONG):
        return False
    if not any(map(str.isalnum, part)):  # what underlines a place in the code
        return False
    is_step = is_path and _STEP.fullmatch(part)
    return not (is_step or _NAME.fullmatch(part) or _ID.fullmatch(part))
