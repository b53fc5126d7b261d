"""Verifying chains of audit entries, a page at a time."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syncline_server.core.audit import NO_WORKSPACE, Fault, Head, Walk
from syncline_server.storage import audit as rows
from syncline_server.storage.database import Database

Anchors = Mapping[str, Mapping[int, str]]
"""Hashes that are known from elsewhere, by chain and number."""

_NONE: Final = "-"
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class BadAnchors(Exception):  # noqa: N818 - a refusal, raised to whoever typed the command
    """A file of anchors is not one."""


@dataclass(frozen=True)
class Checked:
    """A chain that is right, up to its head."""

    chain: str
    head: Head


def read_anchors(lines: Iterable[str]) -> Anchors:
    """Read heads as ``audit verify`` prints them, and the last lines of exports.

    :raises BadAnchors: a line is neither.
    """
    found: dict[str, dict[int, str]] = {}
    for line in lines:
        anchor = _anchor(line)
        if anchor is not None:
            chain, head = anchor
            found.setdefault(chain, {})[head.number] = head.hash
    if not found:
        raise BadAnchors("the file of anchors holds no head of a chain")
    return found


def verify(
    database: Database, anchors: Anchors, chains: Sequence[str] | None = None
) -> Iterator[Checked | Fault]:
    """Yield each chain's head, or the first thing that is wrong with it.

    Entries that are added meanwhile do not matter: each chain is followed to where it reached.

    :param chains: only these; all there are, and all that are anchored, when None.
    """
    for chain in sorted({*rows.chains(database), *anchors}) if chains is None else chains:
        yield verify_chain(database, chain, anchors.get(chain, {}))


def verify_chain(database: Database, chain: str, anchors: Mapping[int, str]) -> Checked | Fault:
    """Return a chain's head, or the first thing that is wrong with it."""
    while True:
        point = rows.checkpoint(database, chain)
        found = _walked(database, Walk(chain=chain, checkpoint=point, anchors=anchors))
        if isinstance(found, Checked) or rows.checkpoint(database, chain) == point:
            return found
        # Entries were removed meanwhile, as they may be: it begins behind them now.


def _walked(database: Database, walk: Walk) -> Checked | Fault:
    chain, end = walk.chain, rows.head(database, walk.chain)
    for stored in rows.walk(database, chain, (walk.checkpoint.number, end.number)):
        if fault := walk.take(stored.number, stored.text, stored.hash):
            return fault
        if not stored.is_consistent():
            text = "was altered in what it is searched by"
            return Fault(chain=chain, number=stored.number, text=text)
    if fault := walk.end(end):
        return fault
    stray = rows.stray(database, chain)
    if stray is not None:
        return Fault(chain=chain, number=stray, text="stands outside of the chain")
    return Checked(chain, walk.head)


def _anchor(line: str) -> tuple[str, Head] | None:
    if line.startswith("{"):
        return _exported(line)
    if not line.strip():
        return None
    chain, number, hash_ = (*line.split(), "", "")[:3]
    if not number.isdecimal() or not _HASH.fullmatch(hash_):
        raise BadAnchors("a line of the file of anchors is not: chain, number and hash")
    return NO_WORKSPACE if chain == _NONE else chain, Head(int(number), hash_)


def _exported(line: str) -> tuple[str, Head] | None:
    """Return the head that an export ends with; None for its other lines."""
    try:
        said = json.loads(line)
        head = said.get("head")
        return (head["chain"], Head(head["number"], head["hash"])) if head else None
    except (ValueError, KeyError, TypeError):
        raise BadAnchors("a line of the file of anchors is not one of an export") from None
