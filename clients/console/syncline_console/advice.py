"""What to do about what is in the way, and where: the server's blockers in a page's words."""

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
        :param description: what the server says to do, for what is not known here.
        """
        provider = self.standing.connection.provider_title
        node = self._node(subject)
        match reason:
            case "NOT_CONNECTED":
                return Advice(text=f"Connect {provider}.", path=self._on_overview("connection"))
            case "RECONNECT_REQUIRED":
                return Advice(text=f"Reconnect {provider}.", path=self._on_overview("connection"))
            case "MODULE_OFF" if node:
                return self.turn_on(node)
            case "PREREQUISITE_INCOMPLETE" if node:
                return self._complete(node)
            case "RUN_ACTIVE" if node:
                text = f"Wait until {node.title} has ended."
                return Advice(text=text, path=self.card(node))
            case _:
                return Advice(text=description)

    def mapping_page(self, step: Node) -> str:
        """Return where a person completes a step; empty where there is no page for it."""
        page = _MAPPING_PAGES.get(step.record_kind)
        return self.looker.path(page) if page else ""

    def card(self, node: Node) -> str:
        """Return where a module is started and watched."""
        return self._on_overview(f"sync-{node.id}")

    def _node(self, subject: str) -> Node | None:
        return next((each for each in self.standing.modules if each.id == subject), None)

    def turn_on(self, node: Node) -> Advice:
        """Return how a module that is off comes on."""
        title = self.standing.toggle_title(node.toggle)
        return Advice(text=f"Turn {title} on.", path=self._on_overview("toggles"))

    def _complete(self, node: Node) -> Advice:
        if node.kind == Node.KIND_MANUAL_STEP:
            return Advice(text=f"{to_settle(node)}.", path=self.mapping_page(node))
        if not node.enabled:
            title = self.standing.toggle_title(node.toggle)
            text = f"Turn {title} on and sync {node.title}."
            return Advice(text=text, path=self._on_overview("toggles"))
        if node.HasField("active_run"):
            return Advice(text=f"Wait until {node.title} has synced.", path=self.card(node))
        return Advice(text=f"Sync {node.title}.", path=self.card(node))

    def _on_overview(self, part: str) -> str:
        return f"{self.looker.path()}#{part}"


def to_settle(step: Node) -> str:
    """Return what a person does in a step: ``Map 3 tax rates``."""
    if not step.open_mappings:
        return f"Complete {step.title}"
    return f"Map {count(step.open_mappings, NOUNS.get(step.record_kind, 'record'))}"
