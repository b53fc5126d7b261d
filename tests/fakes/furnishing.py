"""Workspaces with something to look at on every page: made through the API, as callers would."""

from collections.abc import Sequence
from urllib.parse import quote

from local_stack import LocalStack
from setting_up import confirmed_invoices, connect, finish, map_taxes
from syncline.v1.customer_pb2 import Customer
from syncline.v1.integration_pb2 import InvoicePushOptions, TriggerSyncRequest
from syncline.v1.invoice_pb2 import Freight, Invoice, InvoiceLine
from syncline.v1.mapping_pb2 import (
    BatchUpdateTaxMappingsRequest,
    TaxMapping,
    UpdateTaxMappingRequest,
)
from syncline.v1.record_pb2 import (
    ConfirmInvoiceRequest,
    CreateCustomerRequest,
    CreateInvoiceRequest,
    CreateTaxCodeRequest,
    UpdateInvoiceRequest,
)
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_demo.story.workspace import Workspace

DOUBTFUL = "Kauri Traders"
"""A contact that two customers fit."""
_ADDRESS = "accounts@kauri.example"


def add_tax_codes(workspace: Workspace) -> None:
    """Create the tax codes of a shop in New Zealand."""
    for code, title, rate in (
        ("GST", "GST on sales", "15"),
        ("ZERO", "Zero rated", "0"),
        ("EXEMPT", "No GST", "0"),
        ("OLD", "GST before 2010", "12.5"),
    ):
        request = CreateTaxCodeRequest(
            parent=workspace.name,
            tax_code_id=code.lower(),
            tax_code=TaxCode(code=code, display_name=title, rate=rate),
        )
        workspace.client.records.CreateTaxCode(request)


def add_doubt(stack: LocalStack, workspace: Workspace, organisation: str) -> None:
    """Have a contact in Xero that two customers of the workspace fit."""
    contact = {"Name": DOUBTFUL, "EmailAddress": _ADDRESS}
    stack.control("POST", f"/organisations/{organisation}/contacts", contact)
    for id_, title in (("kauri-north", "Kauri Traders North"), ("kauri-south", "Kauri Ltd")):
        customer = Customer(display_name=title, email=_ADDRESS)
        request = CreateCustomerRequest(parent=workspace.name, customer=customer, customer_id=id_)
        workspace.client.records.CreateCustomer(request)


def add_doubtful_invoice(workspace: Workspace) -> str:
    """Confirm an invoice for one of the customers in doubt; return its number."""
    tax_code = next(each.tax_code for each in workspace.tax_mappings() if each.tax_code)
    line = InvoiceLine(description="Planks", quantity="2", unit_price="19.95", tax_code=tax_code)
    draft = Invoice(
        number=f"{workspace.id}-doubt",
        customer=f"{workspace.name}/customers/kauri-north",
        currency_code="NZD",
        invoice_date="2026-10-01",
        line_amounts=Invoice.LINE_AMOUNTS_EXCLUSIVE,
        lines=[line],
    )
    records = workspace.client.records
    request = CreateInvoiceRequest(parent=workspace.name, invoice=draft)
    made = records.CreateInvoice(request).invoice
    return records.ConfirmInvoice(ConfirmInvoiceRequest(name=made.name)).invoice.number


def set_freight(workspace: Workspace, invoice: Invoice, freight: Freight) -> None:
    """Say what delivery of an invoice costs, or that it is not known yet."""
    changed = Invoice(name=invoice.name, freight=freight)
    workspace.client.records.UpdateInvoice(UpdateInvoiceRequest(invoice=changed))


def connected(stack: LocalStack, id_: str) -> Workspace:
    """Return a workspace that is connected to a small organisation of its name, and no more."""
    stack.simulator.organisation(id_, country="NZ", contacts=3, items=1)
    workspace = Workspace(client=stack.client, id=id_)
    connect(stack, workspace, id_)
    return workspace


def half_way(stack: LocalStack, id_: str, organisation: str) -> Workspace:
    """Return a workspace that wants everything synced, and has a few tax rates left to map."""
    workspace = Workspace(client=stack.client, id=id_)
    connect(stack, workspace, organisation)
    add_tax_codes(workspace)
    workspace.set_toggles(invoices=True)
    finish(workspace, "tax_rates")
    requests = [
        UpdateTaxMappingRequest(tax_mapping=TaxMapping(name=each.name, tax_code=each.suggestion))
        for each in workspace.tax_mappings()
        if each.suggestion
    ]
    workspace.client.mappings.BatchUpdateTaxMappings(
        BatchUpdateTaxMappingsRequest(parent=workspace.connection, requests=requests[:1])
    )
    return workspace


def furnished(stack: LocalStack, id_: str) -> Workspace:
    """Return a workspace that has been used: doubts, issues, invoices sent, paid and changed."""
    workspace = Workspace(client=stack.client, id=id_)
    stack.simulator.organisation(id_, country="NZ", contacts=60, items=12)
    connect(stack, workspace, id_)
    add_doubt(stack, workspace, id_)
    workspace.set_toggles(invoices=True)
    finish(workspace, "tax_rates")
    map_taxes(workspace)
    finish(workspace, "contacts")
    finish(workspace, "items")
    made = confirmed_invoices(workspace, 8)
    set_freight(workspace, made[0], Freight(state=Freight.STATE_TO_BE_CONFIRMED))
    add_doubtful_invoice(workspace)
    push(workspace, made[:6])
    change_in_xero(stack, id_, made[4].number)
    stack.simulator.approve(id_, made[5].number)
    stack.simulator.pay(id_, made[5].number)
    finish(workspace, "invoice_pull")
    return workspace


def push(workspace: Workspace, invoices: Sequence[Invoice]) -> None:
    """Push these invoices, and wait until that is done."""
    request = TriggerSyncRequest(
        connection=workspace.connection,
        module="invoice_push",
        invoice_push=InvoicePushOptions(invoices=[each.name for each in invoices]),
    )
    started = workspace.client.integrations.TriggerSync(request).run
    for _ in workspace.watch(started):
        pass


def change_in_xero(stack: LocalStack, organisation: str, number: str) -> None:
    """Have somebody in Xero change the quantity of an invoice's first line."""
    path = f"/organisations/{quote(organisation, safe='')}/invoices/{quote(number, safe='')}"
    lines = stack.control("GET", path)["LineItems"]
    first = {**lines[0], "Quantity": "3", "LineAmount": None, "TaxAmount": None}
    stack.control("POST", path, {"LineItems": [first, *lines[1:]]})
