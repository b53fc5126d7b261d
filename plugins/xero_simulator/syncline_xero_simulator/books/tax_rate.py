"""A tax rate of an organisation."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class TaxRateStatus(StrEnum):
    """Where a tax rate is in its life; only ACTIVE ones can be used."""

    ACTIVE = "ACTIVE"
    DELETED = "DELETED"
    ARCHIVED = "ARCHIVED"
    PENDING = "PENDING"


class AccountClass(StrEnum):
    """The five classes of account."""

    ASSET = "ASSET"
    EQUITY = "EQUITY"
    EXPENSE = "EXPENSE"
    LIABILITY = "LIABILITY"
    REVENUE = "REVENUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxComponent:
    """One part of a rate, in percent; a compound part also taxes the other parts."""

    name: str
    rate: Decimal
    is_compound: bool = False
    is_non_recoverable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """One tax rate; `tax_type` is its code and its only key."""

    tax_type: str
    name: str
    components: tuple[TaxComponent, ...]
    applies_to: tuple[AccountClass, ...]
    report_tax_type: str = ""
    status: TaxRateStatus = TaxRateStatus.ACTIVE
    is_system: bool = False

    @property
    def key(self) -> str:
        """The rate's tax type."""
        return self.tax_type

    @property
    def display_rate(self) -> Decimal:
        """The plain sum of the components, in percent."""
        return sum((part.rate for part in self.components), Decimal(0))

    @property
    def effective_rate(self) -> Decimal:
        """What the components amount to when compound ones tax the others, in percent."""
        simple = sum((part.rate for part in self.components if not part.is_compound), Decimal(0))
        factor = 1 + simple / 100
        for part in self.components:
            if part.is_compound:
                factor *= 1 + part.rate / 100
        return (factor - 1) * 100
