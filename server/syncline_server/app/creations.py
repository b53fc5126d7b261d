"""Wiring what creates records at their provider first."""

from syncline_server.app.access import Access
from syncline_server.app.outside import Outside
from syncline_server.services.chain import Chain
from syncline_server.services.creation_calls import CreationCalls
from syncline_server.services.creations import Creations
from syncline_server.storage.database import Database


def build_creations(
    outside: Outside, database: Database, chain: Chain, access: Access
) -> Creations:
    """Wire it."""
    calls = CreationCalls(
        database=database, chain=chain, clients=access.clients, clock=outside.clock
    )
    return Creations(
        database=database,
        calls=calls,
        clock=outside.clock,
        make_id=outside.make_id,
        lose_access=access.connections.mark_reconnect_required,
    )
