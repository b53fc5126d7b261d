"""Identifiers we make: 26 characters, lower case, ordered by the time they were made.

The layout is ULID's (48 bits of milliseconds, 80 random bits, Crockford's base 32;
https://github.com/ulid/spec), so that rows made later sort later and pages by id need no other
index.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Two characters at a time: a pull makes an identifier for every new record.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS = range(120, -1, -10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

MakeId = Callable[[], str]
"""Makes a new identifier; the composition root builds it from the clock and randomness."""


def make_id(now: datetime, randomness: bytes) -> str:
    """Return an identifier.

    :param now: aware; its milliseconds become the sortable part.
    :param randomness: exactly 10 bytes from a cryptographic source.
    """
    number = (now - _EPOCH) // _MILLISECOND << 80 | int.from_bytes(randomness[:10], "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
