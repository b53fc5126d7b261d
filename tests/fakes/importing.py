"""A workspace that imports, for tests of the service."""

from collections.abc import Sequence
from itertools import count

from running import nobody, noon
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.importing import Outcome, Result
from syncline_server.core.invoice_draft import InvoiceDraft
from syncline_server.core.ownership import FindMaster
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.services.imports import Imports, Wish
from syncline_server.storage.database import Database

Written = CustomerDraft | ProductDraft | TaxCodeDraft | InvoiceDraft


def load(
    database: Database,
    *drafts: Written,
    find: FindMaster = nobody,
    adopt: bool = False,
    validate_only: bool = False,
) -> Sequence[Result]:
    """Import records of one kind, as their type says.

    The ids that are made go on from how many were imported: ``id0001``, ``id0002``, ...

    :param find: who owns what.
    """
    numbers = count(database.tuples("SELECT COUNT(*) + 1 FROM imported")[0][0])
    imports = Imports(database, noon, lambda: f"id{next(numbers):04d}", find)
    loads = {
        CustomerDraft: imports.customers,
        ProductDraft: imports.products,
        TaxCodeDraft: imports.tax_codes,
        InvoiceDraft: imports.invoices,
    }
    wish = Wish(workspace="acme", drafts=drafts, adopt=adopt, validate_only=validate_only)
    return loads[type(drafts[0])](wish)  # type: ignore[operator]  # the table fits by its keys


def outcomes(results: Sequence[Result]) -> list[Outcome]:
    """Return what became of each record."""
    return [result.outcome for result in results]
