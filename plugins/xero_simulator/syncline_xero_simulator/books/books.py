"""Everything one organisation holds, behind one lock."""

import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from syncline_xero_simulator.books.account import Account
from syncline_xero_simulator.books.contact import Contact, active_exact_name, active_name
from syncline_xero_simulator.books.currency import BrandingTheme, Currency
from syncline_xero_simulator.books.invoice import Invoice, InvoiceType
from syncline_xero_simulator.books.item import Item
from syncline_xero_simulator.books.profile import Profile
from syncline_xero_simulator.books.shelf import Shelf
from syncline_xero_simulator.books.tax_rate import TaxRate
from syncline_xero_simulator.config import OrganisationSpec


def _receivable_number(invoice: Invoice) -> str | None:
    return invoice.number.casefold() if invoice.type is InvoiceType.ACCREC else None


def _exact_number(invoice: Invoice) -> str | None:
    return invoice.number if invoice.type is InvoiceType.ACCREC else None


def _contacts() -> Shelf[Contact]:
    return Shelf(
        {
            "name": active_name,
            "exact_name": active_exact_name,
            "number": lambda contact: contact.contact_number.casefold(),
            "account": lambda contact: contact.account_number.casefold(),
        }
    )


@dataclass(slots=True, kw_only=True)
class Books:
    """One organisation's records.

    `lock` is held by whoever reads or writes them. `spec` and `born` are what the seed grew
    from, `life` is how often a demo organisation was reset before.
    """

    spec: OrganisationSpec
    born: datetime
    profile: Profile
    life: int = 0
    contacts: Shelf[Contact] = field(default_factory=_contacts)
    items: Shelf[Item] = field(
        default_factory=lambda: Shelf({"code": lambda item: item.code.casefold()})
    )
    tax_rates: Shelf[TaxRate] = field(default_factory=Shelf)
    accounts: Shelf[Account] = field(
        default_factory=lambda: Shelf({"code": lambda account: account.code.casefold()})
    )
    invoices: Shelf[Invoice] = field(
        default_factory=lambda: Shelf({"number": _receivable_number, "exact_number": _exact_number})
    )
    currencies: tuple[Currency, ...] = ()
    branding_themes: tuple[BrandingTheme, ...] = ()
    next_invoice_number: int = 1
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def today(self, now: datetime) -> date:
        """Return the calendar date at `now` where the organisation is."""
        return now.astimezone(ZoneInfo(self.profile.zone)).date()
