"""Everything a database holds."""

from syncline_server.storage.database import Database, Row


def dump(database: Database, *without: str) -> dict[str, list[Row]]:
    """Return the rows of every table.

    :param without: tables to leave out.
    """
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if not database.is_sqlite:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    names = [name for (name,) in database.tuples(query) if name not in without]
    return {
        name: sorted(database.rows(f"SELECT * FROM {name}"), key=repr) for name in sorted(names)
    }
