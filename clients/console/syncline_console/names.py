"""Names out of other systems: whether there is anything of them to see, and how they stay put."""

import unicodedata
from typing import Final

_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category that leave nothing but a blank."""
_UNSEEN: Final = frozenset("ZCM")
"""Separators, controls, and marks that sit on a letter: none shows anything alone."""
_ISOLATE: Final = "\u2068"
"""First strong isolate (Unicode, annex 9): what ``<bdi>`` does where there is no tag."""
_POP: Final = "\u2069"
"""Its end."""


def is_seen(text: str) -> bool:
    """Return whether a reader sees anything of a text."""
    return any(unicodedata.category(each)[0] not in _UNSEEN and each not in _BLANK for each in text)


def in_line(text: str, longest: int = 60) -> str:
    """Return a name for where only plain text can be, such as a choice of a list.

    Cut, on one line, and unable to turn around the words beside it.

    :param longest: characters, the dots at the end included.
    """
    words = " ".join(text.split())
    if not is_seen(words):
        return "(blank name)"
    cut = words if len(words) <= longest else f"{words[: longest - 1]}…"
    return f"{_ISOLATE}{cut}{_POP}"
