"""What keeps a module from running: what a person does about each blocker, and where."""

from collections.abc import Callable
from dataclasses import dataclass

from syncline.v1.error_reason_pb2 import ErrorReason
from syncline.v1.integration_pb2 import Node
from syncline_console.standing import Standing
from syncline_console.templates import count

Path = Callable[..., str]
"""``Visit.path``."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A link that leads to where something is done."""

    path: str
    label: str


KNOWN = ("NOT_CONNECTED", "RECONNECT_REQUIRED", "MODULE_OFF", "PREREQUISITE_INCOMPLETE")
"""Reasons for which there is something to do on these pages."""


def way_past(reason: str, subject: str, standing: Standing, path: Path) -> Way:
    """Return what to do about a blocker.

    :param reason: one of :data:`KNOWN`.
    :param subject: what it is about: a connection, or the id of a node.
    """
    provider = standing.connection.provider_title
    if reason == "NOT_CONNECTED":
        return Way(path=f"{path()}#connection", label=f"Connect {provider}.")
    if reason == "RECONNECT_REQUIRED":
        return Way(path=f"{path()}#connection", label=f"Reconnect {provider}.")
    node = next((each for each in standing.modules if each.id == subject), Node(title=subject))
    if node.kind == Node.KIND_MANUAL_STEP:
        left = count(node.open_mappings, "tax rate")
        text = f"Map {left}." if node.open_mappings else f"Complete {node.title}."
        return Way(path=path("tax-mapping"), label=text)
    if reason == "MODULE_OFF" or not node.enabled:
        text = f"Turn {standing.toggle_title(node.toggle)} on"
        also = "" if reason == "MODULE_OFF" else f" and sync {node.title}"
        return Way(path=f"{path()}#toggles", label=f"{text}{also}.")
    return Way(path=f"{path()}#sync-{node.id}", label=f"Sync {node.title}.")


def ways_of(node: Node, standing: Standing, path: Path) -> list[Way]:
    """Return what to do before a node may run; nothing when it may."""
    return [way_past(_reason(each.reason), each.subject, standing, path) for each in node.blockers]


def _reason(value: "ErrorReason") -> str:
    return ErrorReason.Name(value).removeprefix("ERROR_REASON_")
