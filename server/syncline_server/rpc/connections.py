"""IntegrationService, its connections: connect, choose, look, disconnect."""

from functools import partial
from typing import Final

import structlog

from syncline.v1 import integration_pb2
from syncline_server.core.access import Role
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionRow
from syncline_server.core.secrecy import withheld
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.identity import caller
from syncline_server.rpc.messages.connection import allowance, connection
from syncline_server.rpc.paging import page
from syncline_server.services.connections import Connections
from syncline_server.services.consents import Return

_LONGEST_DESCRIPTION: Final = 1_000
_log = structlog.get_logger(__name__)


class ConnectionCalls:
    """Handles the methods around a connection."""

    def __init__(self, connections: Connections, catalogue: Catalogue) -> None:
        self._connections = connections
        self._catalogue = catalogue

    def start(
        self, request: integration_pb2.StartConnectionRequest
    ) -> integration_pb2.StartConnectionResponse:
        """Begin connecting."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        fields.refuse()
        started = self._connections.start(
            workspace,
            request.provider,
            request.redirect_uri,
            caller().subject,
            request.browser_binding,
        )
        return integration_pb2.StartConnectionResponse(
            authorization_url=started.url,
            state=started.state,
            expire_time=started.expire_time,
        )

    def complete(
        self, request: integration_pb2.CompleteConnectionRequest
    ) -> integration_pb2.CompleteConnectionResponse:
        """Take what the provider sent back. The state tells the workspace; see ``permissions``."""
        error = request.error
        if error:
            # Both come from a browser's address line, so that anything may stand there.
            said = withheld(request.error_description[:_LONGEST_DESCRIPTION])
            error_told = withheld(error)
            _log.info("consent refused", action="consent_refused", error=error_told, said=said)
        identity = caller()
        row = self._connections.complete(
            Return(state=request.state, browser=request.browser_binding, issuer=request.issuer),
            request.code,
            error,
            identity.subject,
            allowed=partial(identity.may, Role.ADMIN),
        )
        return integration_pb2.CompleteConnectionResponse(connection=self._render(row))

    def select(
        self, request: integration_pb2.SelectOrganisationRequest
    ) -> integration_pb2.SelectOrganisationResponse:
        """Connect one of the candidates."""
        fields = Fields()
        key = fields.connection("name", request.name)
        fields.refuse()
        row = self._connections.select(key, request.organisation, caller().subject)
        return integration_pb2.SelectOrganisationResponse(connection=self._render(row))

    def get(
        self, request: integration_pb2.GetConnectionRequest
    ) -> integration_pb2.GetConnectionResponse:
        """Return one connection."""
        fields = Fields()
        key = fields.connection("name", request.name)
        fields.refuse()
        row = self._connections.get(key)
        found = self._render(row)
        standing = self._connections.allowance(row)
        if standing is not None:
            found.allowance.CopyFrom(allowance(standing))
        return integration_pb2.GetConnectionResponse(connection=found)

    def list(
        self, request: integration_pb2.ListConnectionsRequest
    ) -> integration_pb2.ListConnectionsResponse:
        """List a workspace's connections; there are as many as providers."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        wanted = page(request, fields)
        fields.refuse()
        rows = [
            row for row in self._connections.list(workspace) if row.key.provider > wanted.position
        ]
        cut = wanted.cut(rows, lambda row: row.key.provider, self._render)
        return integration_pb2.ListConnectionsResponse(
            connections=cut.messages, next_page_token=cut.next_page_token
        )

    def disconnect(
        self, request: integration_pb2.DisconnectRequest
    ) -> integration_pb2.DisconnectResponse:
        """End a connection."""
        fields = Fields()
        key = fields.connection("name", request.name)
        fields.refuse()
        row = self._connections.disconnect(key)
        return integration_pb2.DisconnectResponse(connection=self._render(row))

    def _render(self, row: ConnectionRow) -> integration_pb2.Connection:
        return connection(row, self._catalogue)
