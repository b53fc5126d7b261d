"""Rows of ``audit_entries``, their chains' heads and checkpoints.

Entries are written as the very last act of a transaction, behind the notes of ``storage/changes``,
under a lock on their chain's row in ``audit_chains``, which is held until the commit: so a chain
has no gaps and no forks however many processes write to it. Chains are locked in the order of
their names, or two transactions that write to the same two could wait for each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from syncline_server.core.audit import (
    GENESIS,
    LONGEST_TEXT,
    Act,
    Draft,
    Entry,
    Head,
    linked,
    read,
    removal,
)
from syncline_server.storage.acts import Acting
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros
from syncline_server.storage.where import Where

_COLUMNS: Final = (
    "chain, number, entry_time, subject, person, method, code, body, hash"  # as in _columns
)
_AT_ONCE: Final = 1_000

Columns = tuple[str, int, int, str, str, str, str]
"""What a row repeats of its entry, so that it can be searched."""


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """Which entries of a chain to list; what is empty or None takes any."""

    start: datetime | None = None
    """From this time on."""
    end: datetime | None = None
    """Before this time."""
    subject: str = ""
    person: str = ""
    method: str = ""
    refused_only: bool = False


@dataclass(frozen=True, kw_only=True)
class StoredEntry:
    """A row as it is."""

    number: int
    text: str
    hash: str
    columns: Columns

    def is_consistent(self) -> bool:
        """Return whether what the row repeats of its entry is what the entry says."""
        entry = read(self.text)
        return entry is not None and _columns(entry) == self.columns


@dataclass(frozen=True)
class _Noted:
    draft: Draft
    acting: Acting | None


def note(database: Database, draft: Draft, acting: Acting | None = None) -> None:
    """Have an entry written with the current transaction; in one of its own when there is none.

    :param acting: the act it is about; told the entry's number, and its stage once it is stored.
    """
    database.at_the_end(_write, _Noted(draft, acting), last=True)


def head(database: Database, chain: str) -> Head:
    """Return how far a chain reaches; nowhere when there is none."""
    return _head(database, chain)


def heads(database: Database, since: datetime | None = None) -> dict[str, Head]:
    """Return how far every chain reaches.

    :param since: only those whose last entry is not older.
    """
    query, parameters = "SELECT chain, last, hash FROM audit_chains", []
    if since is not None:
        query += (
            " WHERE EXISTS (SELECT 1 FROM audit_entries AS entry WHERE entry.chain ="
            " audit_chains.chain AND entry.number = audit_chains.last AND entry.entry_time >= ?)"
        )
        parameters.append(to_micros(since))
    rows = database.tuples(f"{query} ORDER BY chain", parameters)
    return {chain: Head(last, hash_) for chain, last, hash_ in rows}


def chains(database: Database) -> list[str]:
    """Return every chain of which there is anything, even where its head is missing."""
    found = set(heads(database))
    # One look-up for each chain, where DISTINCT would read every entry there is.
    query = "SELECT MIN(chain) FROM audit_entries"
    after = database.tuples(query)[0][0]
    while after is not None:
        found.add(after)
        after = database.tuples(f"{query} WHERE chain > ?", (after,))[0][0]
    return sorted(found)


def checkpoint(database: Database, chain: str) -> Head:
    """Return the last entry of a chain that was removed; number 0 when none was."""
    query = "SELECT number, hash FROM audit_checkpoints WHERE chain = ? ORDER BY number DESC"
    found = database.tuples(f"{query} LIMIT 1", (chain,))
    return Head(*found[0]) if found else Head()


def stray(database: Database, chain: str) -> int | None:
    """Return an entry of a number that its chain has not reached, or has removed; None mostly."""
    # One statement, so that entries which are written meanwhile are seen with their head.
    query = (
        "SELECT MIN(number) FROM audit_entries WHERE chain = ? AND ("
        " number > COALESCE((SELECT last FROM audit_chains WHERE chain = ?), 0)"
        " OR number <= (SELECT MAX(number) FROM audit_checkpoints WHERE chain = ?))"
    )
    found: int | None = database.tuples(query, (chain, chain, chain))[0][0]
    return found


def walk(database: Database, chain: str, span: tuple[int, int]) -> Iterator[StoredEntry]:
    """Yield entries of a chain in order, a page at a time.

    :param span: the number behind which to begin, and the last one.
    """
    after, last = span
    query = (
        f"SELECT {_COLUMNS} FROM audit_entries"
        " WHERE chain = ? AND number > ? AND number <= ? ORDER BY number LIMIT ?"
    )
    while rows := database.tuples(query, (chain, after, last, _AT_ONCE)):
        for *columns, text, hash_ in rows:
            yield StoredEntry(number=columns[1], text=text, hash=hash_, columns=tuple(columns))
        after = rows[-1][1]


def page(
    database: Database, chain: str, wanted: EntryFilter, before: int, limit: int
) -> list[tuple[Entry, str]]:
    """Return entries with their hashes, newest first.

    Only those behind the last erasure of the workspace: others had its id before.

    :param before: only those of lower numbers; 0 for the newest.
    """
    where = _where(database, chain, wanted)
    if before:
        where.add("number < ?", before)
    query = f"SELECT body, hash FROM audit_entries WHERE {where} ORDER BY number DESC LIMIT ?"
    rows = database.tuples(query, (*where.parameters, limit))
    found = [(read(text), hash_) for text, hash_ in rows]
    return [(entry, hash_) for entry, hash_ in found if entry is not None]


def span(
    database: Database, chain: str, since: datetime | None, until: datetime | None
) -> tuple[int, int]:
    """Return the number before the first entry of a time, and the last one's.

    Clocks of servers may differ a little: every entry of the time is within, and maybe others.
    """
    where = Where("chain = ?", chain)
    _add_times(where, "entry_time", since, until)
    query = f"SELECT MIN(number), MAX(number) FROM audit_entries WHERE {where}"
    first, last = database.tuples(query, where.parameters)[0]
    return (0, 0) if first is None else (first - 1, last)


def hash_at(database: Database, chain: str, number: int) -> str:
    """Return the hash of an entry, also of the last one that was removed."""
    point = checkpoint(database, chain)
    if number in (0, point.number):
        return point.hash if number else GENESIS
    query = "SELECT hash FROM audit_entries WHERE chain = ? AND number = ?"
    found = database.tuples(query, (chain, number))
    return str(found[0][0]) if found else GENESIS


def number_before(database: Database, chain: str, before: datetime) -> int:
    """Return the number of the last entry of which all up to it are older; 0 when none is."""
    # One statement, so that an entry which is written meanwhile is not taken for an old one.
    query = (
        "SELECT COALESCE("
        "(SELECT MIN(number) FROM audit_entries WHERE chain = ? AND entry_time >= ?) - 1,"
        " (SELECT last FROM audit_chains WHERE chain = ?), 0)"
    )
    return int(database.tuples(query, (chain, to_micros(before), chain))[0][0])


def reaches_before(database: Database, chain: str, time: datetime) -> bool:
    """Return whether a chain has an entry that is older."""
    older = "SELECT 1 AS one FROM audit_entries WHERE chain = ? AND entry_time < ? LIMIT 1"
    return database.row(older, (chain, to_micros(time))) is not None


def remove_through(database: Database, number: int, act: Act, reason: str, now: datetime) -> int:
    """Remove a chain's entries up to a number behind a checkpoint, and return how many those were.

    The chain, which is the act's workspace's, stays verifiable: the checkpoint keeps the last
    removed entry's hash, and an entry of the act says the same at its end. In one transaction,
    the caller's if there is one; nothing happens where nothing is left to remove.

    :param number: of the last entry to remove; the checkpoint's own entry always stays.
    :param act: who removes them; its method is ``core.audit.REMOVED``.
    :param reason: why, for people; no secrets and no customer's data.
    """
    chain = act.workspace
    with database.transaction():
        newest = _locked(database, chain)
        through = min(number, newest.number)
        if through <= checkpoint(database, chain).number:
            return 0
        point = Head(through, hash_at(database, chain, through))
        database.execute(
            "INSERT INTO audit_checkpoints (chain, number, hash, remove_time, reason)"
            " VALUES (?, ?, ?, ?, ?)",
            (chain, point.number, point.hash, to_micros(now), reason[:LONGEST_TEXT]),
        )
        note(database, removal(act, to_micros(now), point, reason))
        return database.execute(
            "DELETE FROM audit_entries WHERE chain = ? AND number <= ?", (chain, through)
        )


def _write(database: Database, noted: Sequence[_Noted]) -> None:
    for chain in sorted({each.draft.act.workspace for each in noted}):
        end = _locked(database, chain)
        for each in (one for one in noted if one.draft.act.workspace == chain):
            entry = each.draft.at(end.number + 1)
            text = entry.text()
            end = Head(entry.number, linked(end.hash, text))
            _insert(database, entry, text, end.hash)
            _tell(database, each, entry.number)
        database.execute(
            "UPDATE audit_chains SET last = ?, hash = ? WHERE chain = ?",
            (end.number, end.hash, chain),
        )


def _tell(database: Database, noted: _Noted, number: int) -> None:
    """Let an act know of its entry: the number at once, and that it is stored when it is."""
    acting, stage = noted.acting, noted.draft.stage
    if acting is None:
        return

    def stored() -> None:
        acting.entry, acting.stage = number, stage

    database.after_commit(stored)


def _insert(database: Database, entry: Entry, text: str, hash_: str) -> None:
    database.execute(
        f"INSERT INTO audit_entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_columns(entry), text, hash_),
    )


def _columns(entry: Entry) -> Columns:
    actor = entry.actor
    return (
        entry.chain,
        entry.number,
        entry.time,
        actor.subject,
        actor.person_id,
        entry.method,
        entry.code,
    )


def _locked(database: Database, chain: str) -> Head:
    """Return a chain's end and hold it until the transaction ends."""
    suffix = database.for_update()
    found = _head_or_none(database, chain, suffix)
    if found is None:
        database.execute(
            "INSERT INTO audit_chains (chain, last, hash) VALUES (?, 0, ?) ON CONFLICT DO NOTHING",
            (chain, GENESIS),
        )
        found = _head_or_none(database, chain, suffix)
    return found or Head()


