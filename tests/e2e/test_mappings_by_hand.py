"""What a pull cannot decide, settled by a person, on real processes with the simulated Xero."""

import pytest

from local_stack import LocalStack
from setting_up import finish, map_taxes
from syncline.v1.customer_pb2 import Customer
from syncline.v1.invoice_pb2 import Invoice, InvoiceLine
from syncline.v1.mapping_pb2 import (
    RECORD_MAPPING_STATE_AMBIGUOUS,
    RECORD_MAPPING_STATE_MAPPED,
    AssignContactMappingRequest,
    ContactMapping,
    ListContactMappingsRequest,
)
from syncline.v1.record_pb2 import (
    ConfirmInvoiceRequest,
    CreateCustomerRequest,
    CreateInvoiceRequest,
    PreflightInvoicesRequest,
    PreflightInvoicesResponse,
)
from syncline.v1.run_pb2 import Run
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
ADDRESS = "accounts@kauri.example"


def test_ambiguous_contact_settled_by_hand_lets_its_invoice_go(stack: LocalStack) -> None:
    """Two customers fit a contact: a person chooses, and only then the invoice is pushed."""
    workspace = stack.connected("doubt", contacts=3, items=1)
    customers = [_customer(workspace, id_) for id_ in ("kauri-north", "kauri-south")]
    doubtful = _pulled_into_doubt(stack, workspace)
    invoice = _confirmed_invoice(workspace, customers[0])
    (before,) = _preflight(workspace, invoice).results

    request = AssignContactMappingRequest(
        name=doubtful.name, customer=customers[0], etag=doubtful.etag
    )
    settled = workspace.client.mappings.AssignContactMapping(request).contact_mapping
    after = _preflight(workspace, invoice)
    pushed = finish(workspace, "invoice_push")

    assert sorted(doubtful.candidates) == customers
    assert [each.code for each in before.reasons] == ["XERO_EXPORT_CONTACT_MAPPING_REQUIRED"]
    assert settled.state == RECORD_MAPPING_STATE_MAPPED
    assert settled.customer_display_name == "Customer kauri-north"
    assert (_doubtful(workspace), after.eligible_count) == ([], 1)
    assert (pushed.state, pushed.counts.created) == (Run.STATE_SUCCEEDED, 1)
    assert [link.invoice for link in workspace.links()] == [invoice]
    assert stack.simulator.invoice("doubt", "DOUBT-1")["Contact"]["Name"] == "Kauri Traders"


def _pulled_into_doubt(stack: LocalStack, workspace: Workspace) -> ContactMapping:
    """Complete the chain with a contact that both customers fit; return its mapping."""
    contact = {"Name": "Kauri Traders", "EmailAddress": ADDRESS}
    stack.control("POST", f"/organisations/{workspace.id}/contacts", contact)
    workspace.set_toggles(invoices=True)
    finish(workspace, "tax_rates")
    map_taxes(workspace)
    pulled = finish(workspace, "contacts")
    finish(workspace, "items")
    assert [each.code for each in workspace.issues(pulled)] == ["CONTACT_AMBIGUOUS"]
    (doubtful,) = _doubtful(workspace)
    return doubtful


def _customer(workspace: Workspace, id_: str) -> str:
    customer = Customer(display_name=f"Customer {id_}", email=ADDRESS)
    request = CreateCustomerRequest(parent=workspace.name, customer=customer, customer_id=id_)
    return workspace.client.records.CreateCustomer(request).customer.name


def _doubtful(workspace: Workspace) -> list[ContactMapping]:
    request = ListContactMappingsRequest(
        parent=workspace.connection, states=[RECORD_MAPPING_STATE_AMBIGUOUS]
    )
    return list(workspace.client.mappings.ListContactMappings(request).contact_mappings)


def _confirmed_invoice(workspace: Workspace, customer: str) -> str:
    tax_code = next(each.tax_code for each in workspace.tax_mappings() if each.tax_code)
    line = InvoiceLine(description="Planks", quantity="2", unit_price="19.95", tax_code=tax_code)
    invoice = Invoice(
        number="DOUBT-1",
        customer=customer,
        currency_code="NZD",
        invoice_date="2026-10-01",
        line_amounts=Invoice.LINE_AMOUNTS_EXCLUSIVE,
        lines=[line],
    )
    records = workspace.client.records
    request = CreateInvoiceRequest(parent=workspace.name, invoice=invoice)
    name = records.CreateInvoice(request).invoice.name
    return records.ConfirmInvoice(ConfirmInvoiceRequest(name=name)).invoice.name


def _preflight(workspace: Workspace, invoice: str) -> PreflightInvoicesResponse:
    request = PreflightInvoicesRequest(connection=workspace.connection, invoices=[invoice])
    return workspace.client.records.PreflightInvoices(request)
