"""IntegrationService, comparing a module with its provider."""

from collections.abc import Callable

from syncline.v1 import integration_pb2
from syncline_server.core.names import Scope
from syncline_server.core.parity import Parity
from syncline_server.rpc import deadlines
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages.parity import parity
from syncline_server.services.plans import Patience

Check = Callable[[Scope, Patience], Parity]
"""Compares one module; ``app`` passes it in."""


class ParityCalls:
    """Handles the method."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def check(
        self, request: integration_pb2.CheckParityRequest
    ) -> integration_pb2.CheckParityResponse:
        """Compare one module now."""
        fields = Fields()
        key = fields.connection("connection", request.connection)
        fields.refuse()
        patience = Patience(left=deadlines.reading_time(), is_awaited=deadlines.is_awaited)
        found = self._check(Scope(key, request.module), patience)
        return integration_pb2.CheckParityResponse(parity=parity(found))
