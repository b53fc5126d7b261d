"""Products: what RecordService does with them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from syncline_sdk import ItemDraft, RecordKind
from syncline_server.core import etags, names, product_draft, provenance
from syncline_server.core.checks import Shelf
from syncline_server.core.clock import Clock
from syncline_server.core.creation import NewProduct
from syncline_server.core.errors import InvalidArgument, Violation
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import marks_of
from syncline_server.core.listing import RecordFilter
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import FindMaster, Master, refuse_creation, refuse_owned
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.records import Product
from syncline_server.core.views import RecordView
from syncline_server.services.creations import PATIENCE, Creations, Wish
from syncline_server.services.external_ids import refuse_taken
from syncline_server.services.record_views import RecordViews
from syncline_server.services.refusals import missing, taken
from syncline_server.storage import acts, external_ids, items, tax_codes, tax_rates
from syncline_server.storage import products as rows
from syncline_server.storage.database import Database

_COLLECTION = "products"


class Products:
    """Creates, reads, lists and changes products.

    :param creations: creates those that are a provider's; None where no provider can.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        make_id: MakeId,
        find_master: FindMaster,
        creations: Creations | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._find_master = find_master
        self._creations = creations
        self._views = RecordViews(database, find_master)

    def create(self, draft: ProductDraft, patience: timedelta = PATIENCE) -> RecordView[Product]:
        """Create a product; at the provider first while products are a provider's.

        :param patience: how long may be waited for the provider, and how long a call may take.
        :raises InvalidArgument: with everything that is wrong with the draft.
        :raises AlreadyExists: its id, SKU or external id is taken.
        :raises FailedPrecondition: the provider refuses, cannot create, or makes up itself what the
            draft says; nothing was stored.
        :raises Aborted: it is being created already.
        :raises Unavailable: the provider cannot be asked, or its answer was lost.
        """
        master = self._find_master(draft.workspace, RecordKind.ITEM)
        if master is not None and (self._creations is None or not self._creations.can(master)):
            refuse_creation(master, _COLLECTION)
        values = self._read(draft, (product_draft.ID, *product_draft.FIELDS))
        request = Fingerprinter((_COLLECTION,)).of(values)
        values["id"] = values["id"] or self._make_id()
        product = Product(workspace=draft.workspace, **values)  # type: ignore[arg-type]  # the reader names and checks them
        if master is None or self._creations is None:
            self._create_here(product)
            return self.get(product.workspace, product.id)
        wish = self._wish(master, product, request, patience)
        identifier = self._creations.create(wish)
        acts.mention(names.record(draft.workspace, _COLLECTION, identifier))
        self._remember(draft, identifier)
        return self.get(product.workspace, identifier)

    def get(self, workspace: str, identifier: str) -> RecordView[Product]:
        """Return one product.

        :raises NotFound: there is none.
        """
        found = rows.by_ids(self._database, workspace, [identifier])
        if identifier not in found:
            raise missing(workspace, _COLLECTION, identifier)
        return self._views.of_products(workspace, [found[identifier]])[0]

    def page(
        self, workspace: str, wanted: RecordFilter, after: str, limit: int
    ) -> Sequence[RecordView[Product]]:
        """Return at most ``limit`` products behind an id, in the order of ids."""
        found = rows.page(self._database, workspace, wanted, after, limit)
        return self._views.of_products(workspace, found)

    def update(self, draft: ProductDraft, fields: Collection[str]) -> RecordView[Product]:
        """Set fields of a product, all or nothing.

        :param fields: names of the fields to set; others are ignored.
        :raises InvalidArgument: with everything that is wrong with them.
        :raises NotFound: there is no such product.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: a provider owns fields that would change, one blocker each.
        :raises AlreadyExists: the SKU or external id is taken.
        """
        values = self._read(draft, set(fields).intersection(product_draft.FIELDS))
        with self._database.transaction():
            external_ids.turn_beside(self._database, draft.workspace, _COLLECTION)
            found = rows.by_ids(self._database, draft.workspace, [draft.id], lock=True)
            if draft.id not in found:
                raise missing(draft.workspace, _COLLECTION, draft.id)
            before = found[draft.id]
            name = names.record(draft.workspace, _COLLECTION, draft.id)
            etags.refuse_stale(draft.etag, before.version, name)
            after = replace(before, **values)  # type: ignore[arg-type]  # as in create
            if after != before:
                self._change(before, after)
        return self.get(draft.workspace, draft.id)

    def _read(self, draft: ProductDraft, fields: Collection[str]) -> dict[str, object]:
        shelf = Shelf(draft.workspace, "taxCodes")
        named = filter(None, [shelf.identifier(draft.tax_code)])
        known = tax_codes.by_ids(self._database, draft.workspace, list(named))
        return product_draft.read(draft, fields, known)

    def _change(self, before: Product, after: Product) -> None:
        changed = product_draft.changed(before, after)
        owned = self._views.of_products(before.workspace, [before])[0].owned_fields
        master = self._find_master(before.workspace, RecordKind.ITEM)
        refuse_owned(master, owned, changed)
        if "sku" in changed:
            self._refuse_taken_sku(after)
        if "external_id" in changed:
            refuse_taken(self._database, _COLLECTION, _COLLECTION, after)
        now = self._clock()
        after = replace(after, sources=provenance.set_here(before.sources, changed, now))
        rows.update(self._database, after, now)
        items.forget_content(self._database, after.workspace, [after.id])

    def _create_here(self, product: Product) -> None:
        with self._database.transaction():
            self._refuse_taken_keys(product)
            if not rows.insert(self._database, product, self._clock()):
                raise taken(product.workspace, _COLLECTION, product.id, "id")
            acts.mention(names.record(product.workspace, _COLLECTION, product.id))

    def _remember(self, draft: ProductDraft, identifier: str) -> None:
        """Keep what a caller says that imports the record, too: the provider may write it else."""
        if draft.external_id:
            marks = marks_of(draft, ProductDraft(workspace=draft.workspace), product_draft.FIELDS)
            external_ids.remember(self._database, draft.workspace, _COLLECTION, {identifier: marks})

    def _wish(self, master: Master, product: Product, request: str, patience: timedelta) -> Wish:
        if product.stock_quantity is not None:
            # Nobody can be told how much there is: the provider counts.
            refuse_owned(master, master.fields, ("stock_quantity",))
        return Wish(
            master=master,
            content=NewProduct(
                record=product,
                draft=self._item(master, product),
                fields=tuple(sorted(master.fields)),
            ),
            request=request,
            refuse_taken=lambda: self._refuse_taken(product),
            patience=patience,
        )

    def _item(self, master: Master, product: Product) -> ItemDraft:
        """Return what the provider is told of a product: what will be its own."""
        owned = master.fields
        return ItemDraft(
            code=product.sku,
            name=product.display_name,
            tax_type=self._tax_type(master, product) if "tax_code" in owned else "",
            price=product.default_price if "default_price" in owned else None,
        )

    def _tax_type(self, master: Master, product: Product) -> str:
        if product.tax_code_id is None:
            return ""
        connection = master.connection
        organisation = Organisation(
            connection.workspace, connection.provider, master.organisation_id
        )
        for tax_type, tax_code in tax_rates.tax_codes(self._database, organisation).items():
            if tax_code == product.tax_code_id:
                return tax_type
        description = f"is mapped to no tax type of {master.provider_title}"
        raise InvalidArgument([Violation(field="product.tax_code", description=description)])

    def _refuse_taken(self, product: Product) -> None:
        self._refuse_taken_keys(product)
        if rows.by_ids(self._database, product.workspace, [product.id]):
            raise taken(product.workspace, _COLLECTION, product.id, "id")

    def _refuse_taken_keys(self, product: Product) -> None:
        external_ids.turn_beside(self._database, product.workspace, _COLLECTION)
        self._refuse_taken_sku(product)
        refuse_taken(self._database, _COLLECTION, _COLLECTION, product)

    def _refuse_taken_sku(self, product: Product) -> None:
        other = rows.id_of_sku(self._database, product.workspace, product.sku)
        if other not in (None, product.id):
            raise taken(product.workspace, _COLLECTION, str(other), "SKU")
