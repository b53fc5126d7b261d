"""How many refusals of one caller are written down: a flood of them must not fill the disk."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from syncline_server.core.audit import Act

MOST_A_MINUTE: Final = 30
"""Refusals of one code and caller that are written down in a minute; others are counted."""
_MINUTE: Final = timedelta(minutes=1)
_MOST_KNOWN: Final = 10_000

_Key = tuple[str, str]


@dataclass(frozen=True)
class LeftOut:
    """Refusals that were counted instead of written down."""

    act: Act
    """The first of them."""
    code: str
    count: int


@dataclass
class _Minute:
    begin: datetime
    written: int = 0
    omitted: int = 0
    first: Act | None = None


@dataclass
class Denials:
    """Decides which refusals are written down. Not safe to share between threads."""

    _minutes: dict[_Key, _Minute] = field(default_factory=dict)

    def admit(self, act: Act, code: str, now: datetime) -> bool:
        """Return whether a refusal is to be written down; counts it when it is not."""
        key = (act.actor.subject, code)
        minute = self._minutes.get(key)
        if minute is None:
            if len(self._minutes) >= _MOST_KNOWN:
                return False
            minute = self._minutes[key] = _Minute(now)
        if minute.written < MOST_A_MINUTE:
            minute.written += 1
            return True
        minute.omitted += 1
        minute.first = minute.first or act
        return False

    def over(self, now: datetime) -> list[LeftOut]:
        """Forget the minutes that are over, and return what was left out in them."""
        past = {key: each for key, each in self._minutes.items() if not _is_now(each, now)}
        for key in past:
            del self._minutes[key]
        return [
            LeftOut(each.first, code, each.omitted)
            for (_, code), each in past.items()
            if each.first is not None
        ]


def _is_now(minute: _Minute, now: datetime) -> bool:
    return timedelta() <= now - minute.begin < _MINUTE
