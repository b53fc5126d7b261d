import pytest

from syncline_server.storage import bulk
from syncline_server.storage.database import Database
from syncline_server.storage.where import Where

KEY = ("workspace", "id")
COLUMNS = (*KEY, "sku", "sku_key", "name", "name_key", "active", "create_time", "update_time")


def row(id_: str, name: str = "Widget", *, active: bool = True) -> tuple[object, ...]:
    """Return a row of products."""
    return ("acme", id_, "W1", "w1", name, "widget", active, 1, 2)


def products(database: Database) -> list[tuple[object, ...]]:
    """Return id, name, activity and version of every product."""
    found = database.tuples("SELECT id, name, active, version FROM products ORDER BY id")
    return [(id_, name, bool(active), version) for id_, name, active, version in found]


def test_rows_are_inserted_with_their_types(database: Database) -> None:
    """Text, truth and numbers come back as they went in, other columns have their defaults."""
    bulk.insert(database, "products", COLUMNS, [row("a"), row("b", 'x"\\u0000\n', active=False)])

    assert products(database) == [("a", "Widget", True, 1), ("b", 'x"\\u0000\n', False, 1)]


def test_upsert_overwrites_what_is_there(database: Database) -> None:
    """A row whose key is there gets the new values and the next version, others are inserted."""
    bulk.insert(database, "products", COLUMNS, [row("a")])

    bulk.upsert(database, "products", key=KEY, columns=COLUMNS, rows=[row("a", "New"), row("b")])

    assert products(database) == [("a", "New", True, 2), ("b", "Widget", True, 1)]


def test_update_changes_what_is_there_and_nothing_else(database: Database) -> None:
    """An update of a row that is not there makes none."""
    bulk.insert(database, "products", COLUMNS, [row("a"), row("b")])

    changes = [("New", "acme", "a"), ("New", "acme", "z"), ("New", "other", "b")]
    bulk.update(database, "products", key=KEY, columns=("name",), rows=changes)

    assert products(database) == [("a", "New", True, 2), ("b", "Widget", True, 1)]


def test_no_rows_are_no_statement(database: Database) -> None:
    """An empty page writes nothing and fails nowhere."""
    bulk.insert(database, "products", COLUMNS, [])
    bulk.upsert(database, "products", key=KEY, columns=COLUMNS, rows=[])
    bulk.update(database, "products", key=KEY, columns=("name",), rows=[])

    assert products(database) == []


def test_key_that_is_there_is_not_new(database: Database) -> None:
    """A single row is inserted once."""
    assert bulk.insert_new(database, "products", COLUMNS, row("a"))
    assert not bulk.insert_new(database, "products", COLUMNS, row("a", "Other"))
    assert products(database) == [("a", "Widget", True, 1)]


def test_any_number_of_values_is_one_parameter(database: Database) -> None:
    """Thousands of values can be looked for at once, and so can none."""
    bulk.insert(database, "products", COLUMNS, [row("a"), row("b")])
    query = f"SELECT id FROM products WHERE {bulk.among(database, 'id')}"

    many = [str(number) for number in range(70_000)] + ["b", "nul\0"]
    assert database.tuples(query, (bulk.members(database, many),)) == [("b",)]
    assert database.tuples(query, (bulk.members(database, []),)) == []


@pytest.mark.parametrize(
    ("text", "found"), [("WID", 1), ("%", 0), ("_", 0), ("!", 0), ("", 1), ("  ", 1)]
)
def test_searched_text_means_itself(database: Database, text: str, found: int) -> None:
    """Signs with a meaning in patterns are looked for as they are."""
    bulk.insert(database, "products", COLUMNS, [row("a")])
    where = Where("workspace = ?", "acme")
    where.containing(text, "name_key", "sku_key")
    where.one_of("id", ("a", "b"))
    where.one_of("sku", ())

    ids = database.tuples(f"SELECT id FROM products WHERE {where}", where.parameters)

    assert len(ids) == found


def test_what_is_missing_is_inserted_and_counted(database: Database) -> None:
    """Rows whose key is there, in the table or earlier in the batch, are left as they are."""
    bulk.insert(database, "products", COLUMNS, [row("a")])

    batch = [row("a", "Other"), row("b", 'x"\\n'), row("c"), row("c", "Twice")]
    assert bulk.insert_missing(database, "products", COLUMNS, batch) == 2
    assert bulk.insert_missing(database, "products", COLUMNS, batch) == 0
    assert bulk.insert_missing(database, "products", COLUMNS, []) == 0

    expected = [("a", "Widget", True, 1), ("b", 'x"\\n', True, 1), ("c", "Widget", True, 1)]
    assert products(database) == expected
