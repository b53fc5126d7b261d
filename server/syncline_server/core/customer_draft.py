"""A customer as a caller writes it."""

from collections.abc import Collection
from dataclasses import dataclass

from syncline_sdk import Address
from syncline_server.core.checks import Checks
from syncline_server.core.records import Customer

FIELDS = (
    "code",
    "display_name",
    "email",
    "phone",
    "address",
    "active",
    "contact_person",
    "web_access",
    "notes",
    "external_id",
)
"""What a caller can set."""

ID = "id"
"""Beside the fields on creation."""

MOST_ADDRESS_LINES = 4

_TEXTS = {
    "code": 50,
    "display_name": 255,
    "email": 255,
    "phone": 100,
    "contact_person": 255,
    "notes": 4_000,
}
_LONGEST_ADDRESS_PART = 255


@dataclass(frozen=True, kw_only=True)
class CustomerDraft:
    """The fields of a customer as they came, unchecked."""

    workspace: str
    id: str = ""
    code: str = ""
    display_name: str = ""
    email: str = ""
    phone: str = ""
    address: Address | None = None
    active: bool = True
    contact_person: str = ""
    web_access: bool = False
    notes: str = ""
    external_id: str = ""
    etag: str = ""


def read(draft: CustomerDraft, fields: Collection[str]) -> dict[str, object]:
    """Return the values of these fields of the record.

    :raises InvalidArgument: with everything that is wrong with them.
    """
    checks = Checks("customer")
    values = {field: _read(draft, field, checks) for field in (ID, *FIELDS) if field in fields}
    checks.refuse()
    return values


def changed(before: Customer, after: Customer) -> set[str]:
    """Return the fields whose values differ."""
    return {field for field in FIELDS if getattr(before, field) != getattr(after, field)}


def _read(draft: CustomerDraft, field: str, checks: Checks) -> object:
    if field == ID:
        return checks.identifier(draft.id)
    if field == "external_id":
        return checks.external_id(draft.external_id)
    if field == "address":
        return _address(draft.address, checks)
    value = getattr(draft, field)
    if field in _TEXTS:
        return checks.text(field, value, _TEXTS[field], required=field == "display_name")
    return value


def _address(address: Address | None, checks: Checks) -> Address | None:
    if address is None or not any(address):
        return None
    if len(address.lines) > MOST_ADDRESS_LINES:
        checks.wrong("address.lines", f"must have at most {MOST_ADDRESS_LINES} elements")
    lines = tuple(
        checks.text(f"address.lines[{index}]", line, _LONGEST_ADDRESS_PART)
        for index, line in enumerate(address.lines)
    )
    parts = {
        name: checks.text(f"address.{name}", getattr(address, name), _LONGEST_ADDRESS_PART)
        for name in ("city", "region", "postal_code", "country", "attention_to")
    }
    return Address(lines=lines, **parts)