def _head(database: Database, chain: str) -> Head:
    return _head_or_none(database, chain, "") or Head()


def _head_or_none(database: Database, chain: str, suffix: str) -> Head | None:
    query = f"SELECT last, hash FROM audit_chains WHERE chain = ?{suffix}"
    found = database.tuples(query, (chain,))
    return Head(*found[0]) if found else None


def _where(database: Database, chain: str, wanted: EntryFilter) -> Where:
    where = Where("chain = ?", chain)
    after = _erased_through(database, chain)
    if wanted.start is not None or wanted.end is not None:
        # A range of numbers, so that pages come in order from an index that has them.
        first, last = span(database, chain, wanted.start, wanted.end)
        after = max(after, first)
        where.add("number <= ?", last)
        _add_times(where, "+entry_time", wanted.start, wanted.end)
    if after:
        where.add("number > ?", after)
    for column in ("subject", "person", "method"):
        if value := getattr(wanted, column):
            where.add(f"{column} = ?", value)
    if wanted.person:
        where.add("person <> ''")  # or SQLite would not see that the index has it
    if wanted.refused_only:
        where.add("code NOT IN ('OK', '')")
    return where


def _erased_through(database: Database, chain: str) -> int:
    """Return the number of the last entry of whoever had a workspace's id before."""
    query = "SELECT COALESCE(MAX(last_entry), 0) FROM erasures WHERE workspace = ?"
    return int(database.tuples(query, (chain,))[0][0])


def _add_times(where: Where, column: str, start: datetime | None, end: datetime | None) -> None:
    if start is not None:
        where.add(f"{column} >= ?", to_micros(start))
    if end is not None:
        where.add(f"{column} < ?", to_micros(end))
