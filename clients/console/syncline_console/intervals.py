"""How often a module runs by itself: as text in a form, in words, and as a duration.

A text is a number with a unit, such as ``15 minutes``, or nothing for never.
"""

from typing import Final

from google.protobuf.duration_pb2 import Duration

OFF: Final = ""
OWN: Final = "own"
"""What the list of choices holds where a number and a unit say it."""
USUAL: Final = {
    OFF: "Off",
    "5 minutes": "Every 5 minutes",
    "15 minutes": "Every 15 minutes",
    "30 minutes": "Every 30 minutes",
    "1 hours": "Every hour",
    "6 hours": "Every 6 hours",
    "1 days": "Every day",
}
"""What is offered by name."""
UNITS: Final = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
"""Seconds of each."""
BOUNDS: Final = "from 1 minute to 30 days"
"""What the API takes (``Settings.automatic_intervals``)."""

_SHORTEST: Final = 60
_LONGEST: Final = 30 * UNITS["days"]
_LONGEST_NUMBER: Final = 9


def text_of(interval: Duration) -> str:
    """Return an interval as text, in the largest unit that needs no fraction."""
    seconds = interval.seconds
    if seconds <= 0:
        return OFF
    unit = max((unit for unit in UNITS if not seconds % UNITS[unit]), key=UNITS.__getitem__)
    return f"{seconds // UNITS[unit]} {unit}"


def read(text: str) -> Duration:
    """Return the interval a text says; zero for never.

    :raises ValueError: what it says is no interval the API takes, in words for a person.
    """
    if text == OFF:
        return Duration()
    number, unit = parts(text)
    if not (number.isdecimal() and number.isascii() and len(number) <= _LONGEST_NUMBER):
        raise ValueError("Give a whole number, such as 10.")
    if unit not in UNITS:
        raise ValueError("Choose minutes, hours or days.")
    seconds = int(number) * UNITS[unit]
    if not _SHORTEST <= seconds <= _LONGEST:
        raise ValueError(f"Give an interval {BOUNDS}.")
    return Duration(seconds=seconds)


def words(text: str) -> str:
    """Return a text in words: ``Every 15 minutes``, ``Off``."""
    if text in USUAL:
        return USUAL[text]
    number, unit = parts(text)
    return f"Every {number} {unit}" if number != "1" else f"Every {unit.removesuffix('s')}"


def parts(text: str) -> tuple[str, str]:
    """Return number and unit of a text, whatever they are."""
    number, _, unit = text.rpartition(" ")
    return number.strip(), unit
