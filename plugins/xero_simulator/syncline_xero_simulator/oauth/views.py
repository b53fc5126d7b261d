"""The identity side over HTTP: consent, tokens, keys, connections."""

import json
from typing import Any

from werkzeug.wrappers import Request, Response

from syncline_xero_simulator.config import SimulatorConfig, User
from syncline_xero_simulator.connections import Connection
from syncline_xero_simulator.oauth.authorize import (
    AuthorizeError,
    AuthorizeRequest,
    read_authorize,
)
from syncline_xero_simulator.oauth.bearer import BearerError, Caller
from syncline_xero_simulator.oauth.consent import Approval
from syncline_xero_simulator.oauth.pages import consent_page, error_page
from syncline_xero_simulator.oauth.token_endpoint import TokenError, check_client
from syncline_xero_simulator.parts import Parts
from syncline_xero_simulator.switches import BadAuthorize
from syncline_xero_simulator.wire.dates import seven_digits

_HTML = "text/html; charset=utf-8"
_ORGANISATION = "ORGANISATION"


class IdentityViews:
    """Answers everything that is not the accounting API."""

    def __init__(self, config: SimulatorConfig, parts: Parts) -> None:
        self._config = config
        self._parts = parts

    def authorize(self, request: Request) -> Response:
        """Show the consent page, or the page that says why there is none."""
        query = request.args.to_dict()
        try:
            wanted = read_authorize(query, self._config.app)
        except AuthorizeError as error:
            return self._refused(error)
        organisations = [
            (books.profile.tenant_id, books.profile.name)
            for books in self._parts.organisations.all()
        ]
        html = consent_page(wanted, query, self._config.app.name, self._config.users, organisations)
        return _framed(Response(html, content_type=_HTML))

    def decide(self, request: Request) -> Response:
        """Take the decision of the consent page and go back to the app."""
        try:
            wanted = read_authorize(request.form.to_dict(), self._config.app)
            location = self.decision(
                wanted,
                user=request.form.get("user", ""),
                organisations=request.form.getlist("organisation"),
                approved=_decision(request.form.get("decision", "")),
            )
        except AuthorizeError as error:
            return self._refused(error)
        return Response("", 302, headers={"Location": location})

    def decision(
        self, wanted: AuthorizeRequest, *, user: str, organisations: list[str], approved: bool
    ) -> str:
        """Return where a decision leads; raise `AuthorizeError` for an impossible one."""
        switches = self._parts.switches()
        if not approved:
            return self._parts.consent.deny(wanted, switches)
        person = self.user(user)
        tenant_ids = tuple(self._tenant(person, text) for text in organisations)
        approval = Approval(user_id=person.user_id, tenant_ids=tenant_ids)
        return self._parts.consent.approve(wanted, approval, switches)

    def user(self, email: str) -> User:
        """Return the person with this e-mail, the first one for none; raise `AuthorizeError`."""
        users = self._config.users
        found = next((user for user in users if user.email == email), None)
        if email and found is None:
            raise AuthorizeError("invalid_request", "There is no such user")
        return found or users[0]

    def _tenant(self, person: User, id_or_name: str) -> str:
        books = self._parts.organisations.named(id_or_name)
        if books is None or not self._parts.organisations.has_role(
            person.user_id, books.profile.tenant_id
        ):
            raise AuthorizeError("invalid_request", "There is no such organisation")
        return books.profile.tenant_id

    def _refused(self, error: AuthorizeError) -> Response:
        if self._parts.switches().bad_authorize is BadAuthorize.DASHBOARD:
            return Response("", 302, headers={"Location": "/"})
        return _framed(Response(error_page(error.code, error.message), 400, content_type=_HTML))

    def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token."""
        try:
            self._check_client(request)
            answer = self._parts.token_endpoint.exchange(
                request.form.to_dict(), self._parts.switches()
            )
        except TokenError as error:
            return self._token_refusal(error)
        return self._json(answer)

    def revoke(self, request: Request) -> Response:
        """End a grant; an unknown token is no error."""
        try:
            self._check_client(request)
        except TokenError as error:
            return self._token_refusal(error)
        self._parts.token_endpoint.revoke(request.form.get("token", ""), self._parts.switches())
        return Response("", 200)

    def _check_client(self, request: Request) -> None:
        basic = request.authorization
        if basic is not None and basic.type == "basic":
            check_client(self._config.app, basic.username or "", basic.password or "")
        else:
            form = request.form
            check_client(self._config.app, form.get("client_id", ""), form.get("client_secret", ""))

    def _token_refusal(self, error: TokenError) -> Response:
        body = {"error": error.code}
        if error.description:
            body["error_description"] = error.description
        return self._json(body, 400)

    def discovery(self, _request: Request) -> Response:
        """Describe this identity server."""
        base = self._config.public_url
        return self._json(
            {
                "issuer": base,
                "jwks_uri": f"{base}/.well-known/openid-configuration/jwks",
                "authorization_endpoint": f"{base}/identity/connect/authorize",
                "token_endpoint": f"{base}/connect/token",
                "revocation_endpoint": f"{base}/connect/revocation",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "subject_types_supported": ["public"],
            }
        )

    def jwks(self, _request: Request) -> Response:
        """Return the keys that verify tokens."""
        return self._json(self._parts.key.public_set())

    def connections(self, request: Request) -> Response:
        """List the caller's connections."""
        try:
            caller = self._caller(request)
        except BearerError as error:
            return self._problem(401, error.detail)
        event = request.args.get("authEventId", "").lower()
        shown = [
            self._shown(connection)
            for connection in self._parts.connections.listed(caller.user_id)
            if not event or connection.auth_event_id == event
        ]
        return self._json([found for found in shown if found])

    def disconnect(self, request: Request, connection_id: str) -> Response:
        """Remove one of the caller's connections by its own id."""
        try:
            caller = self._caller(request)
        except BearerError as error:
            return self._problem(401, error.detail)
        found = self._parts.connections.get(connection_id)
        if found is not None and found.user_id == caller.user_id:
            self._parts.connections.disconnect(found.connection_id)
            return Response("", 204)
        if found is not None or self._parts.connections.names(connection_id):
            return self._problem(403, "AuthenticationUnsuccessful")
        return self._problem(404, "NotFound")

    def _caller(self, request: Request) -> Caller:
        header = request.headers.get("Authorization", "")
        return self._parts.bearer.caller(header, self._parts.clock.now())

    def _shown(self, connection: Connection) -> dict[str, Any] | None:
        books = self._parts.organisations.get(connection.tenant_id)
        if books is None:
            return None
        return {
            "id": connection.connection_id,
            "authEventId": connection.auth_event_id,
            "tenantId": connection.tenant_id,
            "tenantType": _ORGANISATION,
            "tenantName": books.profile.name,
            "createdDateUtc": seven_digits(connection.created),
            "updatedDateUtc": seven_digits(connection.updated),
        }

    def _problem(self, status: int, detail: str) -> Response:
        if status == 404:  # noqa: PLR2004 - the HTTP status
            return self._json({"Title": "Not Found", "Status": 404, "Detail": detail}, 404)
        problem = self._parts.gate.problem(status, detail, self._parts.switches())
        return Response(problem.body, status, content_type=problem.content_type)

    def _json(self, value: object, status: int = 200) -> Response:
        response = Response(json.dumps(value), status, content_type="application/json")
        response.headers["Xero-Correlation-Id"] = self._parts.mint.guid()
        response.headers["Cache-Control"] = "no-store"
        return response


def _framed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def _decision(text: str) -> bool:
    if text not in ("approve", "deny"):
        raise AuthorizeError("invalid_request", "decision must be approve or deny")
    return text == "approve"
