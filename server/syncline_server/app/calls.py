"""Wiring the services with what gRPC shows of them."""

from collections.abc import Callable
from dataclasses import dataclass

from syncline_server.app.outside import Outside
from syncline_server.app.workspaces import Workspaces
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation
from syncline_server.rpc.audit import AuditCalls
from syncline_server.rpc.changes import ChangeCalls
from syncline_server.rpc.connections import ConnectionCalls
from syncline_server.rpc.customers import CustomerCalls
from syncline_server.rpc.imports import ImportCalls
from syncline_server.rpc.invoice_links import InvoiceLinkCalls
from syncline_server.rpc.invoices import InvoiceCalls
from syncline_server.rpc.modules import ModuleCalls
from syncline_server.rpc.parity import Check, ParityCalls
from syncline_server.rpc.products import ProductCalls
from syncline_server.rpc.record_mappings import RecordMappingCalls
from syncline_server.rpc.runs import RunCalls
from syncline_server.rpc.server import Calls
from syncline_server.rpc.settings import SettingsCalls
from syncline_server.rpc.tax_codes import TaxCodeCalls
from syncline_server.rpc.tax_mappings import TaxMappingCalls
from syncline_server.rpc.watching import Hub
from syncline_server.rpc.webhooks import WebhookCalls
from syncline_server.rpc.workspaces import Handing, WorkspaceCalls
from syncline_server.services.audit import Trail
from syncline_server.services.chain import Chain
from syncline_server.services.changes import Changes
from syncline_server.services.connections import Connections
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.creations import Creations
from syncline_server.services.customers import Customers
from syncline_server.services.imports import Imports
from syncline_server.services.invoice_links import InvoiceLinks
from syncline_server.services.invoices import Invoices
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.plans import MakePlan, Plans
from syncline_server.services.preflight import Preflight
from syncline_server.services.products import Products
from syncline_server.services.runs import Runs
from syncline_server.services.settings import SettingsService
from syncline_server.services.syncs import Syncs
from syncline_server.services.tax_codes import TaxCodes
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.services.webhooks import WebhookDeliveries
from syncline_server.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Core:
    """What the services are built on."""

    outside: Outside
    database: Database
    catalogue: Catalogue
    chain: Chain
    connections: Connections
    creations: Creations
    syncs: Syncs
    changes: Changes
    webhooks: WebhookDeliveries
    trail: Trail
    make_plan: MakePlan
    check_parity: Check
    workspaces: Workspaces
    erase_soon: Callable[[], None]
    hub: Hub

    def find_organisation(self, connection: Connection) -> Organisation | None:
        """Return the organisation a connection's mappings and links are shown for."""
        return find_organisation(self.database, connection)


def build_calls(core: Core) -> Calls:
    """Wire what handles the methods."""
    outside, database, chain, hub = core.outside, core.database, core.chain, core.hub
    clock, make_id, masters = outside.clock, outside.make_id, chain.find_master
    find = core.find_organisation
    preflight = Preflight(database, find)
    plans = Plans(core.syncs, chain, preflight, core.make_plan)
    return Calls(
        connections=ConnectionCalls(core.connections, core.catalogue),
        settings=SettingsCalls(SettingsService(database, chain, clock, hub.publish)),
        modules=ModuleCalls(chain, core.syncs, plans, core.catalogue, clock, hub),
        parity=ParityCalls(core.check_parity),
        runs=RunCalls(Runs(database, clock, hub.publish), hub),
        tax_mappings=TaxMappingCalls(TaxMappings(database, clock, find, hub.publish)),
        record_mappings=RecordMappingCalls(
            ContactMappings(database, clock, find, chain.find_pulls, hub.publish),
            ItemMappings(database, clock, find, hub.publish),
        ),
        customers=CustomerCalls(Customers(database, clock, make_id, masters, core.creations)),
        products=ProductCalls(Products(database, clock, make_id, masters, core.creations)),
        tax_codes=TaxCodeCalls(TaxCodes(database, clock, make_id, masters)),
        invoices=InvoiceCalls(Invoices(database, clock, make_id)),
        changes=ChangeCalls(core.changes, hub),
        imports=ImportCalls(Imports(database, clock, make_id, masters)),
        webhooks=WebhookCalls(core.webhooks),
        audit=AuditCalls(core.trail),
        invoice_links=InvoiceLinkCalls(InvoiceLinks(database, find), preflight),
        workspaces=WorkspaceCalls(
            core.workspaces.exports,
            core.workspaces.erasures,
            Handing(
                spool=core.workspaces.spool,
                places=core.workspaces.places,
                is_stopping=core.workspaces.stopping.is_set,
                hub=hub,
                erase_soon=core.erase_soon,
            ),
        ),
    )
