from syncline_server.core.data_inventory import INVENTORY, Owner
from syncline_server.storage.database import Database

_ON_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_ON_POSTGRESQL = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


def tables(database: Database) -> set[str]:
    """Return the tables of the schema."""
    query = _ON_SQLITE if database.is_sqlite else _ON_POSTGRESQL
    return {name for (name,) in database.tuples(query)}


def columns(database: Database, table: str) -> set[str]:
    """Return a table's columns."""
    if database.is_sqlite:
        return {row["name"] for row in database.rows(f"PRAGMA table_info({table})")}
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
    return {name for (name,) in database.tuples(query, (table,))}


def test_every_table_is_accounted_for(database: Database) -> None:
    """A table that nobody said anything about fails here; the job engine's are on PostgreSQL."""
    said = [each.table for each in INVENTORY]

    here = {name for name in said if not name.startswith("procrastinate_")}
    assert tables(database) == (here if database.is_sqlite else set(said))
    assert len(set(said)) == len(said)


def test_owners_are_found_by_the_columns_they_are_told_by(database: Database) -> None:
    """What belongs to a workspace names it, and nothing else that names one is left out."""
    for each in INVENTORY:
        if each.table not in tables(database):
            continue
        has = columns(database, each.table)
        match each.owner:
            case Owner.WORKSPACE:
                assert "workspace" in has, each.table
            case Owner.RUN:
                assert "run_id" in has, each.table
            case Owner.ORGANISATION:
                assert {"provider", "organisation_id"} <= has, each.table
            case _:
                assert "workspace" not in has or each.kept, each.table


def test_each_table_says_what_becomes_of_it() -> None:
    """It is in an export or says why not; who owns nothing of it is told why it stays."""
    for each in INVENTORY:
        assert bool(each.exported) != bool(each.not_exported), each.table
        assert each.bound, each.table
        owned = each.owner in (Owner.WORKSPACE, Owner.RUN, Owner.ORGANISATION)
        assert owned or each.kept, each.table
