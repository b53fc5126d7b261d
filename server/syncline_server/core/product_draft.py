"""A product as a caller writes it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from syncline_server.core.checks import Checks, Limits, Shelf
from syncline_server.core.records import Product

FIELDS = (
    "sku",
    "display_name",
    "tax_code",
    "stock_quantity",
    "default_price",
    "category",
    "active",
    "out_of_stock",
    "zero_price_allowed",
    "unit_of_measure",
    "external_id",
)
"""What a caller can set."""

ID = "id"
"""Beside the fields on creation."""

_TEXTS = {"sku": 50, "display_name": 255, "category": 100, "unit_of_measure": 50}
_REQUIRED = ("sku", "display_name")
_LARGEST = Decimal(999_999_999)
_NUMBERS = {
    "stock_quantity": Limits(low=-_LARGEST, high=_LARGEST),
    "default_price": Limits(low=Decimal(0), high=_LARGEST),
}


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """The fields of a product as they came, unchecked."""

    workspace: str
    id: str = ""
    sku: str = ""
    display_name: str = ""
    tax_code: str = ""
    """Resource name."""
    stock_quantity: str = ""
    default_price: str = ""
    category: str = ""
    active: bool = True
    out_of_stock: bool = False
    zero_price_allowed: bool = False
    unit_of_measure: str = ""
    external_id: str = ""
    etag: str = ""


def read(
    draft: ProductDraft, fields: Collection[str], tax_codes: Collection[str]
) -> dict[str, object]:
    """Return the values of these fields, by the names the record has for them.

    :param tax_codes: ids of the tax codes that are there.
    :raises InvalidArgument: with everything that is wrong with them.
    """
    checks = Checks("product")
    values: dict[str, object] = {}
    for field in (ID, *FIELDS):
        if field == "tax_code" and field in fields:
            shelf = Shelf(draft.workspace, "taxCodes")
            values["tax_code_id"] = checks.reference(field, draft.tax_code, shelf, tax_codes)
        elif field in fields:
            values[field] = _read(draft, field, checks)
    checks.refuse()
    return values


def changed(before: Product, after: Product) -> set[str]:
    """Return the fields whose values differ, as they are called on the wire."""
    names = {"tax_code": "tax_code_id"}
    return {
        field
        for field in FIELDS
        if getattr(before, names.get(field, field)) != getattr(after, names.get(field, field))
    }


def _read(draft: ProductDraft, field: str, checks: Checks) -> object:
    value = getattr(draft, field)
    if field == ID:
        return checks.identifier(value)
    if field == "external_id":
        return checks.external_id(value)
    if field in _TEXTS:
        return checks.text(field, value, _TEXTS[field], required=field in _REQUIRED)
    if field in _NUMBERS:
        return checks.number(field, value, _NUMBERS[field])
    return value
