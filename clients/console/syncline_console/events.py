"""Server-sent events (HTML standard, 9.2): what is told to an open page."""

import json
from typing import Final


def event(kind: str, data: str | int = "", *, turn: int | None = None) -> bytes:
    """Return one event.

    :param data: sent as JSON, which has no line breaks whatever the names in it hold; a line of its
        own is where another event could begin.
    :param turn: up to which the page has heard what is said, for a page that comes back; None says
        nothing of it.
    """
    id_ = "" if turn is None else f"id: {turn}\n"
    return f"event: {kind}\n{id_}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


LOST: Final = event("lost")
"""The server cannot be asked: what is shown may be old."""
WELL: Final = event("well")
"""The server answers again; everything that is shown live follows."""
OVER: Final = event("over")
"""Nothing more comes, as whoever looks may look no longer, or wanted one answer."""
