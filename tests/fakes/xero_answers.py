"""Xero's answers, written by hand for the tests of its plugin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import httpx

from syncline_sdk import LineAmounts, OutgoingInvoice, OutgoingLine, Plugin, Value
from syncline_sdk.specs import ModuleSpec
from syncline_sdk.testing import FakeRunContext, Step, answer
from syncline_xero import syncline_plugin

API = "https://api.xero.test/api.xro/2.0/"
ANSWERED = "/Date(1790831469000)/"
ANSWERED_MS = 1790831469000


def module(name: str) -> ModuleSpec:
    """Return the plugin's module with this name."""
    plugin: Plugin = syncline_plugin()
    return next(spec for spec in plugin.modules if spec.name == name)


def run_context(name: str, script: httpx.BaseTransport, **given: Value) -> FakeRunContext:
    """Return a context for the module; ``given`` are settings and options by name."""
    spec = module(name)
    settings = {o.name: given[o.name] for o in spec.settings if o.name in given}
    options = {o.name: given[o.name] for o in spec.options if o.name in given}
    return FakeRunContext.of(spec, script, api=API, settings=settings, options=options)


def listing(key: str, rows: Sequence[object], **pagination: int) -> dict[str, object]:
    """Return a list answer; without pagination members it has no ``pagination``."""
    body: dict[str, object] = {"Status": "OK", "DateTimeUTC": ANSWERED, key: list(rows)}
    return body | ({"pagination": pagination} if pagination else {})


def listed(key: str, rows: Sequence[object], **pagination: int) -> Step:
    """Return a step that answers with such a list."""
    return answer(json=listing(key, rows, **pagination))


def contact(number: int, **members: object) -> dict[str, object]:
    """Return a contact as a page carries it."""
    blank = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    return {
        "ContactID": f"contact-{number}",
        "Name": f"Kauri Cafe {number}",
        "ContactStatus": "ACTIVE",
        "EmailAddress": f"books{number}@kauri.example",
        "Addresses": [
            {"AddressType": "STREET", "AddressLine1": "1 Rata Street", "City": "Nelson"},
            {"AddressType": "POBOX", "AddressLine1": "PO Box 12", "AttentionTo": "Mia"},
        ],
        "Phones": [
            {"PhoneType": "DDI", **blank},
            {
                "PhoneType": "DEFAULT",
                "PhoneNumber": "5550134",
                "PhoneAreaCode": "3",
                "PhoneCountryCode": "64",
            },
            {"PhoneType": "MOBILE", **blank, "PhoneNumber": "021 555"},
            {"PhoneType": "FAX", **blank},
        ],
    } | members


def outgoing(number: str = "OV-1", **changes: object) -> OutgoingInvoice:
    """Return an invoice to send: two mugs, 37.00 and 15 % tax."""
    values: dict[str, object] = {
        "attempt_id": f"attempt-{number}",
        "idempotency_key": f"key-{number}",
        "number": number,
        "contact_id": "contact-1",
        "currency": "NZD",
        "invoice_date": date(2026, 10, 1),
        "due_date": date(2026, 10, 20),
        "line_amounts": LineAmounts.EXCLUSIVE,
        "reference": "Order 7",
        "lines": (
            OutgoingLine(
                description="Blue mug",
                quantity=Decimal(2),
                unit_amount=Decimal("18.50"),
                discount_rate=Decimal(0),
                tax_type="OUTPUT2",
                item_code="MUG",
            ),
        ),
        "total": Decimal("42.55"),
    }
    return OutgoingInvoice(**(values | changes))  # type: ignore[arg-type]  # built by name


def invoice(number: object = "OV-1", **members: object) -> dict[str, object]:
    """Return what Xero holds after :func:`outgoing` with this number was created."""
    return {
        "InvoiceID": f"invoice-{number}",
        "InvoiceNumber": number,
        "Type": "ACCREC",
        "Status": "DRAFT",
        "Contact": {"ContactID": "contact-1", "Name": "Kauri Cafe 1"},
        "CurrencyCode": "NZD",
        "Reference": "Order 7",
        "Date": "/Date(1790812800000+0000)/",
        "DateString": "2026-10-01T00:00:00",
        "DueDate": "/Date(1792454400000+0000)/",
        "SubTotal": 37.00,
        "TotalTax": 5.55,
        "Total": 42.55,
        "AmountDue": 42.55,
        "AmountPaid": 0.00,
        "AmountCredited": 0.00,
        "UpdatedDateUTC": "/Date(1790831469000+0000)/",
        "LineItems": [
            {
                "Description": "Blue mug",
                "Quantity": 2.0000,
                "UnitAmount": 18.5000,
                "LineAmount": 37.00,
                "TaxAmount": 5.55,
                "TaxType": "OUTPUT2",
                "ItemCode": "MUG",
                "AccountCode": "200",
            }
        ],
    } | members


def created(number: str = "OV-1", **members: object) -> dict[str, object]:
    """Return the element of a write reply for an invoice that was saved."""
    return invoice(number, StatusAttributeString="OK", HasErrors=False, **members)


def refused(number: str, *messages: str, **members: object) -> dict[str, object]:
    """Return the element of a write reply for an invoice that was not saved."""
    return {
        "InvoiceID": "00000000-0000-0000-0000-000000000000",
        "InvoiceNumber": number,
        "HasErrors": True,
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": message} for message in messages],
    } | members
