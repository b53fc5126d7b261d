"""Rows of ``changes``: what was written, in the order in which it was committed.

Whatever writes records, mappings, links or connections notes it here, and the notes of a
transaction are written as its last act. They are numbered under a lock on the workspace's row in
``change_heads``, which is held until the commit: so numbers appear in order, without gaps, and
nobody who has read up to one can miss an earlier one that was committed later.

One row holds many changes of a kind (a pulled page is one), and the number of the last of them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from syncline_server.core.changes import Change, ChangeKind, History, Place
from syncline_server.core.erasure import under_way
from syncline_server.core.notices import WorkspaceChanged
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, erasures
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros
from syncline_server.storage.where import Where

_COLUMNS = ("workspace", "number", "kind", "provider", "organisation_id", "ids", "change_time")
_MOST_IDS = 1_000  # in one row, so that none is large to read
_ROWS_AT_ONCE = 8
_FORGOTTEN_AT_ONCE = 10_000


@dataclass(frozen=True, kw_only=True)
class _Note:
    place: Place
    ids: tuple[str, ...]
    stamp: int


def note(
    database: Database, kind: ChangeKind, workspace: str, ids: Collection[str], now: datetime
) -> None:
    """Note that records of a workspace were written.

    :param ids: theirs; without any nothing is noted.
    """
    _note(database, Place(kind=kind, workspace=workspace), ids, now)


def note_at(
    database: Database,
    kind: ChangeKind,
    organisation: Organisation,
    ids: Collection[str],
    now: datetime,
) -> None:
    """Note that mappings or links of an organisation were written, as :func:`note` does."""
    _note(database, Place.at(kind, organisation), ids, now)


def note_connection(database: Database, workspace: str, provider: str, now: datetime) -> None:
    """Note that a connection or its settings were written."""
    place = Place(kind=ChangeKind.CONNECTION, workspace=workspace, provider=provider)
    _note(database, place, [provider], now)


def history(database: Database, workspace: str) -> History:
    """Return how far a workspace's changes reach."""
    query = "SELECT last, forgotten FROM change_heads WHERE workspace = ?"
    row = database.row(query, (workspace,))
    return History(last=row["last"], forgotten=row["forgotten"]) if row else History()


def read(
    database: Database, workspace: str, span: tuple[int, int], kinds: Sequence[ChangeKind]
) -> Iterator[Change]:
    """Yield changes in order.

    :param span: the number behind which to begin, and the last one.
    :param kinds: only of these; any when there are none.
    """
    after, last = span
    while rows := _rows(database, workspace, (after, last), kinds):
        for row in rows:
            yield from (change for change in _changes(row) if change.number > after)
        after = rows[-1]["number"]


def forget(database: Database, before: datetime) -> int:
    """Delete what is older, and return how many rows that were."""
    # Grouped here: for a GROUP BY a database would walk every change there is.
    query = (
        "SELECT workspace, number FROM changes WHERE change_time < ? ORDER BY change_time LIMIT ?"
    )
    forgotten = 0
    while old := database.tuples(query, (to_micros(before), _FORGOTTEN_AT_ONCE)):
        newest: dict[str, int] = {}
        for workspace, number in old:
            newest[workspace] = max(number, newest.get(workspace, 0))
        forgotten += sum(_forget(database, *each) for each in newest.items())
    return forgotten


def end(database: Database, workspace: str) -> None:
    """End a workspace's feed: whoever follows it, or comes back with a token, reads all anew.

    Writers of the workspace wait until the transaction ends.
    """
    database.execute(
        "INSERT INTO change_heads (workspace, last, forgotten) VALUES (?, 1, 1)"
        " ON CONFLICT (workspace) DO UPDATE SET last = change_heads.last + 1,"
        " forgotten = change_heads.last + 1",
        (workspace,),
    )
    database.tell(WorkspaceChanged(workspace))


def _note(database: Database, place: Place, ids: Collection[str], now: datetime) -> None:
    listed = tuple(ids)
    for begin in range(0, len(listed), _MOST_IDS):
        part = listed[begin : begin + _MOST_IDS]
        database.at_the_end(_write, _Note(place=place, ids=part, stamp=to_micros(now)))


def _write(database: Database, notes: Sequence[_Note]) -> None:
    # In the order of their names, or two transactions that write to the same two could wait for
    # each other.
    for workspace in sorted({each.place.workspace for each in notes}):
        mine = [each for each in notes if each.place.workspace == workspace]
        number = _take_numbers(database, workspace, sum(len(each.ids) for each in mine))
        _refuse_erasing(database, workspace)
        rows = []
        for each in mine:
            number += len(each.ids)
            rows.append(_row(each, number))
        bulk.insert(database, "changes", _COLUMNS, rows)
        database.tell(WorkspaceChanged(workspace))


def _take_numbers(database: Database, workspace: str, count: int) -> int:
    """Return the number before the first of the next ones."""
    database.execute(
        "INSERT INTO change_heads (workspace, last) VALUES (?, ?) ON CONFLICT (workspace)"
        " DO UPDATE SET last = change_heads.last + excluded.last",
        (workspace, count),
    )
    return history(database, workspace).last - count


def _refuse_erasing(database: Database, workspace: str) -> None:
    """Refuse to write to a workspace that is being erased; its row of ``change_heads`` is held."""
    if database.tuples(f"SELECT 1 WHERE {erasures.IS_OPEN}", (workspace,)):
        raise under_way(workspace)


def _rows(
    database: Database, workspace: str, span: tuple[int, int], kinds: Sequence[ChangeKind]
) -> list[Row]:
    where = Where("workspace = ? AND number > ? AND number <= ?", workspace, *span)
    where.one_of("kind", kinds)
    query = f"SELECT * FROM changes WHERE {where} ORDER BY number LIMIT ?"
    return database.rows(query, (*where.parameters, _ROWS_AT_ONCE))


def _row(note: _Note, number: int) -> tuple[object, ...]:
    place, ids = note.place, msgspec.json.encode(note.ids).decode()
    return (
        place.workspace,
        number,
        place.kind,
        place.provider,
        place.organisation_id,
        ids,
        note.stamp,
    )


def _changes(row: Row) -> list[Change]:
    place = Place(
        kind=ChangeKind(row["kind"]),
        workspace=row["workspace"],
        provider=row["provider"],
        organisation_id=row["organisation_id"],
    )
    ids = msgspec.json.decode(row["ids"], type=tuple[str, ...])
    first, time = row["number"] - len(ids) + 1, from_micros(row["change_time"])
    return [
        Change(number=first + index, place=place, id=id_, time=time)
        for index, id_ in enumerate(ids)
    ]


def _forget(database: Database, workspace: str, number: int) -> int:
    with database.transaction():
        database.execute(
            "UPDATE change_heads SET forgotten = ? WHERE workspace = ? AND forgotten < ?",
            (number, workspace, number),
        )
        return database.execute(
            "DELETE FROM changes WHERE workspace = ? AND number <= ?", (workspace, number)
        )
