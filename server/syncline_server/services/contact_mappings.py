"""Contact mappings: which contacts are which customers, and what people decide about it."""

from collections.abc import Callable, Sequence

from syncline_sdk import RecordKind
from syncline_server.core import etags
from syncline_server.core.clock import Clock
from syncline_server.core.errors import NotFound
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import ContactMapping
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import FindOrganisation, Organisation
from syncline_server.services.refusals import mapped_elsewhere, missing, vanished
from syncline_server.services.settlement import Settlement
from syncline_server.storage import connections, contacts, creations, customers, module_states
from syncline_server.storage.database import Database

FindPulls = Callable[[Connection, RecordKind], Sequence[str]]
"""Finds the modules that read a provider's records of one kind."""


class ContactMappings:
    """Shows contacts with their customers, and lets people settle them.

    :param find_pulls: tells which modules read everything again after an assignment, because they
        would not read a contact that has not changed at the provider.
    :param notify: told after a change.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        find_organisation: FindOrganisation,
        find_pulls: FindPulls,
        notify: Notify,
    ) -> None:
        self._database = database
        self._clock = clock
        self._find_organisation = find_organisation
        self._find_pulls = find_pulls
        self._notify = notify

    def get(self, connection: Connection, contact_id: str) -> ContactMapping:
        """Return the mapping of a contact.

        :raises NotFound: the contact is not there.
        """
        return self._read(self._organisation(connection, contact_id), contact_id)

    def page(
        self, connection: Connection, wanted: MappingFilter, after: str, limit: int
    ) -> Sequence[ContactMapping]:
        """Return at most ``limit`` mappings behind a contact id, in the order of contact ids."""
        organisation = self._find_organisation(connection)
        if organisation is None:
            return []
        return contacts.page(self._database, organisation, wanted, after, limit)

    def assign(
        self, connection: Connection, contact_id: str, customer_id: str, etag: str
    ) -> ContactMapping:
        """Map a contact to a customer, whatever it was before.

        :raises NotFound: the contact or the customer is not there.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: another contact of the organisation has the customer, or the
            provider has the contact no more.
        """
        organisation = self._organisation(connection, contact_id)
        with self._database.transaction():
            before = self._hold(organisation, contact_id, etag)
            if not before.contact_present:
                raise vanished(_name(connection, contact_id), before.contact_name)
            self._refuse_customer(organisation, contact_id, customer_id)
            if (before.customer_id, before.state) != (customer_id, MappingState.MAPPED):
                now = self._clock()
                contacts.assign(self._database, organisation, contact_id, customer_id, now)
                self._free(organisation, contact_id, customer_id)
                self._read_again(connection)
                self._tell(connection)
            return self._read(organisation, contact_id)

    def remove(self, connection: Connection, contact_id: str, etag: str) -> ContactMapping:
        """Leave a contact without a customer until somebody assigns one.

        :raises NotFound: the contact is not there.
        :raises Aborted: the etag is stale.
        """
        organisation = self._organisation(connection, contact_id)
        with self._database.transaction():
            if not self._hold(organisation, contact_id, etag).detached:
                contacts.detach(self._database, organisation, contact_id, self._clock())
                settled = self._settled(organisation, "Left without a customer.")
                settled.mapping(RecordKind.CONTACT, contact_id)
                self._tell(connection)
            return self._read(organisation, contact_id)

    def _organisation(self, connection: Connection, contact_id: str) -> Organisation:
        organisation = self._find_organisation(connection)
        if organisation is None:
            raise NotFound(_name(connection, contact_id))
        return organisation

    def _hold(self, organisation: Organisation, contact_id: str, etag: str) -> ContactMapping:
        # Pulls and other people wait, so that what is read here still holds when it is written.
        creations.wait_turn(self._database, organisation)
        found = self._read(organisation, contact_id)
        name = _name(organisation.connection, contact_id)
        etags.refuse_stale(etag, found.version, name, organisation.id)
        return found

    def _read(self, organisation: Organisation, contact_id: str) -> ContactMapping:
        found = contacts.get(self._database, organisation, contact_id)
        if found is None:
            raise NotFound(_name(organisation.connection, contact_id))
        return found

    def _refuse_customer(
        self, organisation: Organisation, contact_id: str, customer_id: str
    ) -> None:
        workspace = organisation.workspace
        # Locked before its contacts, as whoever changes a customer does.
        if not customers.by_ids(self._database, workspace, [customer_id], lock=True):
            raise missing(workspace, "customers", customer_id)
        mapped = contacts.of_customers(self._database, organisation, [customer_id])
        if customer_id in mapped and mapped[customer_id].id != contact_id:
            other = _name(organisation.connection, mapped[customer_id].id)
            raise mapped_elsewhere(other, "customer")

    def _free(self, organisation: Organisation, contact_id: str, customer_id: str) -> None:
        title = customers.titles(self._database, organisation.workspace, [customer_id])
        resolution = f"Assigned to customer {title[customer_id]}."
        settled = self._settled(organisation, resolution)
        settled.mapping(RecordKind.CONTACT, contact_id)
        settled.customer(customer_id)

    def _settled(self, organisation: Organisation, resolution: str) -> Settlement:
        return Settlement(
            database=self._database,
            organisation=organisation,
            resolution=resolution,
            now=self._clock(),
        )

    def _read_again(self, connection: Connection) -> None:
        row = connections.get(self._database, connection)
        pulls = self._find_pulls(connection, RecordKind.CONTACT)
        module_states.ask_full_read(self._database, row, pulls, self._clock())

    def _tell(self, connection: Connection) -> None:
        self._database.after_commit(lambda: self._notify(ConnectionChanged(connection)))


def _name(connection: Connection, contact_id: str) -> str:
    return f"{connection}/contactMappings/{contact_id}"
