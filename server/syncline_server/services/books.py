"""What a comparison with a provider is made of on our side."""

from dataclasses import dataclass

from syncline_server.core.organisations import Organisation
from syncline_server.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Books:
    """What is compared: the records of one organisation."""

    database: Database
    organisation: Organisation
    fields: frozenset[str]
    """Those of our records that the provider owns now."""
