"""Currencies and branding themes: small fixed lists of an organisation."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency the organisation uses."""

    code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandingTheme:
    """A look of printed invoices; sort order 0 is the default one."""

    theme_id: str
    name: str
    sort_order: int
    created: datetime
