"""What an answer that is no success means, in the host's terms.

The host has already repeated failed reads, waited for limits and refreshed the token once, so what
arrives here is final. Status and headers decide first, Xero's words only where nothing else can:
it rewords its messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx
import msgspec

from syncline_sdk import AccessLost, PluginError, RetryLater, RunFailed
from syncline_xero.allowance import read_allowance
from syncline_xero.connections import reaches
from syncline_xero.decoding import MALFORMED, mended

_ORGANISATION_PAUSE: Final = timedelta(minutes=5)  # what Xero suggests for "organisation offline"
_LONGEST_QUOTE: Final = 300


def failure(response: httpx.Response, http: httpx.Client, organisation_id: str) -> PluginError:
    """Return the error to raise for an answer that is no success.

    For a refused call this asks Xero whether the organisation is still connected.

    :param http: the run's client, to ask with.
    """
    status = response.status_code
    if _is_passing(status):
        return _unavailable(response)
    if status == HTTPStatus.UNAUTHORIZED and _lacks_permission(response):
        return RunFailed(
            "XERO_PERMISSION_MISSING",
            f"Xero does not permit this.{_quote(response)}",
            action="Connect Xero again as a person whose role allows it, and approve all access.",
        )
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return _shut_out(response, http, organisation_id)
    if status == HTTPStatus.NOT_FOUND:
        return RunFailed(
            "XERO_NOT_FOUND",
            f"Xero does not know what was asked for.{_quote(response)}",
            action="Try again; if it persists, report it with the correlation id.",
        )
    return _refused(response)


def messages_in(node: object) -> list[str]:
    """Return every validation message in an element, in order and without repeats.

    They may sit on any nested object (contact, line, address), so all of it is searched.
    """
    return list(dict.fromkeys(_walk(node)))


def elements_of(response: httpx.Response) -> list[dict[str, object]]:
    """Return the failing elements a refusal names; empty when it names none."""
    elements = _fields(response).get("elements")
    return [e for e in elements if isinstance(e, dict)] if isinstance(elements, list) else []


def summary_of(response: httpx.Response) -> str:
    """Return what a refusal says as a whole; empty when it says nothing."""
    said = _fields(response).get("message")
    return said[:_LONGEST_QUOTE] if isinstance(said, str) else ""


def _is_passing(status: int) -> bool:
    if status == HTTPStatus.NOT_IMPLEMENTED:  # no endpoint comes into being by waiting
        return False
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _unavailable(response: httpx.Response) -> PluginError:
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        pause = read_allowance(response).retry_after
        return RetryLater("Xero's limit on calls is reached.", after=pause)
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        if "organisation is offline" in response.text.casefold():
            return RetryLater(
                "Xero has this organisation offline for a moment.", after=_ORGANISATION_PAUSE
            )
        return RetryLater("Xero is offline for maintenance.")
    return RetryLater(f"Xero has a problem of its own (status {response.status_code}).")


def _lacks_permission(response: httpx.Response) -> bool:
    # Xero really spells it so; the right spelling is accepted in case it is mended.
    challenge = response.headers.get("WWW-Authenticate", "").casefold()
    if "insufficent_scope" in challenge or "insufficient_scope" in challenge:
        return True
    detail = _fields(response).get("detail")
    return isinstance(detail, str) and detail.startswith("AuthorizationUnsuccessful")


def _shut_out(response: httpx.Response, http: httpx.Client, organisation_id: str) -> PluginError:
    """Tell one refused call from lost access: a role or plan may forbid a single endpoint."""
    try:
        connected = reaches(http, organisation_id)
    except PluginError as error:
        return error
    if not connected:
        return AccessLost("The organisation is no longer connected in Xero. Connect it again.")
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return RunFailed(
            "XERO_UNAUTHORIZED",
            f"Xero refused the access token although it is fresh.{_quote(response)}",
            action="Connect Xero again.",
        )
    return RunFailed(
        "XERO_FORBIDDEN",
        f"Xero forbids this call although the organisation is connected.{_quote(response)}",
        action="Check the plan of the organisation and the role of the person who connected it.",
    )


def _refused(response: httpx.Response) -> PluginError:
    code = "XERO_REQUEST_REFUSED"
    if _fields(response).get("type") == "QueryParseException":
        code = "XERO_QUERY_REFUSED"
    return RunFailed(
        code,
        f"Xero refused the request (status {response.status_code}).{_quote(response)}",
        action="This is a fault between Syncline and Xero: report it with the correlation id.",
    )


def _quote(response: httpx.Response) -> str:
    """Return Xero's own words and the id its support asks for, as the rest of a sentence."""
    fields = _fields(response)
    said = fields.get("message") or fields.get("detail") or ""
    parts = [f' Xero says: "{said[:_LONGEST_QUOTE]}".'] if isinstance(said, str) and said else []
    if correlation := response.headers.get("Xero-Correlation-Id"):
        parts.append(f" (Xero correlation id {correlation[:64]})")
    return "".join(parts)


def _fields(response: httpx.Response) -> dict[str, object]:
    """Return the members of a JSON error by lower-case name: both cases have been seen."""
    try:
        body = msgspec.json.decode(mended(response.content))
    except MALFORMED:
        return {}
    return {key.casefold(): value for key, value in body.items()} if isinstance(body, dict) else {}


def _walk(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for member in node:
            yield from _walk(member)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "ValidationErrors" and isinstance(value, list):
                yield from _texts(value)
            else:
                yield from _walk(value)


def _texts(errors: list[object]) -> Iterator[str]:
    for error in errors:
        if isinstance(error, dict):
            text = error.get("Message") or error.get("Description")
            if isinstance(text, str) and text:
                yield text
