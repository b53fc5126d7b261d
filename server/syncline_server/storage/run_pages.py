"""Rows of ``run_pages``: the ids in each page that a full read has stored, until the run ends.

A row a page, so that a run taken up after a crash still knows what the pages before it held.
"""

from collections.abc import Collection

import msgspec

from syncline_server.storage.database import Database


def add(database: Database, run_id: str, ids: Collection[str], fresh: Collection[str] = ()) -> bool:
    """Write down what a page held, part of its transaction; False when it is known already.

    :param fresh: what was not known here before this page.
    """
    if not ids:
        return False
    listed = _json(ids)
    return bool(
        database.execute(
            "INSERT INTO run_pages (run_id, ids, fresh) SELECT ?, ?, ? WHERE NOT EXISTS"
            " (SELECT 1 FROM run_pages WHERE run_id = ? AND ids = ?)",
            (run_id, listed, _json(fresh), run_id, listed),
        )
    )


def seen(database: Database) -> str:
    """Return a query of the ids in the pages of the run that is its one parameter."""
    return _members(database, "ids")


def fresh(database: Database) -> str:
    """Return a query of the ids that the run that is its one parameter has brought."""
    return _members(database, "fresh")


def read(database: Database, run_id: str) -> set[str]:
    """Return the ids in the pages of a run."""
    rows = database.tuples("SELECT ids FROM run_pages WHERE run_id = ?", (run_id,))
    return {id_ for (ids,) in rows for id_ in msgspec.json.decode(ids, type=list[str])}


def forget(database: Database, run_id: str) -> None:
    """Delete what a run has seen."""
    database.execute("DELETE FROM run_pages WHERE run_id = ?", (run_id,))


def _members(database: Database, column: str) -> str:
    each = (
        f"json_each(run_pages.{column}) AS held"
        if database.is_sqlite
        else f"json_array_elements_text(run_pages.{column}::json) AS held(value)"
    )
    return f"SELECT held.value FROM run_pages, {each} WHERE run_pages.run_id = ?"


def _json(ids: Collection[str]) -> str:
    # PostgreSQL's text cannot hold the character NUL, so what is stored is without it.
    return msgspec.json.encode([id_.replace("\0", "") for id_ in ids]).decode()
