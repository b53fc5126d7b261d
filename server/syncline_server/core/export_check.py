"""Whether an invoice can be sent to a provider, and everything that stands in its way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncline_sdk import LineAmounts
from syncline_server.core.invoice import FreightState, Invoice, InvoiceStage

BATCH_LIMIT = 50
"""Invoices one push or preflight may name."""

UNKNOWN, VOID = "INVOICE_UNKNOWN", "INVOICE_VOID"
MOOT = frozenset({UNKNOWN, VOID})
"""Codes that answer whoever named an invoice: nothing about it is left to settle."""

_MOST_NAMED = 5  # in one message


class ContactStanding(StrEnum):
    """How the customer's contact stands at the provider."""

    MAPPED = "MAPPED"
    ARCHIVED = "ARCHIVED"
    VANISHED = "VANISHED"
    NOT_MAPPED = "NOT_MAPPED"


@dataclass(frozen=True, kw_only=True)
class ExportFacts:
    """What is known at the provider of what an invoice refers to."""

    contact: ContactStanding = ContactStanding.NOT_MAPPED
    contact_id: str = ""
    item_codes: Mapping[str, str] = field(default_factory=dict)
    """The item's code by the id of a product that has one."""
    tax_types: Mapping[str, str] = field(default_factory=dict)
    """The tax type by the id of a tax code that has one."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """What people call customers, products and tax codes, by id."""


@dataclass(frozen=True, kw_only=True)
class ExportReason:
    """One thing that blocks an invoice."""

    code: str
    """Stable, UPPER_SNAKE."""
    message: str
    action: str


def reasons(provider: str, invoice: Invoice, facts: ExportFacts) -> tuple[ExportReason, ...]:
    """Return everything that keeps an invoice from being sent, worst first; nothing if it can go.

    :param provider: name of the provider, for the codes.
    """
    if invoice.stage is InvoiceStage.VOID:
        return (_void(),)
    checks = (
        _not_confirmed(invoice),
        _contact(provider, invoice, facts),
        _items(provider, invoice, facts),
        _tax(provider, invoice, facts),
        _freight(provider, invoice),
    )
    return tuple(reason for reason in checks if reason)


def contact_codes(provider: str) -> tuple[str, str, str]:
    """Return the codes of what keeps an invoice from being sent on account of its contact."""
    prefix = f"{provider.upper()}_EXPORT_CONTACT"
    return (f"{prefix}_MAPPING_REQUIRED", f"{prefix}_ARCHIVED", f"{prefix}_VANISHED")


def item_code(provider: str) -> str:
    """Return the code of an invoice whose products have no items."""
    return f"{provider.upper()}_EXPORT_ITEM_MAPPING_REQUIRED"


def tax_code(provider: str) -> str:
    """Return the code of an invoice whose tax codes have no tax types."""
    return f"{provider.upper()}_EXPORT_TAX_MAPPING_REQUIRED"


def unknown(identifier: str) -> ExportReason:
    """Return the reason against an invoice that is not there."""
    return ExportReason(
        code=UNKNOWN,
        message=f"There is no invoice {identifier}.",
        action="Name an invoice of this workspace.",
    )


def over_limit() -> ExportReason:
    """Return the reason against invoices beyond the most one push may name."""
    return ExportReason(
        code="BATCH_LIMIT_EXCEEDED",
        message=f"A push names at most {BATCH_LIMIT} invoices; this one is beyond that.",
        action="Push the rest separately, or push without naming any.",
    )


def _void() -> ExportReason:
    return ExportReason(
        code=VOID,
        message="The invoice is void.",
        action="Leave it out; a void invoice is never sent.",
    )


def _not_confirmed(invoice: Invoice) -> ExportReason | None:
    if invoice.stage is InvoiceStage.CONFIRMED:
        return None
    return ExportReason(
        code="INVOICE_NOT_CONFIRMED",
        message="The invoice is still a draft.",
        action="Confirm the invoice.",
    )


def _contact(provider: str, invoice: Invoice, facts: ExportFacts) -> ExportReason | None:
    title = facts.titles.get(invoice.customer_id, invoice.customer_id)
    not_mapped, archived, gone = contact_codes(provider)
    match facts.contact:
        case ContactStanding.MAPPED:
            return None
        case ContactStanding.ARCHIVED:
            return ExportReason(
                code=archived,
                message=f"The contact of customer {title} is archived.",
                action="Restore the contact there and sync contacts, or choose another customer.",
            )
        case ContactStanding.VANISHED:
            return ExportReason(
                code=gone,
                message=f"The contact of customer {title} is gone at the provider.",
                action="Remove the contact's mapping and assign another contact to the customer; "
                "or bring the contact back there and sync contacts with full_read.",
            )
        case ContactStanding.NOT_MAPPED:
            return ExportReason(
                code=not_mapped,
                message=f"Customer {title} is not mapped to a contact.",
                action="Sync contacts and settle what it reports about this customer, or assign "
                "a contact to it.",
            )


def _items(provider: str, invoice: Invoice, facts: ExportFacts) -> ExportReason | None:
    products = (line.product_id for line in invoice.lines if line.product_id)
    missing = _missing(products, facts.item_codes, facts.titles)
    if not missing:
        return None
    return ExportReason(
        code=item_code(provider),
        message=f"Not mapped to an item: {missing}.",
        action="Sync items and settle what it reports about these products, or assign items "
        "to them.",
    )


def _tax(provider: str, invoice: Invoice, facts: ExportFacts) -> ExportReason | None:
    if invoice.line_amounts is LineAmounts.NO_TAX:
        return None
    codes = [line.tax_code_id for line in invoice.lines]
    if invoice.has_freight:
        codes.append(invoice.freight.tax_code_id)
    missing = _missing((code or "" for code in codes), facts.tax_types, facts.titles)
    if not missing:
        return None
    return ExportReason(
        code=tax_code(provider),
        message=f"Not mapped to a tax type: {missing}.",
        action="Map a tax type to each of these tax codes.",
    )


def _freight(provider: str, invoice: Invoice) -> ExportReason | None:
    if invoice.freight.state is not FreightState.TO_BE_CONFIRMED:
        return None
    return ExportReason(
        code=f"FREIGHT_NOT_FINALIZED_FOR_{provider.upper()}_EXPORT",
        message="The freight is still to be confirmed.",
        action="Set the freight amount, or set that there is none.",
    )


def _missing(ids: Iterable[str], known: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Return what is not known, named for people; empty when everything is."""
    missing = list(dict.fromkeys(id_ for id_ in ids if id_ not in known))
    named = [titles.get(id_, id_) or "a line without a tax code" for id_ in missing[:_MOST_NAMED]]
    if len(missing) > _MOST_NAMED:
        named.append(f"{len(missing) - _MOST_NAMED} more")
    return ", ".join(named)
