"""What changed, as it stands now."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from syncline_server.core.changes import ChangeKind, Place
from syncline_server.core.link import Link
from syncline_server.core.mappings import ContactMapping, ItemMapping, TaxMapping
from syncline_server.core.organisations import FindOrganisation
from syncline_server.core.ownership import FindMaster
from syncline_server.core.records import Customer, Product, TaxCode
from syncline_server.core.views import InvoiceView, RecordView
from syncline_server.services.invoices import Invoices
from syncline_server.services.record_views import RecordViews
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import contacts, customers, invoice_links, items, products, tax_codes
from syncline_server.storage.database import Database

Resource = (
    RecordView[Customer]
    | RecordView[Product]
    | RecordView[TaxCode]
    | InvoiceView
    | ContactMapping
    | ItemMapping
    | TaxMapping
    | Link
)

R = TypeVar("R", Customer, Product, TaxCode)


class ChangedResources:
    """Reads what changed, all of one place at once."""

    def __init__(
        self,
        database: Database,
        find_master: FindMaster,
        find_organisation: FindOrganisation,
        invoices: Invoices,
        tax_mappings: TaxMappings,
    ) -> None:
        self._database = database
        self._find_organisation = find_organisation
        self._invoices = invoices
        self._tax_mappings = tax_mappings
        self._views = RecordViews(database, find_master)

    def is_shown(self, place: Place) -> bool:
        """Return whether callers are shown what is at a place.

        Mappings and links of an organisation that was connected before are not.
        """
        return not place.organisation_id or (
            self._find_organisation(place.connection) == place.organisation
        )

    def at(self, place: Place, ids: Collection[str]) -> Mapping[str, Resource]:
        """Return those of these resources that are there, by id; no connection is among them."""
        if place.kind is ChangeKind.CONNECTION:
            return {}
        if place.organisation_id:
            return self._at_organisation(place, ids)
        return self._at_workspace(place, ids)

    def _at_workspace(self, place: Place, ids: Collection[str]) -> Mapping[str, Resource]:
        database, workspace = self._database, place.workspace
        match place.kind:
            case ChangeKind.CUSTOMER:
                found = list(customers.by_ids(database, workspace, ids).values())
                return _by_id(self._views.of_customers(workspace, found))
            case ChangeKind.PRODUCT:
                sold = list(products.by_ids(database, workspace, ids).values())
                return _by_id(self._views.of_products(workspace, sold))
            case ChangeKind.TAX_CODE:
                codes = list(tax_codes.by_ids(database, workspace, ids).values())
                return _by_id(self._views.of_tax_codes(workspace, codes))
            case _:
                views = self._invoices.by_ids(workspace, ids)
                return {view.invoice.id: view for view in views}

    def _at_organisation(self, place: Place, ids: Collection[str]) -> Mapping[str, Resource]:
        database, organisation = self._database, place.organisation
        match place.kind:
            case ChangeKind.CONTACT_MAPPING:
                found = contacts.mappings(database, organisation, ids)
                return {each.contact_id: each for each in found}
            case ChangeKind.ITEM_MAPPING:
                sold = items.mappings(database, organisation, ids)
                return {each.item_id: each for each in sold}
            case ChangeKind.TAX_MAPPING:
                rates = self._tax_mappings.of_tax_types(organisation, ids)
                return {each.tax_type: each for each in rates}
            case _:
                return invoice_links.of_invoices(database, organisation, ids)


def _by_id(views: Collection[RecordView[R]]) -> dict[str, RecordView[R]]:
    return {view.record.id: view for view in views}
