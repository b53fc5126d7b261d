"""An account of the chart of accounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncline_xero_simulator.books.tax_rate import AccountClass


class AccountStatus(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account. `system` names the role of an account that Xero itself keeps."""

    account_id: str
    code: str
    name: str
    type: str
    account_class: AccountClass
    tax_type: str
    updated: datetime
    description: str = ""
    status: AccountStatus = AccountStatus.ACTIVE
    system: str = ""
    takes_payments: bool = False

    @property
    def key(self) -> str:
        """The account's id."""
        return self.account_id
