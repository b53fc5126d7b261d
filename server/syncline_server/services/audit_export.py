"""Audit entries as a file that can be verified where there is no server.

One JSON object a line: first where it begins, then every entry with its hash, at last the head
they lead to. An entry is written exactly as it was hashed, so whoever has SHA-256 can follow the
chain: ``sha256(bytes of the hash before, entry)`` is the entry's hash, in hexadecimal digits.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from syncline_server.core.audit import Fault, Head, Walk, read
from syncline_server.services.audit_checks import Anchors, Checked
from syncline_server.storage import audit as rows
from syncline_server.storage.database import Database

_VERSION: Final = 1
_BEFORE_HASH: Final = '{"hash":"'
_BEFORE_ENTRY: Final = '","entry":'
_HASH_LENGTH: Final = 64


def lines(
    database: Database, chain: str, since: datetime | None, until: datetime | None
) -> Iterator[str] | None:
    """Return the lines of the entries of a time; None when there are none.

    :param since: from this time on; from the first entry when None.
    :param until: before this time; up to the newest entry when None.
    """
    after, last = rows.span(database, chain, since, until)
    return _lines(database, chain, (after, last)) if last else None


def verify(exported: Iterable[bytes], anchors: Anchors) -> Checked | Fault:
    """Return the head of exported entries, or the first thing that is wrong with them."""
    walk: Walk | None = None
    for raw in exported:
        line = raw.decode(errors="replace").rstrip("\r\n")
        if walk is None:
            walk = _begun(line, anchors)
            if fault := _misplaced(walk):
                return fault
        elif line.startswith(_BEFORE_HASH):
            if fault := _take(walk, line):
                return fault
        else:
            return _ended(walk, _head(line))
    number = walk.head.number + 1 if walk else 0
    return Fault(chain=walk.chain if walk else "", number=number, text="is missing: no last line")


def _lines(database: Database, chain: str, span: tuple[int, int]) -> Iterator[str]:
    after, _ = span
    head = Head(after, rows.hash_at(database, chain, after))
    removed = rows.checkpoint(database, chain).number
    first = {"version": _VERSION, "after": _told(chain, head), "removed_through": removed}
    yield _json({"syncline_audit": first})
    for stored in rows.walk(database, chain, span):
        head = Head(stored.number, stored.hash)
        yield f"{_BEFORE_HASH}{stored.hash}{_BEFORE_ENTRY}{stored.text}}}"
    yield _json({"head": _told(chain, head)})


def _begun(line: str, anchors: Anchors) -> Walk:
    try:
        after = json.loads(line)["syncline_audit"]["after"]
        chain, head = str(after["chain"]), Head(int(after["number"]), str(after["hash"]))
        bytes.fromhex(head.hash)
    except (ValueError, KeyError, TypeError):
        chain, head = "", Head()
    walk = Walk(chain=chain, anchors=dict(anchors.get(chain, {})))
    walk.head = head
    return walk


def _misplaced(walk: Walk) -> Fault | None:
    known = walk.anchors.get(walk.head.number, walk.head.hash)
    if known == walk.head.hash:
        return None
    text = "is not the one the anchor knows: history was rewritten"
    return Fault(chain=walk.chain, number=walk.head.number, text=text)


def _ended(walk: Walk, told: Head) -> Checked | Fault:
    if walk.head == told:
        return Checked(walk.chain, walk.head)
    text = "is missing, or the last line was altered"
    return Fault(chain=walk.chain, number=walk.head.number + 1, text=text)


def _take(walk: Walk, line: str) -> Fault | None:
    start = len(_BEFORE_HASH)
    hash_ = line[start : start + _HASH_LENGTH]
    text = line[start + _HASH_LENGTH + len(_BEFORE_ENTRY) : -1]
    entry = read(text)
    return walk.take(entry.number if entry else walk.head.number + 1, text, hash_)


def _head(line: str) -> Head:
    try:
        head = json.loads(line)["head"]
        return Head(int(head["number"]), str(head["hash"]))
    except (ValueError, KeyError, TypeError):
        return Head(-1, "")


def _told(chain: str, head: Head) -> dict[str, object]:
    return {"chain": chain, "number": head.number, "hash": head.hash}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
