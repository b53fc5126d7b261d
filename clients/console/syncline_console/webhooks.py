"""Where providers send webhooks: body and signature are handed on as they came."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from syncline.v1.webhook_pb2 import DeliverWebhookRequest, DeliverWebhookResponse
from syncline_client import InvalidArgument, NotFound, SynclineError
from syncline_console.threads import Threads
from syncline_console.visit import House

MOST_BYTES: Final = 1_048_576
"""The largest body the server takes."""

Deliver = Callable[[DeliverWebhookRequest], DeliverWebhookResponse]
"""``WebhookService.DeliverWebhook``, raising :class:`syncline_client.SynclineError`."""

_READ_SECONDS: Final = 1.0
"""For the body; with the call behind it, the sender has its answer within its five seconds."""
_THREAD_SECONDS: Final = 0.3
_MOST_HEADERS: Final = 20
_LONGEST_HEADER: Final = 1_000
_OK, _MALFORMED, _FORGED, _UNKNOWN, _SLOW, _TOO_LARGE, _LATER = 200, 400, 401, 404, 408, 413, 503
_log = logging.getLogger(__name__)


def route(house: House, deliver: Deliver) -> Route:
    """Return where providers send webhooks to.

    :param deliver: hands one to the server.
    """

    async def webhook(request: Request) -> Response:
        try:
            house.rates.count()
        except HTTPException as error:
            return Response(status_code=_LATER, headers=error.headers)  # so that it is sent again
        return await take(request, deliver, house.stranger_threads)

    return Route("/webhooks/{provider}", webhook, methods=["POST"])


async def take(
    request: Request, deliver: Deliver, threads: Threads, *, seconds: float = _READ_SECONDS
) -> Response:
    """Hand one delivery on and answer with a bare status.

    200 when it was taken, 401 for a wrong signature, 404 for a provider that sends none, 413 for
    a body that is too large, 408 for one that takes too long, 400 for what no provider sends, such
    as no body at all. Everything else is 503, so that the provider sends it again.

    :param threads: which the call is made on.
    :param seconds: how long the body may take to arrive.
    """
    try:
        async with asyncio.timeout(seconds):
            body = await _body(request)
    except TimeoutError:
        return Response(status_code=_SLOW)
    except ClientDisconnect:  # nobody is there to read it
        return Response(status_code=_LATER)
    if body is None:
        return Response(status_code=_TOO_LARGE)
    try:
        work = partial(_handed_on, request, body, deliver)
        return Response(status_code=await threads.run(work, patience=_THREAD_SECONDS))
    except HTTPException:  # a server that hangs holds all of them
        return Response(status_code=_LATER)


async def _body(request: Request) -> bytes | None:
    """Return the body as it came; None when it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _handed_on(request: Request, body: bytes, deliver: Deliver) -> int:
    """Return the status of the answer."""
    asked = DeliverWebhookRequest(
        provider=request.path_params["provider"], body=body, headers=_signatures(request)
    )
    try:
        deliver(asked)
    except SynclineError as error:
        _log.warning("webhook: %s %s", error.reason or error.code.name, error.request_id)
        return _status(error)
    return _OK


def _signatures(request: Request) -> dict[str, str]:
    """Return the headers that hold a signature; no others are handed on."""
    found = {
        name: value
        for name, value in request.headers.items()
        if name.endswith("-signature") and len(name) + len(value) <= _LONGEST_HEADER
    }
    return dict(list(found.items())[:_MOST_HEADERS])


def _status(error: SynclineError) -> int:
    if error.reason == "WEBHOOK_SIGNATURE_INVALID":
        return _FORGED
    if isinstance(error, InvalidArgument):  # not worth sending again
        return _MALFORMED
    return _UNKNOWN if isinstance(error, NotFound) else _LATER
