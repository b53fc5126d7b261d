"""Scopes: which exist and what a call needs (developer.xero.com, scopes, granular form)."""

from collections.abc import Iterable

_IDENTITY = ("openid", "profile", "email", "offline_access")
_READ_AND_WRITE = (
    "accounting.settings",
    "accounting.contacts",
    "accounting.attachments",
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.transactions",
)
_READ_ONLY = ("accounting.budgets.read", "accounting.journals.read")
_REPORTS = (
    "aged", "balancesheet", "banksummary", "budgetsummary", "executivesummary", "profitandloss",
    "trialbalance", "taxreports", "tenninetynine",
)  # fmt: skip
_BROAD = "accounting.transactions"
_INSIDE_BROAD = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
)

KNOWN_SCOPES = frozenset(
    [
        *_IDENTITY,
        *_READ_AND_WRITE,
        *(f"{scope}.read" for scope in _READ_AND_WRITE),
        *_READ_ONLY,
        *(f"accounting.reports.{report}.read" for report in _REPORTS),
    ]
)
"""Every scope an app may ask for."""


def holds_scope(granted: Iterable[str], wanted: Iterable[str]) -> bool:
    """Return whether `granted` holds one of `wanted`; writing implies reading."""
    held = set(granted)
    return any(candidate in held for scope in wanted for candidate in _satisfied_by(scope))


def _satisfied_by(scope: str) -> tuple[str, ...]:
    base = scope.removesuffix(".read")
    reading = scope.endswith(".read")
    names = (base, f"{base}.read") if reading else (base,)
    if base in _INSIDE_BROAD:
        return (*names, *((_BROAD, f"{_BROAD}.read") if reading else (_BROAD,)))
    return names
