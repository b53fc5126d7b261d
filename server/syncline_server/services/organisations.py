"""Which organisation a connection's mappings and links are shown for."""

from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation
from syncline_server.storage import connections, runs
from syncline_server.storage.database import Database


def find_organisation(database: Database, connection: Connection) -> Organisation | None:
    """Return the organisation that is connected now, or the one that was synced with last.

    None when there never was one: then there are no mappings either.
    """
    row = connections.get(database, connection)
    identifier = row.organisation_id or runs.last_organisation(database, connection)
    if not identifier:
        return None
    return Organisation(connection.workspace, connection.provider, identifier)
