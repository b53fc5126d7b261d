"""Forms that are posted, of a size that people send."""

from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

MOST_BYTES: Final = 1_048_576
_MOST_FIELDS: Final = 2000
_TOO_LARGE: Final = 413


async def form_of(request: Request) -> FormData:
    """Return the fields of a form, without files.

    :raises HTTPException: it is too large, or malformed.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:  # Starlette bounds the number of fields, not their size
            raise HTTPException(_TOO_LARGE)

    async def again() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return await Request(request.scope, again).form(max_files=0, max_fields=_MOST_FIELDS)
