from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from auditing import ACT, appended
from running import NOON
from syncline_server.core.audit import REMOVED, Fault, Head
from syncline_server.services import audit_export
from syncline_server.services.audit_checks import BadAnchors, Checked, read_anchors
from syncline_server.storage import audit
from syncline_server.storage.database import Database

DAY = timedelta(days=1)


def exported(database: Database, since: int | None = None, until: int | None = None) -> list[bytes]:
    """Return acme's lines from a day on, before another."""
    span = [None if day is None else NOON + day * DAY for day in (since, until)]
    found = audit_export.lines(database, "acme", *span)
    return [] if found is None else [f"{line}\n".encode() for line in found]


@pytest.fixture
def written(database: Database) -> Database:
    """A database with an entry of acme for each of five days."""
    for day in range(5):
        appended(database, 1, at=NOON + day * DAY)
    return database


def test_what_is_exported_is_right_without_a_server(written: Database) -> None:
    """A whole export leads to the head the database has."""
    assert audit_export.verify(exported(written), {}) == Checked(
        "acme", audit.head(written, "acme")
    )


def test_a_part_of_a_chain_is_right_by_itself(written: Database) -> None:
    """The entries of some days begin with the hash of the one before them."""
    part = exported(written, 1, 4)

    assert len(part) == 1 + 3 + 1
    found = audit_export.verify(part, {})
    assert found == Checked("acme", Head(4, audit.hash_at(written, "acme", 4)))


def test_what_is_left_of_a_chain_is_right(written: Database) -> None:
    """An export after entries were removed begins behind the checkpoint."""
    audit.remove_through(written, 3, replace(ACT, method=REMOVED), "old", NOON)

    assert isinstance(audit_export.verify(exported(written), {}), Checked)


def test_nothing_is_exported_where_nothing_is(written: Database) -> None:
    """A time without entries, and a workspace without any, give no file."""
    assert exported(written, 9) == []
    assert audit_export.lines(written, "globex", None, None) is None


@pytest.mark.parametrize(
    ("tamper", "number"),
    [
        (lambda lines: [*lines[:3], lines[3].replace(b"Mia", b"Eve"), *lines[4:]], 3),
        (lambda lines: [*lines[:3], *lines[4:]], 3),
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 3),
        (lambda lines: [*lines[:5], lines[-1]], 5),
        (lambda lines: lines[:-1], 6),
        (lambda lines: [lines[0].replace(b"0000", b"1111"), *lines[1:]], 1),
        (lambda lines: [b"{}\n", *lines[1:]], 1),
        (lambda _lines: [], 0),
    ],
    ids=["altered", "missing", "reordered", "cut", "no end", "other begin", "no begin", "empty"],
)
def test_tampering_with_a_file_is_found(
    written: Database, tamper: Callable[[list[bytes]], list[bytes]], number: int
) -> None:
    """The first line that does not follow is named by its entry's number."""
    found = audit_export.verify(tamper(exported(written)), {})

    assert isinstance(found, Fault)
    assert found.number == number


def test_an_export_is_held_to_anchors(written: Database) -> None:
    """A file that fits itself must fit the hashes that were kept, its beginning included."""
    part = exported(written, 1)
    right = {number: audit.hash_at(written, "acme", number) for number in (1, 3)}

    assert isinstance(audit_export.verify(part, {"acme": right}), Checked)
    for number in right:
        found = audit_export.verify(part, {"acme": {**right, number: "0" * 64}})
        assert isinstance(found, Fault)
        assert found.number == number


def test_anchors_are_heads_as_they_are_printed_and_exported(written: Database) -> None:
    """Lines of ``audit verify`` and the end of an export say the same."""
    head = audit.head(written, "acme")
    lines = [line.decode() for line in exported(written)]

    assert read_anchors(lines) == {"acme": {5: head.hash}}
    assert read_anchors([f"acme 5 {head.hash}", f"- 1 {head.hash}", ""]) == {
        "acme": {5: head.hash},
        "": {1: head.hash},
    }


@pytest.mark.parametrize("line", ["", "acme", "acme five hash", "acme 5 abc", "{", '{"head": {}}'])
def test_what_is_no_anchor_is_refused(line: str) -> None:
    """A file that proves nothing must not look as if it did."""
    with pytest.raises(BadAnchors):
        read_anchors([line])
