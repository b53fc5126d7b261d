"""The database, for one command."""

from syncline_server.config import Config
from syncline_server.folder import prepare
from syncline_server.storage.database import Database, open_database


def opened(config: Config) -> Database:
    """Return the configured database, at whatever schema it has."""
    prepare(config.data_folder)
    return open_database(config.database_url)
