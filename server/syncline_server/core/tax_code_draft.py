"""A tax code as a caller writes it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from syncline_server.core.checks import Checks, Limits

FIELDS = ("code", "display_name", "rate", "active", "external_id")
"""What a caller can set."""

ID = "id"
"""Beside the fields on creation."""

_RATE = Limits(low=Decimal(0), high=Decimal(100))


@dataclass(frozen=True, kw_only=True)
class TaxCodeDraft:
    """The fields of a tax code as they came, unchecked."""

    workspace: str
    id: str = ""
    code: str = ""
    display_name: str = ""
    rate: str = ""
    active: bool = True
    external_id: str = ""
    etag: str = ""


def read(draft: TaxCodeDraft, fields: Collection[str]) -> dict[str, object]:
    """Return the values of these fields of the record.

    :raises InvalidArgument: with everything that is wrong with them.
    """
    checks = Checks("tax_code")
    values = {field: _read(draft, field, checks) for field in (ID, *FIELDS) if field in fields}
    checks.refuse()
    return values


def _read(draft: TaxCodeDraft, field: str, checks: Checks) -> object:
    match field:
        case "id":
            return checks.identifier(draft.id)
        case "code":
            return checks.text(field, draft.code, 50, required=True)
        case "display_name":
            return checks.text(field, draft.display_name, 255, required=True)
        case "rate":
            return checks.required_number(field, draft.rate, _RATE)
        case "external_id":
            return checks.external_id(draft.external_id)
        case _:
            return draft.active
