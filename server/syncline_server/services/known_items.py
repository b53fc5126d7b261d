"""What a list of items is decided by: what is known of them and of products they may be."""

from collections.abc import Collection, Sequence
from datetime import datetime

from syncline_sdk import RecordKind
from syncline_server.core.creation import Creation
from syncline_server.core.matching import Keys
from syncline_server.core.organisations import Organisation
from syncline_server.storage import creations, items, products, tax_rates
from syncline_server.storage.database import Database
from syncline_server.storage.items import StoredItem


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

    @property
    def present(self) -> int:
        """How many items the provider had when it was read last."""
        return sum(item.present for item in self.stored.values())

    def gone(self, here: Collection[str], begun: datetime) -> list[StoredItem]:
        """Return what is not here any more.

        :param begun: when the run began; the list is younger.
        """
        return [
            item
            for item in self.stored.values()
            # One stored since this run began may be younger than the list: it was created here.
            if item.present and item.id not in here and item.update_time <= begun
        ]

    def candidates(self, wanted: Sequence[Keys], gone: Collection[str]) -> list[Keys]:
        """Return the products with these items' codes that have no item, or one that is gone."""
        return products.candidates(self.database, self.organisation, wanted, gone)

    def under_way(self) -> list[Creation]:
        """Return the products that somebody creates at the provider at this moment."""
        return creations.under_way(
            self.database, self.organisation, RecordKind.ITEM, lock=self._lock
        )
