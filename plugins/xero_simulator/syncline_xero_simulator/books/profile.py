"""What an organisation says about itself."""

from dataclasses import dataclass
from datetime import date, datetime

from syncline_xero_simulator.config import Country

DRAFT_ACTION = "CreateDraftInvoice"
APPROVE_ACTION = "CreateApprovedInvoice"
ACTIONS = (
    DRAFT_ACTION,
    APPROVE_ACTION,
    "CreateRepeatingInvoice",
    "CreateInvoicePayment",
    "CreateDraftBill",
    "UseMulticurrency",
)
"""The actions that /Organisation/Actions lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One organisation as /Organisation shows it."""

    tenant_id: str
    name: str
    country: Country
    base_currency: str
    timezone: str
    zone: str
    created: datetime
    short_code: str
    is_demo: bool = False
    period_lock_day: date | None = None
    year_lock_day: date | None = None
    forbidden_actions: tuple[str, ...] = ()
    is_offline: bool = False
