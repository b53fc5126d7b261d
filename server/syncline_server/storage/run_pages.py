"""Rows of ``run_pages``: the ids in each page that a full read has stored, until the run ends.

A row a page, so that a run taken up after a crash still knows what the pages before it held.
"""

from collections.abc import Collection

import msgspec

from syncline_server.storage.database import Database


def add(database: Database, run_id: str, ids: Collection[str]) -> bool:
    """Write down what a page held, part of its transaction; False when it is known already."""
    if not ids:
        return False
    # PostgreSQL's text cannot hold the character NUL, so what is stored is without it.
    listed = msgspec.json.encode([id_.replace("\0", "") for id_ in ids]).decode()
    return bool(
        database.execute(
            "INSERT INTO run_pages (run_id, ids) SELECT ?, ? WHERE NOT EXISTS"
            " (SELECT 1 FROM run_pages WHERE run_id = ? AND ids = ?)",
            (run_id, listed, run_id, listed),
        )
    )


def seen(database: Database) -> str:
    """Return a query of the ids in the pages of the run that is its one parameter."""
    each = (
        "json_each(run_pages.ids) AS held"
        if database.is_sqlite
        else "json_array_elements_text(run_pages.ids::json) AS held(value)"
    )
    return f"SELECT held.value FROM run_pages, {each} WHERE run_pages.run_id = ?"


def read(database: Database, run_id: str) -> set[str]:
    """Return the ids in the pages of a run."""
    rows = database.tuples("SELECT ids FROM run_pages WHERE run_id = ?", (run_id,))
    return {id_ for (ids,) in rows for id_ in msgspec.json.decode(ids, type=list[str])}


def forget(database: Database, run_id: str) -> None:
    """Delete what a run has seen."""
    database.execute("DELETE FROM run_pages WHERE run_id = ?", (run_id,))
