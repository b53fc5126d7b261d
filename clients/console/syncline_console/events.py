"""Server-sent events (HTML standard, 9.2): what is told to an open page."""

import json
from typing import Final


def event(kind: str, data: str | int = "") -> bytes:
    """Return one event.

    :param data: sent as JSON, which has no line breaks whatever the names in it hold; a line of its
        own is where another event could begin.
    """
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


LOST: Final = event("lost")
"""The server cannot be asked: what is shown may be old."""
WELL: Final = event("well")
"""The server answers again; everything that is shown live follows."""
OVER: Final = event("over")
"""Nothing more comes, as whoever looks may look no longer, or wanted one answer."""
