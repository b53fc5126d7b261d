"""IntegrationService, a connection's chain: list it, follow it, start runs of it."""

import grpc

from syncline.v1 import integration_pb2
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.clock import Clock
from syncline_server.core.names import Connection, Scope
from syncline_server.rpc import deadlines, trigger_options
from syncline_server.rpc.acting import asker
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.interceptors import Send, non_blocking
from syncline_server.rpc.messages.connection import connection
from syncline_server.rpc.messages.node import node, nodes, toggles
from syncline_server.rpc.messages.plan import plan, push_plan
from syncline_server.rpc.messages.run import run
from syncline_server.rpc.paging import page
from syncline_server.rpc.watchers import Sight, mark_of
from syncline_server.rpc.watching import Hub, Subject
from syncline_server.services.chain import Chain
from syncline_server.services.plans import Patience, Plans
from syncline_server.services.syncs import Syncs, TriggerRequest


class ModuleCalls:
    """Handles the methods around a connection's chain."""

    def __init__(
        self,
        chain: Chain,
        syncs: Syncs,
        plans: Plans,
        catalogue: Catalogue,
        clock: Clock,
        hub: Hub,
    ) -> None:
        self._chain = chain
        self._syncs = syncs
        self._plans = plans
        self._catalogue = catalogue
        self._clock = clock
        self._hub = hub

    def list(
        self, request: integration_pb2.ListModulesRequest
    ) -> integration_pb2.ListModulesResponse:
        """Return the chain as it stands."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        wanted = page(request, fields)
        fields.refuse()
        view = self._chain.view(key)
        numbered = list(enumerate(view.nodes, start=1))[wanted.number :]
        cut = wanted.cut(numbered, lambda pair: str(pair[0]), lambda pair: node(pair[1], key))
        return integration_pb2.ListModulesResponse(
            modules=cut.messages, toggles=toggles(view), next_page_token=cut.next_page_token
        )

    def trigger(
        self, request: integration_pb2.TriggerSyncRequest
    ) -> integration_pb2.TriggerSyncResponse:
        """Start a run of one module, or tell what it would do."""
        fields = Fields()
        key = fields.connection("connection", request.connection)
        options = trigger_options.parse(request, key.workspace, self._clock(), fields)
        full_read = trigger_options.full_read(request, fields)
        fields.refuse()
        wanted = TriggerRequest(
            scope=Scope(key, request.module),
            options=options,
            options_path=request.WhichOneof("options") or "options",
            caller=asker(),
            request_id=request.request_id.lower(),
            full_read=full_read,
            accept_collapse=request.accept_collapse,
        )
        if request.validate_only:
            return self._plan(request, wanted)
        return integration_pb2.TriggerSyncResponse(run=run(self._syncs.trigger(wanted)))

    def _plan(
        self, request: integration_pb2.TriggerSyncRequest, wanted: TriggerRequest
    ) -> integration_pb2.TriggerSyncResponse:
        patience = Patience(left=deadlines.reading_time(), is_awaited=deadlines.is_awaited)
        told = self._plans.tell(wanted, patience)
        answer = integration_pb2.TriggerSyncResponse(run=run(told.run))
        workspace = wanted.scope.connection.workspace
        if told.plan is not None:
            since = trigger_options.read_since(request, told.plan.read_since)
            answer.plan.CopyFrom(plan(told.plan, workspace, since))
        elif told.preflight is not None:
            answer.plan.CopyFrom(push_plan(told.preflight, workspace))
        return answer

    @non_blocking
    def watch(
        self,
        request: integration_pb2.WatchConnectionRequest,
        context: grpc.ServicerContext,
        send: Send,
    ) -> None:
        """Follow a connection until the caller leaves."""
        fields = Fields()
        key = fields.connection("name", request.name)
        fields.refuse()
        self._hub.follow(Subject(key=key, look=lambda: self._look(key)), context, send)

    def _look(self, key: Connection) -> Sight:
        view = self._chain.view(key)
        message = integration_pb2.WatchConnectionResponse(
            connection=connection(view.connection, self._catalogue),
            modules=nodes(view),
            toggles=toggles(view),
        )
        return Sight(message=message, mark=_mark(message))


def _mark(message: integration_pb2.WatchConnectionResponse) -> bytes:
    """Return what differs when anything has changed but the time itself."""
    copy = integration_pb2.WatchConnectionResponse()
    copy.CopyFrom(message)
    for each in copy.modules:
        each.ClearField("cooldown_remaining")
        if not each.HasField("last_run") and each.HasField("automatic"):
            each.automatic.ClearField("next_time")  # at once, whenever that is
    return mark_of(copy)
