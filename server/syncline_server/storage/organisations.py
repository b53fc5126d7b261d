"""Which organisations a workspace has rows of, connected or not."""

from typing import Final

from syncline_server.core.organisations import Organisation
from syncline_server.storage.database import Database

_TABLES: Final = ("contacts", "items", "tax_rates", "invoice_links")


def known(database: Database, workspace: str) -> list[Organisation]:
    """Return every organisation whose mappings or links a workspace holds, in order."""
    each = [
        f"SELECT provider, organisation_id FROM {table} WHERE workspace = ?" for table in _TABLES
    ]
    query = " UNION ".join(each) + " ORDER BY 1, 2"
    found = database.tuples(query, [workspace] * len(_TABLES))
    return [Organisation(workspace, provider, identifier) for provider, identifier in found]
