"""Imports: what services load of their own records, in batches, and load again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from syncline_server.core.clock import Clock
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import Batch, Draft, Found, Kind, Outcome, Record, Result
from syncline_server.core.invoice_draft import InvoiceDraft
from syncline_server.core.matching import key
from syncline_server.core.ownership import FindMaster
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.services.imported_customers import ImportedCustomers
from syncline_server.services.imported_invoices import ImportedInvoices
from syncline_server.services.imported_products import ImportedProducts
from syncline_server.services.imported_tax_codes import ImportedTaxCodes
from syncline_server.storage import external_ids
from syncline_server.storage.database import Database

D = TypeVar("D", bound=Draft)
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Wish(Generic[D]):
    """A batch, with how it is to be taken."""

    workspace: str
    drafts: Sequence[D]
    adopt: bool = False
    """Whether a record without an external id is taken over by its code, SKU or number."""
    validate_only: bool = False


class Shelf(Protocol[D, R]):
    """Reads and writes one kind of records for a batch, each with a fixed number of statements.

    Made for one batch; :meth:`wait_turn` comes first.
    """

    column: tuple[str, str]
    """The table, and its column that holds what no two records may share."""

    def wait_turn(self) -> None:
        """Wait for whoever writes such records; they wait until this transaction ends."""

    def kind(self, drafts: Sequence[D]) -> Kind[D, R]:
        """Return how these are judged."""

    def found(self, ids: Sequence[str]) -> Found[R]:
        """Return what is stored under these ids, and hold it until the transaction ends."""

    def write(self, created: Sequence[R], updated: Sequence[R]) -> None:
        """Store what was judged."""


class Imports:
    """Imports customers, products, tax codes and invoices."""

    def __init__(
        self, database: Database, clock: Clock, make_id: MakeId, find_master: FindMaster
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._find_master = find_master

    def customers(self, wish: Wish[CustomerDraft]) -> Sequence[Result]:
        """Import customers; return what becomes of each, in their order."""
        shelf = ImportedCustomers(
            self._database, self._clock, self._make_id, self._find_master, wish.workspace
        )
        return self._load(shelf, wish)

    def products(self, wish: Wish[ProductDraft]) -> Sequence[Result]:
        """Import products; return what becomes of each, in their order."""
        shelf = ImportedProducts(
            self._database, self._clock, self._make_id, self._find_master, wish.workspace
        )
        return self._load(shelf, wish)

    def tax_codes(self, wish: Wish[TaxCodeDraft]) -> Sequence[Result]:
        """Import tax codes; return what becomes of each, in their order."""
        shelf = ImportedTaxCodes(self._database, self._clock, self._make_id, wish.workspace)
        return self._load(shelf, wish)

    def invoices(self, wish: Wish[InvoiceDraft]) -> Sequence[Result]:
        """Import invoices; return what becomes of each, in their order."""
        shelf = ImportedInvoices(self._database, self._clock, self._make_id, wish.workspace)
        return self._load(shelf, wish)

    def _load(self, shelf: Shelf[D, R], wish: Wish[D]) -> Sequence[Result]:
        with self._database.transaction():
            shelf.wait_turn()
            kind = shelf.kind(wish.drafts)
            found = shelf.found(self._holders(shelf, kind, wish))
            batch = Batch(kind, found, adopt=wish.adopt)
            for draft in wish.drafts:
                batch.judge(draft)
            if wish.validate_only:
                return _nameless(batch.results)
            shelf.write(batch.created, batch.updated)
            table, _ = shelf.column
            external_ids.remember(self._database, wish.workspace, table, batch.marks)
        return batch.results

    def _holders(self, shelf: Shelf[D, R], kind: Kind[D, R], wish: Wish[D]) -> Sequence[str]:
        """Return the ids of what is there already of a batch."""
        known = {draft.external_id for draft in wish.drafts}
        keys = {key(getattr(draft, kind.key)) for draft in wish.drafts}
        return external_ids.holders(self._database, wish.workspace, shelf.column, known, keys)


def _nameless(results: Sequence[Result]) -> Sequence[Result]:
    """Return results of what was not done: what would be created has no name yet."""
    return [replace(each, name="") if each.outcome is Outcome.CREATED else each for each in results]
