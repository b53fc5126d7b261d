import pytest

from databases import PostgresqlServer, opened
from syncline_server.storage.database import Database
from syncline_server.storage.sole import DatabaseTaken, sole_server


def test_second_server_on_one_postgresql_is_refused(postgresql: PostgresqlServer) -> None:
    """While one server holds a PostgreSQL database another is told to wait for its end."""
    first, second = opened(postgresql.url), opened(postgresql.url)

    with sole_server(first), pytest.raises(DatabaseTaken, match="another"), sole_server(second):
        pass

    first.close()
    second.close()


def test_database_is_free_again_afterwards(database: Database) -> None:
    """A server that has stopped leaves the database to the next one."""
    with sole_server(database):
        pass
    with sole_server(database):
        assert database.row("SELECT 1 AS one") == {"one": 1}
