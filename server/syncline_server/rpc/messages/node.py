"""The dependency chain on the wire: nodes, their blockers, toggles."""

from collections.abc import Sequence

from syncline.v1 import integration_pb2
from syncline_sdk import ModuleSpec
from syncline_server.core.automatic import Automatic
from syncline_server.core.errors import Blocker
from syncline_server.core.names import Connection
from syncline_server.rpc.messages import option
from syncline_server.rpc.messages.ownership import ownership
from syncline_server.rpc.messages.parity import parity
from syncline_server.rpc.messages.run import run
from syncline_server.services.chain import ChainView, NodeView, ToggleView


def node(view: NodeView, connection: Connection) -> integration_pb2.Node:
    """Return one node as callers see it."""
    spec = view.node
    message = integration_pb2.Node(
        name=f"{connection}/modules/{spec.name}",
        id=spec.name,
        title=spec.title,
        enabled=view.enabled,
        requires=spec.requires,
        after=spec.after,
        locked_by=view.locked_by,
        complete=view.complete,
        complete_time=view.state.complete_time if view.complete else None,
        ready=not view.blockers,
        blockers=[_blocker(each) for each in view.blockers],
        open_mappings=view.open_mappings,
    )
    if isinstance(spec, ModuleSpec):
        _add_module(message, spec, view)
    else:
        kind = f"RECORD_KIND_{spec.settles}"
        message.MergeFrom(integration_pb2.Node(kind="KIND_MANUAL_STEP", record_kind=kind))
    return message


def toggles(view: ChainView) -> list[integration_pb2.Toggle]:
    """Return every toggle as callers see it."""
    off = {each.name for each in view.toggles if not each.enabled}
    return [
        _toggle(each, [name for name in each.also_enables if name in off]) for each in view.toggles
    ]


def nodes(view: ChainView) -> list[integration_pb2.Node]:
    """Return every node of a chain."""
    return [node(each, view.connection.key) for each in view.nodes]


def _add_module(message: integration_pb2.Node, spec: ModuleSpec, view: NodeView) -> None:
    """Add what a module has and a step has not."""
    cooling = bool(view.cooldown_left)
    message.MergeFrom(
        integration_pb2.Node(
            kind="KIND_MODULE",
            direction=f"DIRECTION_{spec.direction}",
            record_kind=f"RECORD_KIND_{spec.kind}",
            toggle=spec.toggle.name,
            cooldown=spec.cooldown,
            cooldown_end_time=view.cooldown_end if cooling else None,
            cooldown_remaining=view.cooldown_left if cooling else None,
            active_run=run(view.active_run) if view.active_run else None,
            last_run=run(view.last_run) if view.last_run else None,
            settings=option.specs(spec.settings),
            options=option.specs(spec.options),
            next_full_read=view.next_full_read,
            watermark_time=view.state.watermark,
            last_full_read_time=view.state.full_read_time,
            parity=None if spec.census is None else parity(view.parity),
            automatic=_automatic(view.automatic) if view.automatic else None,
            ownership=ownership(spec),
        )
    )


def _automatic(automatic: Automatic) -> integration_pb2.AutomaticSync:
    return integration_pb2.AutomaticSync(
        interval=automatic.interval,
        next_time=automatic.next_time,
        failed_runs=automatic.failed_runs,
        held_by=[_blocker(each) for each in automatic.held_by],
    )


def _blocker(blocker: Blocker) -> integration_pb2.Blocker:
    return integration_pb2.Blocker(
        reason=f"ERROR_REASON_{blocker.reason}",
        subject=blocker.subject,
        title=blocker.title,
        description=blocker.description,
    )


def _toggle(view: ToggleView, also_enables: Sequence[str]) -> integration_pb2.Toggle:
    return integration_pb2.Toggle(
        id=view.name,
        title=view.title,
        enabled=view.enabled,
        modules=view.modules,
        locked_by=view.locked_by,
        also_enables=() if view.enabled else also_enables,
    )
