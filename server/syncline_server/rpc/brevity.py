"""Keeping a status small: clients drop a call whose trailers exceed 8 KB, and the reason with it.

That is gRPC's default for ``grpc.max_metadata_size``; the message travels percent-encoded, so that
each of its bytes may take three.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from google.protobuf.message import Message

M = TypeVar("M", bound=Message)

LONGEST_MESSAGE: Final = 800
LONGEST_VALUE: Final = 400
"""Of metadata."""
LONGEST_PART: Final = 200
"""Of what one violation says."""
_ROOM: Final = 3_000
_MORE: Final = "…"


def shortened(text: str, most: int) -> str:
    """Return a text, or its beginning where it takes more than so many bytes."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len(_MORE.encode())].decode(errors="ignore") + _MORE


def fitting(violations: Sequence[M], rest: Callable[[str], M]) -> list[M]:
    """Return the violations there is room for.

    :param rest: makes one more that tells how many were left out.
    """
    kept: list[M] = []
    room = _ROOM
    for violation in violations:
        room -= violation.ByteSize()
        if room < 0:
            return [*kept, rest(f"There are {len(violations) - len(kept)} more like these.")]
        kept.append(violation)
    return kept
