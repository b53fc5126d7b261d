"""``/connections``: which organisations a grant reaches, and giving one back.

It lies beside the accounting API, at the root of the same origin, and answers for the person's
whole grant: every organisation that person ever connected to this app, from any workspace. So the
rows made by one consent are told apart by ``authEventId`` only, never by order or time stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

import httpx
import msgspec

from syncline_sdk import AccessLost, Identity, Organisation, RetryLater
from syncline_xero.allowance import read_allowance
from syncline_xero.wire import Connection

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def list_organisations(client: httpx.Client, identity: Identity) -> Sequence[Organisation]:
    """Return the organisations the grant reaches, without practices and other tenants.

    ``approved_now`` marks those of this very consent. Approving an organisation again may leave its
    old event on it, so none may be marked: then a person has to choose.

    :raises RetryLater: if Xero cannot answer now.
    :raises AccessLost: if Xero refuses the grant.
    """
    event = identity.event.casefold()
    return [
        Organisation(
            id=row.tenant_id,
            connection_id=row.id,
            name=row.tenant_name or row.tenant_id,
            approved_now=bool(event) and (row.auth_event_id or "").casefold() == event,
        )
        for row in list_connections(client)
        if row.tenant_type == "ORGANISATION" and row.tenant_id and row.id
    ]


def disconnect(client: httpx.Client, connection_id: str) -> None:
    """Give back the access with this connection id; fine if it is gone already.

    Xero answers 403 for ids it does not know, so the list decides then.

    :raises RetryLater: if Xero cannot answer now, or keeps the connection.
    :raises AccessLost: if Xero refuses the grant.
    """
    response = _call(client, "DELETE", f"/connections/{quote(connection_id, safe='')}")
    if response.is_success or response.status_code == HTTPStatus.NOT_FOUND:
        return
    if response.status_code == HTTPStatus.FORBIDDEN:
        if any(row.id == connection_id for row in list_connections(client)):
            raise RetryLater("Xero refused to give the connection back.")
        return
    _raise_for(response)


def reaches(client: httpx.Client, organisation_id: str) -> bool:
    """Return whether the organisation is still among the grant's connections.

    :raises RetryLater: if Xero cannot answer now.
    :raises AccessLost: if Xero refuses the whole grant.
    """
    wanted = organisation_id.casefold()
    return any((row.tenant_id or "").casefold() == wanted for row in list_connections(client))


def list_connections(client: httpx.Client) -> list[Connection]:
    """Return every connection of the grant.

    :raises RetryLater: if Xero cannot answer now.
    :raises AccessLost: if Xero refuses the grant.
    """
    response = _call(client, "GET", "/connections")
    if response.status_code != HTTPStatus.OK:
        _raise_for(response)
    try:
        return msgspec.json.decode(response.content, type=list[Connection], strict=False)
    except ValueError as error:
        raise RetryLater("Xero's list of connections could not be read.") from error


def _call(client: httpx.Client, method: str, path: str) -> httpx.Response:
    try:
        return client.request(
            method, client.base_url.join(path), headers={"Accept": "application/json"}
        )
    except httpx.RequestError as error:
        raise RetryLater("Xero could not be reached.") from error


def _raise_for(response: httpx.Response) -> None:
    if response.status_code in _REFUSED:
        raise AccessLost("Xero no longer accepts this connection. Connect again.")
    raise RetryLater(
        f"Xero could not tell about its connections (status {response.status_code}).",
        after=read_allowance(response).retry_after,
    )
