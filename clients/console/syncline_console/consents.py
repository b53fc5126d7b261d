"""Which consents a browser's session has begun: where its person goes on after the provider."""

from collections.abc import Mapping, MutableMapping
from hashlib import sha256
from typing import Any, Final

from syncline_console.session_cookie import CONSENTS

_OPEN, _OVER = "open", "over"
_MOST: Final = 5
"""More than anybody has under way at once; the session is a cookie."""


def remember(session: MutableMapping[str, Any], state: str, connection: str) -> None:
    """Note that a consent for a connection was begun; the oldest of many are forgotten.

    :param state: what the provider sends back; only a short hash of it is kept.
    :param connection: resource name.
    """
    session[CONSENTS] = [*session.get(CONSENTS, []), [_short(state), connection, _OPEN]][-_MOST:]


def finish(session: MutableMapping[str, Any], state: str) -> None:
    """Note that a consent is over: its cookie is gone, so that nobody could tell otherwise."""
    if remembered(session, state):
        short = _short(state)
        session[CONSENTS] = [
            [s, name, _OVER if s == short else how] for s, name, how in _kept(session)
        ]


def remembered(session: Mapping[str, Any], state: str) -> str:
    """Return the connection a consent was begun for; empty when it was not by this session."""
    return next((name for short, name, _ in _kept(session) if short == _short(state)), "")


def is_over(session: Mapping[str, Any], state: str) -> bool:
    """Return whether a consent of this session came back before."""
    return any(short == _short(state) and how == _OVER for short, _, how in _kept(session))


def is_newest(session: Mapping[str, Any], state: str) -> bool:
    """Return whether this session began no other consent after this one: the cookie is its own."""
    return [short for short, _, _ in _kept(session)][-1:] == [_short(state)]


def _kept(session: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(short, name, how) for short, name, how in session.get(CONSENTS, [])]


def _short(state: str) -> str:
    return sha256(state.encode()).hexdigest()[:16]
