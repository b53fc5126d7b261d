"""Creating one contact or item in Xero: one write, and what its answer proves.

PUT creates and never changes what is there: it is refused where a name, number or code is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
import msgspec

from syncline_sdk import CreateContext, OutcomeUnknown, RecordRejected, RetryLater, RunFailed
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import MALFORMED, mended
from syncline_xero.failures import messages_in

T = TypeVar("T")

# Without summarizeErrors=false a refusal comes as status 400 and looks like a malformed request;
# without unitdp=4 Xero rounds prices to cents.
_PARAMS: Final = {"summarizeErrors": "false", "unitdp": "4"}

# A gateway gave up waiting: what it waited for may still be at work.
_GAVE_UP: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LONGEST_MESSAGE: Final = 1000
_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


class Refused(Exception):  # noqa: N818 - an answer, not a malfunction
    """Xero did not save the record, for these reasons."""

    def __init__(self, messages: list[str]) -> None:
        said = " ".join(messages)[:_LONGEST_MESSAGE]
        super().__init__(said)
        self.said = said or "Xero refused it without giving a reason."


class _Verdict(msgspec.Struct):
    contact_id: str | None = msgspec.field(name="ContactID", default=None)
    item_id: str | None = msgspec.field(name="ItemID", default=None)
    said: str | None = msgspec.field(name="StatusAttributeString", default=None)
    has_errors: bool | None = msgspec.field(name="HasErrors", default=None)
    has_validation_errors: bool | None = msgspec.field(name="HasValidationErrors", default=None)
    errors: list[msgspec.Raw] | None = msgspec.field(name="ValidationErrors", default=None)

    def failed(self) -> bool:
        """Return whether Xero says it did not save it. A warning is saved."""
        return bool(
            self.said == "ERROR" or self.has_errors or self.has_validation_errors or self.errors
        )

    def saved(self) -> bool:
        """Return whether it has an id; the id of a refused element proves nothing."""
        return (self.contact_id or self.item_id or _NO_ID) != _NO_ID


def put_one(
    ctx: CreateContext, collection: str, element: Mapping[str, object], row_type: type[T]
) -> T:
    """Create one element and return it as Xero saved it.

    :param collection: the endpoint, which is also what the body calls the list.
    :raises Refused: Xero names what is wrong with it; nothing was saved.
    :raises RecordRejected: Xero refused the call as such.
    :raises RetryLater: the call was not carried out.
    :raises AccessLost: the organisation is no longer connected.
    :raises OutcomeUnknown: nobody can tell what became of it.
    """
    client = XeroClient(ctx)
    body = msgspec.json.Encoder(decimal_format="number").encode({collection: [element]})
    try:
        response = client.put(collection, body, params=_PARAMS, idempotency_key=ctx.idempotency_key)
    except _NEVER_LEFT as error:
        raise RetryLater("Xero could not be reached.") from error
    except httpx.RequestError as error:
        raise OutcomeUnknown("Xero did not answer.") from error
    if response.is_success:
        return _read(response.content, row_type)
    _raise_for(client, response)
    raise OutcomeUnknown("Xero answered in a way nobody understands.", answered=True)


def _read(body: bytes, row_type: type[T]) -> T:
    try:
        whole = msgspec.json.decode(mended(body), type=wire.Envelope[msgspec.Raw])
        (raw,) = whole.rows() or []
        verdict = msgspec.json.decode(raw, type=_Verdict, strict=False)
        if verdict.failed():
            raise Refused(messages_in(msgspec.json.decode(raw)))
        if verdict.saved():
            return msgspec.json.decode(raw, type=row_type, strict=False)
    except MALFORMED as error:
        raise OutcomeUnknown("Xero's answer could not be read.", answered=True) from error
    raise OutcomeUnknown("Xero's answer names no id.", answered=True)


def _raise_for(client: XeroClient, response: httpx.Response) -> None:
    """Raise what an answer means that is no success."""
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED:
        raise OutcomeUnknown(
            f"Xero has a problem of its own (status {status}).", answered=status not in _GAVE_UP
        )
    if said := messages_of(response):
        raise Refused(said)
    try:
        client.raise_for(response)
    except RunFailed as failed:
        message = f"{failed.message} {failed.action}".strip()
        raise RecordRejected(failed.code, message) from failed


def messages_of(response: httpx.Response) -> list[str]:
    """Return the validation messages of a refusal; empty when it has none."""
    try:
        return messages_in(msgspec.json.decode(mended(response.content)))
    except MALFORMED:
        return []


def quoted(text: str) -> str | None:
    """Return text as a literal of Xero's filters; None where no escaping is documented."""
    return None if '"' in text or "\\" in text else f'"{text}"'
