"""Forms that are posted, of a size that people send."""

import asyncio
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

MOST_BYTES: Final = 1_048_576
_MOST_FIELDS: Final = 2000
_SECONDS: Final = 20.0
"""For all of it, however slowly it comes."""
_ODD, _SLOW, _TOO_LARGE = 400, 408, 413


async def form_of(
    request: Request, *, most: int = MOST_BYTES, seconds: float = _SECONDS
) -> FormData:
    """Return the fields of a form, without files.

    :param most: bytes.
    :param seconds: how long it may take to arrive.
    :raises HTTPException: it is too large, too slow, malformed, or did not come to its end.
    """
    try:
        async with asyncio.timeout(seconds):
            body = await _body_of(request, most)
    except TimeoutError:
        raise HTTPException(_SLOW) from None

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return await Request(request.scope, again).form(max_files=0, max_fields=_MOST_FIELDS)


async def _body_of(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:  # Starlette bounds each field, not all of them
                raise HTTPException(_TOO_LARGE)
    except ClientDisconnect:  # nobody is there to read it, and it is no mistake of ours
        raise HTTPException(_ODD) from None
    return bytes(body)
