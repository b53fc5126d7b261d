"""How a connection stands: everything its pages show, as the server told it at one moment."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from syncline.v1.integration_pb2 import Connection, Node, Toggle
from syncline.v1.run_pb2 import RecordKind

_NANO: Final = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One answer of ``WatchConnection``, or what ``GetConnection`` and ``ListModules`` say."""

    connection: Connection
    modules: Sequence[Node]
    """Each after everything it requires or comes after."""
    toggles: Sequence[Toggle]
    heard: float = field(default_factory=time.monotonic)
    """When that was, by a clock of this machine that nobody sets: it tells how long ago it is."""

    @property
    def is_connected(self) -> bool:
        """Whether an organisation is connected and access to it works, as far as is known."""
        return self.connection.state == Connection.STATE_CONNECTED

    @property
    def server_seconds(self) -> float | None:
        """The server's time at that moment, in seconds since the epoch; None without a cooldown."""
        for each in self.modules:
            if each.HasField("cooldown_end_time") and each.HasField("cooldown_remaining"):
                left = each.cooldown_remaining.ToNanoseconds()
                return (each.cooldown_end_time.ToNanoseconds() - left) / _NANO
        return None

    def seconds_left(self, node: Node) -> int:
        """Return after how many seconds from now a module that cools down can be started again."""
        left = node.cooldown_remaining.ToNanoseconds() / _NANO - (time.monotonic() - self.heard)
        return max(math.ceil(left), 0)

    def node(self, id_: str) -> Node:
        """Return a node; an empty one of that id when there is no such node."""
        return next((each for each in self.modules if each.id == id_), Node(id=id_))

    def pull(self, kind: RecordKind) -> Node:
        """Return the module that reads a kind of record; an empty one when there is none."""
        pulls = (each for each in self.modules if each.direction == Node.DIRECTION_PULL)
        return next((each for each in pulls if each.record_kind == kind), Node())

    def title_of(self, node: str) -> str:
        """Return what people call a node; its id when there is no such node."""
        return self.node(node).title or node

    def toggle_title(self, toggle: str) -> str:
        """Return what people call a toggle; its id when there is no such toggle."""
        return next((each.title for each in self.toggles if each.id == toggle), toggle)
