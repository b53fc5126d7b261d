"""The good pipeline into each database, as bare as its driver allows."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
from access import Access
from good_pipeline import Row, pull

from syncline_server.core.matching import key
from syncline_server.storage.database import open_database
from syncline_server.storage.schema import migrate

_PRAGMAS: Final = ("journal_mode = wal", "synchronous = full", "wal_autocheckpoint = 16000")
_TABLE: Final = """
CREATE TABLE contacts (
    organisation_id TEXT, contact_id TEXT, name TEXT, code TEXT, email TEXT, phone TEXT,
    address TEXT, active BOOLEAN, content_hash TEXT, update_time BIGINT,
    PRIMARY KEY (organisation_id, contact_id)
)
"""
_OVERWRITE: Final = "ON CONFLICT (organisation_id, contact_id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in Row._fields[2:]
)
_UPSERT: Final = f"INSERT INTO contacts VALUES ({', '.join('?' for _ in Row._fields)}) {_OVERWRITE}"

_OUR_CONTACT: Final = """
INSERT INTO contacts (workspace, provider, organisation_id, contact_id, name, name_key, code, email,
    active, content_hash, state, customer_id, update_time)
VALUES ('acme', 'xero', ?, ?, ?, ?, ?, ?, ?, ?, 'MAPPED', ?, ?)
ON CONFLICT (workspace, provider, organisation_id, contact_id)
DO UPDATE SET name = excluded.name, content_hash = excluded.content_hash
"""
_OUR_CUSTOMER: Final = """
INSERT INTO customers (workspace, id, code, code_key, name, name_key, email, email_key, phone,
    address, active, create_time, update_time)
VALUES ('acme', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def into_sqlite(access: Access, contacts: int, file: str) -> float:
    """Pull into one table of a new file; return the seconds of processor time it took."""
    return _into_sqlite(access, contacts, file, lambda database: database.execute(_TABLE), _upsert)


def into_our_tables(access: Access, contacts: int, file: str) -> float:
    """Pull into the very tables and indexes Syncline fills, a contact and a customer each."""
    ours = open_database(f"sqlite:///{file}")
    migrate(ours)
    ours.close()
    return _into_sqlite(access, contacts, file, lambda _database: None, _insert_both)


def into_postgresql(access: Access, contacts: int, url: str) -> float:
    """Pull with COPY to a temporary table and a merge; return this process's seconds."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA floor")
        connection.execute("SET search_path TO floor")
        connection.execute(_TABLE)
        connection.execute("CREATE TEMPORARY TABLE page (LIKE contacts)")
        used = pull(access, contacts, lambda rows: _copy(connection, rows))
        connection.execute("DROP SCHEMA floor CASCADE")
        return used


def _into_sqlite(
    access: Access,
    contacts: int,
    file: str,
    prepare: Callable[[sqlite3.Connection], object],
    write: Callable[[sqlite3.Connection, Sequence[Row]], None],
) -> float:
    database = sqlite3.connect(file, isolation_level=None)
    for pragma in _PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    prepare(database)

    def store(rows: Sequence[Row]) -> None:
        database.execute("BEGIN IMMEDIATE")
        write(database, rows)
        database.execute("COMMIT")

    used = pull(access, contacts, store)
    database.close()
    return used


def _upsert(database: sqlite3.Connection, rows: Sequence[Row]) -> None:
    database.executemany(_UPSERT, rows)


def _insert_both(database: sqlite3.Connection, rows: Sequence[Row]) -> None:
    database.executemany(_OUR_CUSTOMER, map(_our_customer, rows))
    database.executemany(_OUR_CONTACT, map(_our_contact, rows))


def _our_customer(row: Row) -> tuple[object, ...]:
    named = (row.code, key(row.code), row.name, key(row.name), row.email, key(row.email))
    return (row.contact_id, *named, row.phone, row.address, row.active, row.update_time, 0)


def _our_contact(row: Row) -> tuple[object, ...]:
    named = (row.name, key(row.name), row.code, row.email, row.active, row.content_hash)
    return (row.organisation_id, row.contact_id, *named, row.contact_id, row.update_time)


def _copy(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    with connection.transaction():
        connection.execute("TRUNCATE page")
        with connection.cursor().copy("COPY page FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(f"INSERT INTO contacts SELECT * FROM page {_OVERWRITE}")
