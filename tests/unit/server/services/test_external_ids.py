from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bookkeeping import ready_to_push
from running import nobody, noon, numbered_ids
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import AlreadyExists, InvalidArgument
from syncline_server.core.invoice_draft import InvoiceDraft, LineDraft
from syncline_server.core.listing import InvoiceFilter, RecordFilter
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.services.customers import Customers
from syncline_server.services.invoices import Invoices
from syncline_server.services.products import Products
from syncline_server.services.tax_codes import TaxCodes
from syncline_server.storage.database import Database

Make = Callable[[Database], Any]
NO_TAX = InvoiceDraft(
    workspace="acme",
    customer="workspaces/acme/customers/kerr",
    currency_code="NZD",
    invoice_date="2026-10-01",
    line_amounts="NO_TAX",
    lines=(LineDraft(description="Work", quantity="1", unit_price="1"),),
)
KINDS = [
    pytest.param(
        lambda database: Customers(database, noon, numbered_ids(), nobody),
        [CustomerDraft(workspace="acme", id=id_, display_name=id_) for id_ in "ab"],
        RecordFilter(external_id="E1"),
        id="customers",
    ),
    pytest.param(
        lambda database: Products(database, noon, numbered_ids(), nobody),
        [ProductDraft(workspace="acme", id=id_, sku=id_, display_name=id_) for id_ in "ab"],
        RecordFilter(external_id="E1"),
        id="products",
    ),
    pytest.param(
        lambda database: TaxCodes(database, noon, numbered_ids(), nobody),
        [
            TaxCodeDraft(workspace="acme", id=id_, code=id_, display_name=id_, rate="1")
            for id_ in "ab"
        ],
        RecordFilter(external_id="E1"),
        id="taxCodes",
    ),
    pytest.param(
        lambda database: Invoices(database, noon, numbered_ids()),
        [replace(NO_TAX, id=id_, number=id_) for id_ in "ab"],
        InvoiceFilter(external_id="E1"),
        id="invoices",
    ),
]


@pytest.mark.parametrize(("make", "drafts", "wanted"), KINDS)
def test_external_id_is_unique_among_records_of_a_kind(
    database: Database, make: Make, drafts: list[Any], wanted: object
) -> None:
    """On creation and on change a clash names the holder; giving it up frees it."""
    ready_to_push(database)
    service, (first, second) = make(database), drafts
    service.create(replace(first, external_id="E1"))

    with pytest.raises(AlreadyExists) as creating:
        service.create(replace(second, external_id="E1"))
    service.create(second)
    with pytest.raises(AlreadyExists) as changing:
        service.update(replace(second, external_id="E1"), {"external_id"})
    service.update(replace(first, external_id=""), {"external_id"})
    service.update(replace(second, external_id="E1"), {"external_id"})

    assert creating.value.resource == changing.value.resource
    assert creating.value.resource.endswith("/a")
    (found,) = service.page("acme", wanted, "", 10)
    assert getattr(found, "record", None) or found.invoice
    assert (getattr(found, "record", None) or found.invoice).id == "b"


@pytest.mark.parametrize(("make", "drafts", "wanted"), KINDS)
def test_external_id_is_checked(
    database: Database, make: Make, drafts: list[Any], wanted: object
) -> None:
    """A malformed one is refused by its path; any number of records may have none."""
    ready_to_push(database)
    service, (first, second) = make(database), drafts

    with pytest.raises(InvalidArgument) as refusal:
        service.create(replace(first, external_id="no\nline"))
    service.create(first)
    service.create(second)

    assert [each.field.rpartition(".")[2] for each in refusal.value.violations] == ["external_id"]
    assert service.page("acme", wanted, "", 10) == []
