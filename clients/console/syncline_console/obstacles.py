"""What keeps a module from running, in a person's words, each with where to mend it."""

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
    """A link that leads to where something is mended."""

    path: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One thing that stands in the way."""

    text: str
    way: Way


def obstacle(reason: str, subject: str, standing: Standing, path: Path) -> Obstacle:
    """Return a blocker in a person's words.

    :param reason: as ``ErrorReason`` has it, without the prefix.
    :param subject: what it is about: a connection, or the id of a node.
    """
    provider = standing.connection.provider_title
    if reason == "NOT_CONNECTED":
        return Obstacle(text=f"{provider} is not connected.", way=_way(path(), "Connect it"))
    if reason == "RECONNECT_REQUIRED":
        text = f"{provider} has ended our access."
        return Obstacle(text=text, way=_way(path(), "Connect it again"))
    node = next((each for each in standing.modules if each.id == subject), Node(title=subject))
    if reason == "MODULE_OFF" or not node.enabled:
        text = f"{standing.toggle_title(node.toggle) if node.toggle else node.title} is off."
        return Obstacle(text=text, way=_way(f"{path()}#toggles", "Turn it on"))
    return _incomplete(node, path)


def _incomplete(node: Node, path: Path) -> Obstacle:
    if node.kind == Node.KIND_MANUAL_STEP:
        left = f": {count(node.open_mappings, 'row')} left to settle" if node.open_mappings else ""
        way = _way(path("tax-mapping"), "Settle them" if left else "Look at it")
        return Obstacle(text=f"{node.title} is not complete{left}.", way=way)
    text = f"{node.title} has not been synced completely yet."
    return Obstacle(text=text, way=_way(f"{path()}#syncs", "Sync it"))


def of_node(node: Node, standing: Standing, path: Path) -> list[Obstacle]:
    """Return everything that keeps a node from running; nothing when it may."""
    return [obstacle(_reason(each.reason), each.subject, standing, path) for each in node.blockers]


def _reason(value: "ErrorReason") -> str:
    return ErrorReason.Name(value).removeprefix("ERROR_REASON_")


def _way(path: str, label: str) -> Way:
    return Way(path=path, label=label)
