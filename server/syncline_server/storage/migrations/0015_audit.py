"""The audit trail: chained entries that the database itself refuses to change or remove."""

from typing import Any

import peewee

_TABLES = """
CREATE TABLE audit_chains (
    chain TEXT PRIMARY KEY,
    last BIGINT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE audit_entries (
    chain TEXT NOT NULL,
    number BIGINT NOT NULL,
    entry_time BIGINT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL,
    method TEXT NOT NULL,
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain, number)
);
CREATE INDEX audit_entries_time ON audit_entries (chain, entry_time, number);
CREATE INDEX audit_entries_subject ON audit_entries (chain, subject, number);
CREATE INDEX audit_entries_person ON audit_entries (chain, person, number) WHERE person <> '';
CREATE INDEX audit_entries_method ON audit_entries (chain, method, number);
CREATE INDEX audit_entries_refused ON audit_entries (chain, number) WHERE code NOT IN ('OK', '');
CREATE TABLE audit_checkpoints (
    chain TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    remove_time BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (chain, number)
);
"""

# Entries may go once a checkpoint says so; everything else stays as it was written.
_REMOVABLE = (
    "EXISTS (SELECT 1 FROM audit_checkpoints AS point"
    " WHERE point.chain = OLD.chain AND point.number >= OLD.number)"
)
_REFUSED = "the audit trail is append-only"

_SQLITE = (
    f"""CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
    WHEN NOT {_REMOVABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    # REPLACE deletes without asking the trigger above.
    f"""CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
    WHEN EXISTS (SELECT 1 FROM audit_entries WHERE chain = NEW.chain AND number = NEW.number)
    BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    *(
        f"""CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"""
        for verb, table in (
            ("UPDATE", "audit_entries"),
            ("UPDATE", "audit_checkpoints"),
            ("DELETE", "audit_checkpoints"),
            ("DELETE", "audit_chains"),
        )
    ),
)

_POSTGRESQL = (
    f"""CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    f"""CREATE FUNCTION refuse_audit_removal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_REMOVABLE} THEN RETURN OLD; END IF;
        RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_removal()""",
    *(
        f"""CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"""
        for verb, table in (
            ("UPDATE", "audit_entries"),
            ("UPDATE", "audit_checkpoints"),
            ("DELETE", "audit_checkpoints"),
            ("DELETE", "audit_chains"),
        )
    ),
    *(
        f"""CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"""
        for table in ("audit_entries", "audit_checkpoints", "audit_chains")
    ),
)


def up(_migrator: Any, database: Any) -> None:
    """Create the tables and what guards them."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            database.execute_sql(statement)
    is_sqlite = isinstance(database, peewee.SqliteDatabase)
    for guard in _SQLITE if is_sqlite else _POSTGRESQL:
        database.execute_sql(guard)
