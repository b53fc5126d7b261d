"""What a caller of a list asks for. Every list is in the order of ids."""

from dataclasses import dataclass

from syncline_server.core.invoice import InvoiceStage
from syncline_server.core.model import MappingState, PushState


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """Which customers, products or tax codes."""

    active_only: bool = False
    text: str = ""
    """What one of the names or codes contains, whatever its case."""
    external_id: str = ""
    """The id in the caller's own system; empty means any."""


@dataclass(frozen=True, kw_only=True)
class InvoiceFilter:
    """Which invoices; empty means any."""

    stages: tuple[InvoiceStage, ...] = ()
    customer_id: str = ""
    text: str = ""
    external_id: str = ""


@dataclass(frozen=True, kw_only=True)
class MappingFilter:
    """Which mappings; empty means any."""

    states: tuple[MappingState, ...] = ()
    text: str = ""

    @property
    def leaves_out_mapped(self) -> bool:
        """Whether only mappings are wanted that are not settled."""
        return bool(self.states) and MappingState.MAPPED not in self.states


@dataclass(frozen=True, kw_only=True)
class LinkFilter:
    """Which invoice links; empty means any."""

    states: tuple[PushState, ...] = ()
    variance_only: bool = False


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Which runs to list; empty fields match all."""

    provider: str = ""
    module: str = ""
    states: tuple[str, ...] = ()
