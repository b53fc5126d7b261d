"""What to do about what is in the way, and where: the server's words with a way to each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from syncline.v1.error_reason_pb2 import ErrorReason
from syncline.v1.integration_pb2 import Blocker, Node
from syncline.v1.run_pb2 import RecordKind
from syncline_console.fragments import Looker
from syncline_console.standing import Standing
from syncline_console.templates import count

NOUNS: Final[Mapping[int, str]] = {
    RecordKind.RECORD_KIND_CONTACT: "contact",
    RecordKind.RECORD_KIND_ITEM: "item",
    RecordKind.RECORD_KIND_TAX_RATE: "tax rate",
    RecordKind.RECORD_KIND_INVOICE: "invoice",
}
_MAPPING_PAGES: Final[Mapping[int, str]] = {
    RecordKind.RECORD_KIND_CONTACT: "contacts",
    RecordKind.RECORD_KIND_ITEM: "items",
    RecordKind.RECORD_KIND_TAX_RATE: "tax-mapping",
}
_PREFIX: Final = "ERROR_REASON_"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing to do."""

    text: str
    """A sentence."""
    path: str = ""
    """Where it is done; empty where that is not known."""


@dataclass(frozen=True, kw_only=True)
class Guide:
    """Turns blockers into advice, for one connection as it stands."""

    standing: Standing
    looker: Looker

    def advise(self, blockers: Iterable[Blocker]) -> list[Advice]:
        """Return what to do, in the order of the blockers."""
        return [
            self.about(
                ErrorReason.Name(each.reason).removeprefix(_PREFIX),
                each.subject,
                each.description,
            )
            for each in blockers
        ]

    def about(self, reason: str, subject: str, description: str) -> Advice:
        """Return what to do about one thing.

        :param reason: as errors of the client have it, for example ``MODULE_OFF``.
        :param subject: the connection's name, or the id of a node.
        :param description: what the server says to do.
        """
        node = self._node(subject)
        is_missing = reason == "PREREQUISITE_INCOMPLETE"
        if is_missing and node and node.enabled and node.HasField("active_run"):
            # A blocker does not tell that somebody has begun already.
            description = f"Wait until {node.title} has synced."
        return Advice(text=description, path=self._way(reason, node))

    def mapping_page(self, step: Node) -> str:
        """Return where a person completes a step; empty where there is no page for it."""
        page = _MAPPING_PAGES.get(step.record_kind)
        return self.looker.path(page) if page else ""

    def card(self, node: Node) -> str:
        """Return where a module is started and watched."""
        return self._on_overview(f"sync-{node.id}")

    def toggles(self) -> str:
        """Return where modules are switched on and off."""
        return self._on_overview("toggles")

    def _node(self, subject: str) -> Node | None:
        return next((each for each in self.standing.modules if each.id == subject), None)

    def _way(self, reason: str, node: Node | None) -> str:
        match reason:
            case "NOT_CONNECTED" | "RECONNECT_REQUIRED":
                return self._on_overview("connection")
            case "MODULE_OFF" if node:
                return self.toggles()
            case "PREREQUISITE_INCOMPLETE" if node and node.kind == Node.KIND_MANUAL_STEP:
                return self.mapping_page(node)
            case "PREREQUISITE_INCOMPLETE" if node:
                return self.card(node) if node.enabled else self.toggles()
            case "RUN_ACTIVE" if node:
                return self.card(node)
            case _:
                return ""

    def _on_overview(self, part: str) -> str:
        return f"{self.looker.path()}#{part}"


def to_settle(step: Node) -> str:
    """Return what a person does in a step: ``Map 3 open tax rates``, as blockers say it."""
    if not step.open_mappings:
        return f"Complete {step.title}"
    noun = f"open {NOUNS.get(step.record_kind, 'record')}"
    return f"Map {count(step.open_mappings, noun)}"
