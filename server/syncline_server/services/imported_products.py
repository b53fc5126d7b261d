"""What an import reads and writes of products."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from syncline_sdk import RecordKind
from syncline_server.core import product_draft
from syncline_server.core.checks import Shelf
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import Found, Kind
from syncline_server.core.ownership import FindMaster
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.provenance import set_here
from syncline_server.core.records import Product
from syncline_server.services.record_views import RecordViews
from syncline_server.services.turns import wait_alone
from syncline_server.storage import external_ids, items, tax_codes
from syncline_server.storage import products as rows
from syncline_server.storage.database import Database

_TABLE = "products"


class ImportedProducts:
    """Products, for one batch."""

    column = (_TABLE, "sku_key")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        make_id: MakeId,
        find_master: FindMaster,
        workspace: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._find_master = find_master
        self._workspace = workspace

    def wait_turn(self) -> None:
        """Wait for pulls of items, and for whoever writes products."""
        master = self._find_master(self._workspace, RecordKind.ITEM)
        wait_alone(self._database, self._workspace, _TABLE, master)

    def kind(self, drafts: Sequence[ProductDraft]) -> Kind[ProductDraft, Product]:
        """Return how products are judged."""
        shelf = Shelf(self._workspace, "taxCodes")
        named = {id_ for draft in drafts if (id_ := shelf.identifier(draft.tax_code))}
        known = tax_codes.by_ids(self._database, self._workspace, named)

        def new(draft: ProductDraft) -> Product:
            values = product_draft.read(draft, product_draft.FIELDS, known)
            return Product(workspace=self._workspace, id=self._make_id(), **values)  # type: ignore[arg-type]  # the reader names and checks them

        def change(before: Product, draft: ProductDraft, fields: Collection[str]) -> Product:
            after = replace(before, **product_draft.read(draft, fields, known))  # type: ignore[arg-type]  # as for new ones
            changed = product_draft.changed(before, after)
            return replace(after, sources=set_here(before.sources, changed, self._clock()))

        return Kind(
            noun="product",
            nouns=_TABLE,
            collection=_TABLE,
            key="sku",
            key_title="SKU",
            blank=ProductDraft(workspace=self._workspace),
            fields=product_draft.FIELDS,
            attributes={"tax_code": "tax_code_id"},
            new=new,
            change=change,
        )

    def found(self, ids: Sequence[str]) -> Found[Product]:
        """Return products with who owns what of them."""
        records = list(rows.by_ids(self._database, self._workspace, ids, lock=True).values())
        views = RecordViews(self._database, self._find_master).of_products(self._workspace, records)
        return Found(
            records=records,
            imported=external_ids.imported(self._database, self._workspace, _TABLE, ids),
            owned={view.record.id: view.owned_fields for view in views},
            master=self._find_master(self._workspace, RecordKind.ITEM),
        )

    def write(self, created: Sequence[Product], updated: Sequence[Product]) -> None:
        """Store products."""
        now = self._clock()
        rows.insert_all(self._database, self._workspace, created, now)
        rows.update_all(self._database, self._workspace, updated, now)
        ids = [each.id for each in updated]
        items.forget_content(self._database, self._workspace, ids)
