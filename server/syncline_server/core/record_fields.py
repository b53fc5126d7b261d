"""The fields of our customers and products: what people call them, and whose they can be."""

from collections.abc import Mapping
from typing import Final

from syncline_sdk import RecordKind

OWNABLE: Final[Mapping[RecordKind, Mapping[str, str]]] = {
    RecordKind.CONTACT: {
        "name": "name",
        "code": "code",
        "email": "e-mail",
        "active": "active",
        "phone": "phone",
        "address": "address",
    },
    RecordKind.ITEM: {
        "sku": "SKU",
        "name": "name",
        "tax_code": "tax code",
        "stock_quantity": "stock quantity",
        "default_price": "default price",
    },
}
"""What people call the fields that a module can make its provider's, by kind and by the names that
modules declare: those that a record of the SDK can fill."""

ALWAYS_LOCAL: Final[Mapping[RecordKind, Mapping[str, str]]] = {
    RecordKind.CONTACT: {
        "contact_person": "contact person",
        "web_access": "order web access",
        "notes": "notes",
    },
    RecordKind.ITEM: {
        "category": "category",
        "active": "active",
        "out_of_stock": "out of stock",
        "zero_price_allowed": "zero price allowed",
        "unit_of_measure": "unit of measure",
    },
}
"""What people call the fields that no provider fills. Ids of a caller's own are not among them, as
people see none."""
