"""Spreading what would otherwise happen at once."""

import zlib


def share_of(text: str) -> float:
    """Return a number from 0 to 1 that is a text's own: the same wherever it is asked for."""
    return zlib.crc32(text.encode()) / 0xFFFFFFFF
