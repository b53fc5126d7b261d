"""Which consents a browser's session has begun: where its person goes on after the provider."""

from collections.abc import MutableMapping
from hashlib import sha256
from typing import Any, Final

_KEY: Final = "consents"
_MOST: Final = 5
"""More than anybody has under way at once; the session is a cookie."""


def remember(session: MutableMapping[str, Any], state: str, connection: str) -> None:
    """Note that a consent for a connection was begun; the oldest of many are forgotten.

    :param state: what the provider sends back; only a short hash of it is kept.
    :param connection: resource name.
    """
    kept = [each for each in session.get(_KEY, []) if each[0] != _short(state)]
    session[_KEY] = [*kept, [_short(state), connection]][-_MOST:]


def remembered(session: MutableMapping[str, Any], state: str) -> str:
    """Return the connection a consent was begun for; empty when it was not by this session."""
    found = [name for short, name in session.get(_KEY, []) if short == _short(state)]
    return str(found[0]) if found else ""


def is_newest(session: MutableMapping[str, Any], state: str) -> bool:
    """Return whether no other consent was begun after this one: its cookie is still there."""
    return [short for short, _ in session.get(_KEY, [])][-1:] == [_short(state)]


def _short(state: str) -> str:
    return sha256(state.encode()).hexdigest()[:16]
