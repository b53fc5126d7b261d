"""Writing a page of rows with one statement: where the two databases differ most.

SQLite runs a prepared statement once per row, which costs it nothing extra: there is no server to
talk to. PostgreSQL gets the whole page as one JSON document, so that a page is one round trip and
the column types come from the table itself. Every table that is changed here has a
``version``.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from syncline_server.storage.database import Database

Rows = Sequence[tuple[Any, ...]]


def insert(database: Database, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Insert rows.

    :raises peewee.IntegrityError: one of them is there already.
    """
    _insert(database, table, columns, rows, "")


def insert_new(
    database: Database, table: str, columns: Sequence[str], row: tuple[Any, ...]
) -> bool:
    """Insert one row; False when it would repeat a key of the table."""
    marks = ", ".join("?" for _ in columns)
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    return database.execute(sql, row) == 1


def insert_missing(database: Database, table: str, columns: Sequence[str], rows: Rows) -> int:
    """Insert the rows that repeat no key of the table, and return how many those were."""
    if not rows:
        return 0
    names = ", ".join(columns)
    if database.is_sqlite:
        values = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(columns)))
        # The WHERE tells SQLite that what follows is no join (sqlite.org/lang_upsert.html).
        source = f"SELECT {values} FROM json_each(?) WHERE TRUE"
        document = msgspec.json.encode(rows).decode()
    else:
        source = f"SELECT {names} FROM json_populate_recordset(NULL::{table}, ?::json)"
        document = _document(columns, rows)
    sql = f"INSERT INTO {table} ({names}) {source} ON CONFLICT DO NOTHING"
    return database.execute(sql, (document,))


def upsert(
    database: Database, table: str, *, key: Sequence[str], columns: Sequence[str], rows: Rows
) -> None:
    """Insert rows; where the key is there already, overwrite the other columns given.

    :param columns: of the rows, the key's among them.
    :param rows: each key at most once.
    """
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    conflict = (
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}, version = {table}.version + 1"
    )
    _insert(database, table, columns, rows, conflict)


def update(
    database: Database, table: str, *, key: Sequence[str], columns: Sequence[str], rows: Rows
) -> None:
    """Overwrite columns of rows that are there; rows that are not are left out silently.

    :param rows: values in the order of ``columns``, then those of the key.
    """
    if not rows:
        return
    if database.is_sqlite:
        sets = ", ".join(f"{name} = ?" for name in columns)
        where = " AND ".join(f"{name} = ?" for name in key)
        sql = f"UPDATE {table} SET {sets}, version = version + 1 WHERE {where}"
        database.execute_many(sql, rows)
        return
    sets = ", ".join(f"{name} = page.{name}" for name in columns)
    where = " AND ".join(f"{table}.{name} = page.{name}" for name in key)
    database.execute(
        f"UPDATE {table} SET {sets}, version = {table}.version + 1"
        f" FROM json_populate_recordset(NULL::{table}, ?::json) AS page WHERE {where}",
        (_document((*columns, *key), rows),),
    )


def among(database: Database, column: str) -> str:
    """Return a condition that holds for the values of one parameter; see :func:`members`."""
    if database.is_sqlite:
        return f"{column} IN (SELECT value FROM json_each(?))"
    return f"{column} = ANY(?)"


def members(database: Database, values: Collection[str]) -> object:
    """Return values as the one parameter that :func:`among` takes, however many there are."""
    if database.is_sqlite:
        return msgspec.json.encode(list(values)).decode()
    return [value.replace("\0", "") for value in values]


def delete_some(
    database: Database, table: str, condition: str, parameters: Sequence[object], limit: int
) -> int:
    """Delete at most so many of the rows that a condition holds for; return how many it were."""
    row = "rowid" if database.is_sqlite else "ctid"
    chosen = f"SELECT {row} FROM {table} WHERE {condition} LIMIT ?"
    # An array, or PostgreSQL would not go to the rows directly.
    among = f"{row} IN ({chosen})" if database.is_sqlite else f"{row} = ANY(ARRAY({chosen}))"
    return database.execute(f"DELETE FROM {table} WHERE {among}", (*parameters, limit))


def _insert(
    database: Database, table: str, columns: Sequence[str], rows: Rows, conflict: str
) -> None:
    if not rows:
        return
    names = ", ".join(columns)
    if database.is_sqlite:
        marks = ", ".join("?" for _ in columns)
        database.execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks}){conflict}", rows)
        return
    database.execute(
        f"INSERT INTO {table} ({names})"
        f" SELECT {names} FROM json_populate_recordset(NULL::{table}, ?::json){conflict}",
        (_document(columns, rows),),
    )


def _document(columns: Sequence[str], rows: Rows) -> str:
    document = [dict(zip(columns, row, strict=True)) for row in rows]
    text = msgspec.json.encode(document).decode()
    # PostgreSQL's text cannot hold the character NUL, and a provider might send one.
    return msgspec.json.encode(_without_nul(document)).decode() if "\\u0000" in text else text


def _without_nul(document: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            name: value.replace("\0", "") if isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in document
    ]
