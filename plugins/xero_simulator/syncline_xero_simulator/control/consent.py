"""Consent and access, without a browser."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.oauth.authorize import AuthorizeError, read_authorize
from syncline_xero_simulator.wire.inbound import Element


def give_consent(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Decide on `authorize_url` (or its query) as `user` for `organisations` or with `deny`.

    Returns the `location` to which the browser would be sent.
    """
    only(body, "authorize_url", "user", "organisations", "deny")
    text = required(body, "authorize_url")
    query = dict(parse_qsl(urlsplit(text).query or text, keep_blank_values=True))
    try:
        wanted = read_authorize(query, desk.config.app)
        location = desk.identity.decision(
            wanted,
            user=body.text("user"),
            organisations=_organisations(desk, body),
            approved=not body.flag("deny"),
        )
    except AuthorizeError as error:
        raise ControlError(f"{error.code}: {error.message}") from error
    return {"location": location}


def _organisations(desk: Desk, body: Element) -> list[str]:
    chosen = body.data.get("organisations")
    if chosen is None:
        return [desk.parts.organisations.all()[0].profile.tenant_id]
    if isinstance(chosen, str):
        chosen = [chosen]
    if not isinstance(chosen, list) or not all(isinstance(text, str) for text in chosen):
        raise ControlError("organisations must be a list of names or tenant ids")
    return chosen


def list_connections(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """List the connections of all users, removed ones too."""
    return {
        "connections": [
            {
                "connection_id": found.connection_id,
                "user_id": found.user_id,
                "tenant_id": found.tenant_id,
                "auth_event_id": found.auth_event_id,
                "live": found.live,
            }
            for found in desk.parts.connections.everything()
        ]
    }


def revoke_access(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """End a connection by `connection_id` or `organisation`, or all a `user` granted."""
    only(body, "user", "connection_id", "organisation")
    if body.has("user"):
        person = _person(desk, body.text("user"))
        desk.parts.token_endpoint.revoke_user(person, desk.parts.switches())
        return {"revoked": "grant"}
    ended = [
        found.connection_id
        for found in desk.parts.connections.everything()
        if found.live and _is_meant(desk, body, found.connection_id, found.tenant_id)
    ]
    for connection_id in ended:
        desk.parts.connections.disconnect(connection_id)
    if not ended:
        raise ControlError("there is no such connection", 404)
    return {"revoked": ended}


def _is_meant(desk: Desk, body: Element, connection_id: str, tenant_id: str) -> bool:
    if body.has("connection_id"):
        return connection_id == body.text("connection_id")
    return tenant_id == desk.organisation(required(body, "organisation")).profile.tenant_id


def change_role(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Let `user` lose the role in `organisation` (`lost`: true) or get it back (false)."""
    only(body, "user", "organisation", "lost")
    tenant_id = desk.organisation(required(body, "organisation")).profile.tenant_id
    pair = (_person(desk, required(body, "user")), tenant_id)
    lost = body.flag("lost") is not False
    if lost:
        desk.parts.organisations.lost_roles.add(pair)
    else:
        desk.parts.organisations.lost_roles.discard(pair)
    return {"lost": lost}


def _person(desk: Desk, email: str) -> str:
    try:
        return desk.identity.user(email).user_id
    except AuthorizeError as error:
        raise ControlError(error.message, 404) from error


def routes() -> list[Route]:
    """Return the routes of this noun."""
    return [
        Route(method="POST", path="/simulator/consent", handler=give_consent),
        Route(method="GET", path="/simulator/connections", handler=list_connections),
        Route(method="POST", path="/simulator/access/revoke", handler=revoke_access),
        Route(method="POST", path="/simulator/access/role", handler=change_role),
    ]
