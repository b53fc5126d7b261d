"""Whose turn it is to write records that a provider may write, too."""

from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import Master
from syncline_server.storage import creations, external_ids
from syncline_server.storage.database import Database


def wait_alone(database: Database, workspace: str, table: str, master: Master | None) -> None:
    """Wait for pulls and creations at a provider, then for everybody who writes a table's keys.

    All of them wait until this transaction ends.
    """
    if master is not None:
        connection = master.connection
        creations.wait_turn(
            database,
            Organisation(connection.workspace, connection.provider, master.organisation_id),
        )
    external_ids.turn_alone(database, workspace, table)
