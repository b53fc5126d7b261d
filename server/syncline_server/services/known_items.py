"""What a list of items is decided by: what is known of them and of products they may be."""

from collections.abc import Collection, Sequence

from syncline_sdk import RecordKind
from syncline_server.core.creation import Creation
from syncline_server.core.matching import Keys
from syncline_server.core.organisations import Organisation
from syncline_server.storage import creations, items, products, tax_rates
from syncline_server.storage.database import Database


class KnownItems:
    """As it is stored when the list comes.

    :param lock: whether to hold what somebody creates, in the transaction that will write.
    """

    def __init__(self, database: Database, organisation: Organisation, *, lock: bool) -> None:
        self.database = database
        self.organisation = organisation
        self.stored = items.every(database, organisation)
        self.tax_codes = tax_rates.tax_codes(database, organisation)
        """Ids of tax codes by tax type."""
        self._lock = lock

    def candidates(self, wanted: Sequence[Keys], gone: Collection[str]) -> list[Keys]:
        """Return the products with these items' codes that have no item, or one that is gone."""
        return products.candidates(self.database, self.organisation, wanted, gone)

    def under_way(self) -> list[Creation]:
        """Return the products that somebody creates at the provider at this moment."""
        return creations.under_way(
            self.database, self.organisation, RecordKind.ITEM, lock=self._lock
        )
