"""One workspace and its connection to Xero, through the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask

from syncline.v1 import (
    customer_pb2,
    integration_pb2,
    invoice_pb2,
    mapping_pb2,
    product_pb2,
    record_pb2,
    run_pb2,
)
from syncline_client import Client

_PAGE = 1000
_SLOW_SECONDS = 60.0
"""For calls behind which Xero is asked."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A workspace, by its id; every method is a call or two."""

    client: Client
    id: str

    @property
    def name(self) -> str:
        """Its resource name."""
        return f"workspaces/{self.id}"

    @property
    def connection(self) -> str:
        """The resource name of its connection to Xero."""
        return f"{self.name}/connections/xero"

    def start_connection(self, redirect_uri: str) -> str:
        """Begin connecting; return the address where a person approves access."""
        request = integration_pb2.StartConnectionRequest(
            parent=self.name, provider="xero", redirect_uri=redirect_uri
        )
        answer = self.client.integrations.StartConnection(request)
        return answer.authorization_url

    def get_connection(self) -> integration_pb2.Connection:
        """Return the connection as it is now."""
        request = integration_pb2.GetConnectionRequest(name=self.connection)
        return self.client.integrations.GetConnection(request).connection

    def disconnect(self) -> integration_pb2.Connection:
        """End the connection."""
        request = integration_pb2.DisconnectRequest(name=self.connection)
        answer = self.client.integrations.Disconnect(request, timeout=_SLOW_SECONDS)
        return answer.connection

    def modules(self) -> integration_pb2.ListModulesResponse:
        """Return the whole chain."""
        request = integration_pb2.ListModulesRequest(parent=self.connection)
        return self.client.integrations.ListModules(request)

    def node(self, id_: str) -> integration_pb2.Node:
        """Return one node of the chain."""
        return next(node for node in self.modules().modules if node.id == id_)

    def set_toggles(self, **toggles: bool) -> integration_pb2.UpdateSettingsResponse:
        """Turn toggles on or off."""
        settings = integration_pb2.Settings(name=f"{self.connection}/settings", toggles=toggles)
        mask = FieldMask(paths=[f"toggles.{id_}" for id_ in toggles])
        request = integration_pb2.UpdateSettingsRequest(settings=settings, update_mask=mask)
        return self.client.integrations.UpdateSettings(request)

    def set_options(self, **options: str | bool) -> integration_pb2.UpdateSettingsResponse:
        """Set options of modules."""
        settings = integration_pb2.Settings(name=f"{self.connection}/settings")
        settings.options.update(options)
        mask = FieldMask(paths=[f"options.{id_}" for id_ in options])
        request = integration_pb2.UpdateSettingsRequest(settings=settings, update_mask=mask)
        return self.client.integrations.UpdateSettings(request)

    def trigger(self, module: str) -> run_pb2.Run:
        """Start a run of a module."""
        request = integration_pb2.TriggerSyncRequest(
            connection=self.connection, module=module, request_id=str(uuid4())
        )
        return self.client.integrations.TriggerSync(request).run

    def watch(self, run: run_pb2.Run) -> Iterator[run_pb2.Run]:
        """Yield a run each time it changes, until it has ended."""
        for answer in self.client.runs.WatchRun(run_pb2.WatchRunRequest(name=run.name)):
            yield answer.run

    def issues(self, run: run_pb2.Run) -> list[run_pb2.RunIssue]:
        """Return the first issues of a run."""
        request = run_pb2.ListRunIssuesRequest(parent=run.name)
        return list(self.client.runs.ListRunIssues(request).issues)

    def tax_mappings(self) -> list[mapping_pb2.TaxMapping]:
        """Return every tax mapping."""
        request = mapping_pb2.ListTaxMappingsRequest(parent=self.connection, page_size=_PAGE)
        return list(self.client.mappings.ListTaxMappings(request).tax_mappings)

    def customers(self) -> list[customer_pb2.Customer]:
        """Return the first customers that can be sold to."""
        request = record_pb2.ListCustomersRequest(
            parent=self.name, page_size=_PAGE, active_only=True
        )
        return list(self.client.records.ListCustomers(request).customers)

    def products(self) -> list[product_pb2.Product]:
        """Return the first products that can be sold."""
        request = record_pb2.ListProductsRequest(
            parent=self.name, page_size=_PAGE, active_only=True
        )
        return list(self.client.records.ListProducts(request).products)

    def links(self) -> list[invoice_pb2.InvoiceLink]:
        """Return what became of invoices in Xero, the first thousand."""
        request = record_pb2.ListInvoiceLinksRequest(parent=self.connection, page_size=_PAGE)
        return list(self.client.records.ListInvoiceLinks(request).invoice_links)
