"""Bringing a connected workspace to where invoices can be pushed, through the API."""

from urllib.parse import parse_qs, urlsplit

from local_stack import LocalStack
from syncline.v1.integration_pb2 import CompleteConnectionRequest, TriggerSyncRequest
from syncline.v1.invoice_pb2 import Invoice, InvoiceLine
from syncline.v1.mapping_pb2 import (
    BatchUpdateTaxMappingsRequest,
    TaxMapping,
    UpdateTaxMappingRequest,
)
from syncline.v1.record_pb2 import ConfirmInvoiceRequest, CreateInvoiceRequest, CreateTaxCodeRequest
from syncline.v1.run_pb2 import Run
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_demo.story.workspace import Workspace


def connect(stack: LocalStack, workspace: Workspace, organisation: str) -> None:
    """Connect a workspace to an organisation that is there, with neither browser nor console."""
    address = workspace.start_connection(stack.settings.redirect_uri)
    landing = stack.simulator.approve_access(address, organisation)
    given = parse_qs(urlsplit(landing).query)
    request = CompleteConnectionRequest(state=given["state"][0], code=given["code"][0])
    stack.client.integrations.CompleteConnection(request)


def finish(workspace: Workspace, module: str, **wishes: bool) -> Run:
    """Run a module to its end and return the run.

    :param wishes: further fields of the request, such as ``full_read``.
    """
    request = TriggerSyncRequest(connection=workspace.connection, module=module, **wishes)
    started = workspace.client.integrations.TriggerSync(request).run
    *_, ended = workspace.watch(started)
    if ended.state not in (Run.STATE_SUCCEEDED, Run.STATE_PARTIAL):
        raise AssertionError(f"{module} ended as {Run.State.Name(ended.state)}: {ended.error}")
    return ended


def set_up_chain(workspace: Workspace) -> None:
    """Turn everything on, and complete the chain up to the invoices."""
    workspace.set_toggles(invoices=True)
    finish(workspace, "tax_rates")
    map_taxes(workspace)
    finish(workspace, "contacts")
    finish(workspace, "items")


def map_taxes(workspace: Workspace) -> None:
    """Map every tax type that sales use to a tax code of its own, and settle the others."""
    requests = []
    for mapping in workspace.tax_mappings():
        chosen = TaxMapping(name=mapping.name)
        if mapping.active and mapping.applies_to_sales:
            chosen.tax_code = _tax_code(workspace, mapping)
        else:
            chosen.not_used = True
        requests.append(UpdateTaxMappingRequest(tax_mapping=chosen))
    workspace.client.mappings.BatchUpdateTaxMappings(
        BatchUpdateTaxMappingsRequest(parent=workspace.connection, requests=requests)
    )


def _tax_code(workspace: Workspace, mapping: TaxMapping) -> str:
    code = TaxCode(code=mapping.tax_type, display_name=mapping.title, rate=mapping.rate)
    request = CreateTaxCodeRequest(parent=workspace.name, tax_code=code)
    return workspace.client.records.CreateTaxCode(request).tax_code.name


def confirmed_invoices(workspace: Workspace, count: int) -> list[Invoice]:
    """Create and confirm invoices of one line for synced customers and products."""
    customers, products = workspace.customers(), workspace.products()
    taxed = [product for product in products if product.tax_code]
    records = workspace.client.records
    made = []
    for number in range(count):
        product = taxed[number % len(taxed)]
        draft = Invoice(
            number=f"{workspace.id}-{number}",
            customer=customers[number % len(customers)].name,
            currency_code="NZD",
            invoice_date="2026-10-01",
            line_amounts=Invoice.LINE_AMOUNTS_EXCLUSIVE,
            lines=[
                InvoiceLine(
                    product=product.name,
                    quantity="2",
                    unit_price="19.95",
                    tax_code=product.tax_code,
                )
            ],
        )
        created = records.CreateInvoice(CreateInvoiceRequest(parent=workspace.name, invoice=draft))
        confirm = ConfirmInvoiceRequest(name=created.invoice.name)
        made.append(records.ConfirmInvoice(confirm).invoice)
    return made
