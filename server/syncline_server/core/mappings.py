"""How a provider's contacts, items and tax types are tied to records of ours."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation


class Candidate(NamedTuple):
    """One of ours that fits a record of the provider."""

    id: str
    name: str
    """What people call it."""
    code: str
    """A customer's code or a product's SKU; empty when it has none."""


@dataclass(frozen=True, kw_only=True)
class ContactMapping:
    """A contact and its customer."""

    organisation: Organisation
    contact_id: str
    contact_name: str
    contact_code: str
    contact_email: str
    contact_active: bool
    contact_present: bool
    """Whether the provider still has it, as far as is known."""
    state: MappingState
    review_reason: str = ""
    customer_id: str | None = None
    customer_name: str = ""
    """What people call the customer; empty without one."""
    customer_code: str = ""
    detached: bool = False
    """Whether a person took it apart: no pull maps it or creates for it until somebody assigns."""
    candidates: tuple[Candidate, ...] = ()
    """The customers that fit, when it is AMBIGUOUS."""
    update_time: datetime
    version: int


@dataclass(frozen=True, kw_only=True)
class ItemMapping:
    """An item and its product."""

    organisation: Organisation
    item_id: str
    item_name: str
    item_code: str
    item_active: bool
    """Whether the provider still has it."""
    state: MappingState
    review_reason: str = ""
    product_id: str | None = None
    product_name: str = ""
    """What people call the product; empty without one."""
    product_sku: str = ""
    detached: bool = False
    """Whether a person took it apart: no pull maps it or creates for it until somebody assigns."""
    candidates: tuple[Candidate, ...] = ()
    """The products that fit, when it is AMBIGUOUS."""
    update_time: datetime
    version: int


@dataclass(frozen=True, kw_only=True)
class TaxMapping:
    """A tax type and its tax code."""

    organisation: Organisation
    tax_type: str
    title: str
    rate: Decimal
    """Percentage, 15 for 15 %."""
    active: bool
    applies_to_sales: bool
    state: MappingState
    review_reason: str = ""
    tax_code_id: str | None = None
    suggestion_id: str | None = None
    """The one free tax code of the same rate, or of the same rate and name; never applied."""
    update_time: datetime | None = None
    version: int = 0
