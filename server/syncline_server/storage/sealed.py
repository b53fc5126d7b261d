"""The columns that hold secrets, read and replaced as they are; what is in them stays closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from syncline_server.storage.cipher import Place
from syncline_server.storage.database import Database, Row


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column whose values are secrets."""

    table: str
    name: str
    key: str
    """The column that is the table's primary key."""
    bound: tuple[str, ...]
    """Columns whose values a secret is bound to: it opens beside these only."""

    def place(self, row: Row) -> Place:
        """Return the place of a row's secret; the row has at least the columns it is bound to."""
        return Place(self.table, self.name, tuple(str(row[each]) for each in self.bound))


GRANT_TOKENS: Final = Column(
    # Not the id: a person who consents again keeps the row, found by these.
    table="grants",
    name="tokens",
    key="id",
    bound=("provider", "subject"),
)
CONSENT_VERIFIER: Final = Column(
    table="consents",
    name="verifier",
    key="state_hash",
    bound=("state_hash", "workspace", "provider"),
)
COLUMNS: Final = (GRANT_TOKENS, CONSENT_VERIFIER)
"""All of them."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One secret as it is stored."""

    key: str
    """Primary key of its row."""
    place: Place
    text: str = field(repr=False)


def pages(database: Database, column: Column, size: int) -> Iterator[list[Sealed]]:
    """Yield every secret of a column, at most so many at a time, in the order of their rows.

    No transaction is held between two pages: what is written meanwhile may or may not be seen.
    """
    names = ", ".join(dict.fromkeys((column.key, *column.bound, column.name)))
    query = (
        f"SELECT {names} FROM {column.table} WHERE {column.key} > ? AND {column.name} <> ''"
        f" ORDER BY {column.key} LIMIT ?"
    )
    behind = ""
    while rows := database.rows(query, (behind, size)):
        yield [
            Sealed(key=row[column.key], place=column.place(row), text=row[column.name])
            for row in rows
        ]
        behind = rows[-1][column.key]


def replace(database: Database, column: Column, changes: Sequence[tuple[Sealed, str]]) -> int:
    """Store secrets anew, each only where its row still holds the very text that was read.

    :param changes: what was read, and the text that takes its place.
    :returns: how many were replaced; the others were written by somebody else meanwhile.
    """
    sql = (
        f"UPDATE {column.table} SET {column.name} = ? WHERE {column.key} = ? AND {column.name} = ?"
    )
    with database.transaction():
        return database.execute_many(sql, [(new, old.key, old.text) for old, new in changes])
