"""Item mappings: which items are which products, and what people decide about it."""

from collections.abc import Sequence

from syncline_sdk import RecordKind
from syncline_server.core import etags
from syncline_server.core.clock import Clock
from syncline_server.core.errors import NotFound
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import ItemMapping
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import FindOrganisation, Organisation
from syncline_server.services.refusals import mapped_elsewhere, missing, vanished
from syncline_server.services.settlement import Settlement
from syncline_server.storage import creations, items, products
from syncline_server.storage.database import Database


class ItemMappings:
    """Shows items with their products, and lets people settle them.

    Every run reads the whole list of items, so that an assigned product follows with the next.

    :param notify: told after a change.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        find_organisation: FindOrganisation,
        notify: Notify,
    ) -> None:
        self._database = database
        self._clock = clock
        self._find_organisation = find_organisation
        self._notify = notify

    def get(self, connection: Connection, item_id: str) -> ItemMapping:
        """Return the mapping of an item.

        :raises NotFound: the item is not there.
        """
        return self._read(self._organisation(connection, item_id), item_id)

    def page(
        self, connection: Connection, wanted: MappingFilter, after: str, limit: int
    ) -> Sequence[ItemMapping]:
        """Return at most ``limit`` mappings behind an item id, in the order of item ids."""
        organisation = self._find_organisation(connection)
        if organisation is None:
            return []
        return items.page(self._database, organisation, wanted, after, limit)

    def assign(
        self, connection: Connection, item_id: str, product_id: str, etag: str
    ) -> ItemMapping:
        """Map an item to a product, whatever it was before.

        :raises NotFound: the item or the product is not there.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: another item of the organisation has the product, or the
            provider has the item no more.
        """
        organisation = self._organisation(connection, item_id)
        with self._database.transaction():
            before = self._hold(organisation, item_id, etag)
            if not before.item_active:
                raise vanished(_name(connection, item_id), before.item_name)
            self._refuse_product(organisation, item_id, product_id)
            if (before.product_id, before.state) != (product_id, MappingState.MAPPED):
                items.assign(self._database, organisation, item_id, product_id, self._clock())
                self._free(organisation, item_id, product_id)
                self._tell(connection)
            return self._read(organisation, item_id)

    def remove(self, connection: Connection, item_id: str, etag: str) -> ItemMapping:
        """Leave an item without a product until somebody assigns one.

        :raises NotFound: the item is not there.
        :raises Aborted: the etag is stale.
        """
        organisation = self._organisation(connection, item_id)
        with self._database.transaction():
            if not self._hold(organisation, item_id, etag).detached:
                items.detach(self._database, organisation, item_id, self._clock())
                settled = self._settled(organisation, "Left without a product.")
                settled.mapping(RecordKind.ITEM, item_id)
                self._tell(connection)
            return self._read(organisation, item_id)

    def _organisation(self, connection: Connection, item_id: str) -> Organisation:
        organisation = self._find_organisation(connection)
        if organisation is None:
            raise NotFound(_name(connection, item_id))
        return organisation

    def _hold(self, organisation: Organisation, item_id: str, etag: str) -> ItemMapping:
        # Pulls and other people wait, so that what is read here still holds when it is written.
        creations.wait_turn(self._database, organisation)
        found = self._read(organisation, item_id)
        name = _name(organisation.connection, item_id)
        etags.refuse_stale(etag, found.version, name, organisation.id)
        return found

    def _read(self, organisation: Organisation, item_id: str) -> ItemMapping:
        found = items.get(self._database, organisation, item_id)
        if found is None:
            raise NotFound(_name(organisation.connection, item_id))
        return found

    def _refuse_product(self, organisation: Organisation, item_id: str, product_id: str) -> None:
        workspace = organisation.workspace
        # Locked before its items, as whoever changes a product does.
        if not products.by_ids(self._database, workspace, [product_id], lock=True):
            raise missing(workspace, "products", product_id)
        other = items.of_products(self._database, organisation, [product_id]).get(product_id)
        if other not in (None, item_id):
            raise mapped_elsewhere(_name(organisation.connection, str(other)), "product")

    def _free(self, organisation: Organisation, item_id: str, product_id: str) -> None:
        title = products.titles(self._database, organisation.workspace, [product_id])
        settled = self._settled(organisation, f"Assigned to product {title[product_id]}.")
        settled.mapping(RecordKind.ITEM, item_id)
        settled.product(product_id)

    def _settled(self, organisation: Organisation, resolution: str) -> Settlement:
        return Settlement(
            database=self._database,
            organisation=organisation,
            resolution=resolution,
            now=self._clock(),
        )

    def _tell(self, connection: Connection) -> None:
        self._database.after_commit(lambda: self._notify(ConnectionChanged(connection)))


def _name(connection: Connection, item_id: str) -> str:
    return f"{connection}/itemMappings/{item_id}"
