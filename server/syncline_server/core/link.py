"""How one invoice of ours stands at one organisation."""

from dataclasses import dataclass
from datetime import datetime

from syncline_sdk import InvoiceState
from syncline_server.core.model import PushState
from syncline_server.core.organisations import Organisation
from syncline_server.core.outgoing import Parcel
from syncline_server.core.variance import Variance


@dataclass(frozen=True, kw_only=True)
class Link:
    """The newest attempt to send an invoice, and what came of it."""

    organisation: Organisation
    invoice_id: str
    push_state: PushState
    attempt_id: str
    run_id: str
    """The run that wrote it last."""
    parcel: Parcel
    refusal_code: str = ""
    refusal_message: str = ""
    holder_id: str = ""
    """The provider's id of an invoice that stands in its way; empty unless REJECTED."""
    remote: InvoiceState | None = None
    """What the provider holds, as read last; None unless LINKED."""
    variance: Variance | None = None
    link_time: datetime | None = None
    refresh_time: datetime | None = None
    update_time: datetime | None = None
    version: int = 0
