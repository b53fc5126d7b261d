"""The simulator's answers against Xero's published OpenAPI schema.

Where they differ on purpose: the schema (16.1.0) has no `UpdatedDateUTCString`, which the live
service added in July 2026; it allows members it does not know, so that needs no exception here.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from simulator_driver import SimulatorDriver
from syncline_xero_simulator import SigningKey

_FOLDER = os.environ.get("XERO_OPENAPI_DIR", "")
pytestmark = pytest.mark.skipif(
    not (_FOLDER and Path(_FOLDER).is_dir()),
    reason="XERO_OPENAPI_DIR does not name the folder with Xero's OpenAPI files",
)


class Schema:
    """One OpenAPI file."""

    def __init__(self, name: str) -> None:
        with (Path(_FOLDER) / name).open(encoding="utf-8") as file:
            self.document: dict[str, Any] = yaml.load(file, yaml.CSafeLoader)
        resource = Resource.from_contents(self.document, default_specification=DRAFT4)
        self._registry = Registry().with_resource("urn:xero", resource)

    def errors(self, name: str, value: object) -> list[str]:
        """Return where a value leaves the schema called `name`."""
        old = str(self.document.get("openapi", "")).startswith("3.0")
        validator = (OAS30ReadValidator if old else OAS31Validator)(
            {"$ref": f"urn:xero#/components/schemas/{name}"}, registry=self._registry
        )
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in validator.iter_errors(value)
        ]


@pytest.fixture(scope="module")
def accounting() -> Schema:
    """Return the accounting schema; reading it takes a second or two."""
    return Schema("xero_accounting.yaml")


@pytest.fixture(scope="module")
def driver() -> SimulatorDriver:
    """Return a connected simulator that holds a paid invoice and a refused one's answer."""
    found = SimulatorDriver(SigningKey.generate())
    found.connect("Harbour Goods Ltd")
    found.put_invoice(InvoiceNumber="OV-1", DueDate="2026-10-20", Url="https://shop.example/1")
    found.control_organisation("POST", "invoices/OV-1/approve")
    found.control_organisation("POST", "invoices/OV-1/pay", {})
    return found


@pytest.mark.parametrize(
    ("path", "collection", "schema"),
    [
        ("Contacts?page=1", "Contacts", "Contact"),
        ("Contacts", "Contacts", "Contact"),
        ("Contacts?summaryOnly=true", "Contacts", "Contact"),
        ("Items", "Items", "Item"),
        ("TaxRates", "TaxRates", "TaxRate"),
        ("Accounts", "Accounts", "Account"),
        ("Currencies", "Currencies", "Currency"),
        ("BrandingThemes", "BrandingThemes", "BrandingTheme"),
        ("Organisation", "Organisations", "Organisation"),
        ("Organisation/Actions", "Actions", "Action"),
        ("Invoices", "Invoices", "Invoice"),
        ("Invoices?page=1", "Invoices", "Invoice"),
        ("Invoices/OV-1", "Invoices", "Invoice"),
        ("Payments", "Payments", "Payment"),
    ],
)
def test_every_record_fits_the_schema(
    driver: SimulatorDriver, accounting: Schema, path: str, collection: str, schema: str
) -> None:
    """Every record of every collection is valid under Xero's own schema."""
    records = driver.get(path)[collection]

    assert records
    assert [error for record in records for error in accounting.errors(schema, record)] == []


def test_every_member_is_one_of_the_schema(driver: SimulatorDriver, accounting: Schema) -> None:
    """No member is invented, the string twin of the stamp excepted."""
    known = accounting.document["components"]["schemas"]
    for path, collection, schema in (
        ("Contacts?page=1", "Contacts", "Contact"),
        ("Items", "Items", "Item"),
        ("TaxRates", "TaxRates", "TaxRate"),
        ("Accounts", "Accounts", "Account"),
        ("Organisation", "Organisations", "Organisation"),
        ("Invoices/OV-1", "Invoices", "Invoice"),
        ("Payments", "Payments", "Payment"),
    ):
        members = {name for record in driver.get(path)[collection] for name in record}
        newer = {"UpdatedDateUTCString", "DateString", "DueDateString"}

        assert set() == members - set(known[schema]["properties"]) - newer, schema


def test_the_errors_of_a_refusal_fit_the_schema(
    driver: SimulatorDriver, accounting: Schema
) -> None:
    """A validation exception is the Error of the schema, elements included."""
    refused = driver.call("PUT", "Invoices", driver.draft(InvoiceNumber="OV-1"))

    assert refused.status_code == 400
    assert accounting.errors("Error", refused.json()) == []


def test_the_schema_refuses_what_does_not_fit(accounting: Schema) -> None:
    """The check itself finds a wrong type and an unknown enum value, nested ones too."""
    wrong = {"Type": "NOSUCH", "Contact": {"Phones": [{"PhoneType": 5}]}}

    assert len(accounting.errors("Invoice", wrong)) >= 2


def test_connections_fit_the_identity_schema(driver: SimulatorDriver) -> None:
    """Each connection is the Connection of the identity schema."""
    identity = Schema("xero-identity.yaml")

    assert [
        error for found in driver.connections() for error in identity.errors("Connection", found)
    ] == []


def test_webhook_bodies_fit_the_webhook_schema(driver: SimulatorDriver) -> None:
    """A delivered body is the payload of the webhooks schema."""
    driver.control(
        "POST", "webhooks", {"url": "http://receiver.example/", "key": "k", "held": True}
    )
    driver.put_invoice(InvoiceNumber="OV-2")
    driver.control("POST", "webhooks/deliver")
    body = json.loads(driver.posts[-1][1])

    assert len(body["events"]) == 1
    assert Schema("xero-webhooks.yaml").errors("WebhookEvent", body) == []
