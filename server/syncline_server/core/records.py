"""What a workspace keeps for itself: customers, products, tax codes."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from syncline_sdk import Address
from syncline_server.core.provenance import Sources


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody a workspace sells to."""

    workspace: str
    id: str
    code: str = ""
    display_name: str
    email: str = ""
    phone: str = ""
    address: Address | None = None
    active: bool = True
    contact_person: str = ""
    web_access: bool = False
    notes: str = ""
    external_id: str = ""
    """Its id in the caller's own system, if it has one."""
    sources: Sources = field(default_factory=dict)
    """Those fields that are left out were set here when it was created."""
    create_time: datetime | None = None
    update_time: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something a workspace sells."""

    workspace: str
    id: str
    sku: str
    display_name: str
    tax_code_id: str | None = None
    stock_quantity: Decimal | None = None
    default_price: Decimal | None = None
    category: str = ""
    active: bool = True
    out_of_stock: bool = False
    zero_price_allowed: bool = False
    unit_of_measure: str = ""
    external_id: str = ""
    sources: Sources = field(default_factory=dict)
    """Those fields that are left out were set here when it was created."""
    create_time: datetime | None = None
    update_time: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class TaxCode:
    """A way of taxing that a workspace uses."""

    workspace: str
    id: str
    code: str
    display_name: str
    rate: Decimal
    """Percentage, 15 for 15 %."""
    active: bool = True
    external_id: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    version: int = 0
