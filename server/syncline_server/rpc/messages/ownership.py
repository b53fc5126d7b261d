"""Whose the fields of mapped records are while a module is on, on the wire."""

from syncline.v1 import ownership_pb2
from syncline_sdk import ModuleSpec
from syncline_server.core.ownership import wire_name
from syncline_server.core.record_fields import ALWAYS_LOCAL, OWNABLE


def ownership(module: ModuleSpec) -> ownership_pb2.FieldOwnership | None:
    """Return what a module declares; None when it owns nothing."""
    if not module.owned:
        return None
    titles = OWNABLE[module.kind]
    settings = {each.name: each.setting for each in module.owned}
    left = {name: title for name, title in titles.items() if name not in settings}
    return ownership_pb2.FieldOwnership(
        provider_fields=[_field(name, titles[name], setting) for name, setting in settings.items()],
        local_fields=[
            _field(name, title) for name, title in {**left, **ALWAYS_LOCAL[module.kind]}.items()
        ],
    )


def _field(name: str, title: str, setting: str = "") -> ownership_pb2.RecordField:
    return ownership_pb2.RecordField(field=wire_name(name), title=title, setting=setting)
