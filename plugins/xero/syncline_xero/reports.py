"""Issues: records that could not be processed, in words a person can act on."""

from __future__ import annotations

from collections.abc import Sequence

from syncline_sdk import Issue, RecordKind, RunContext
from syncline_xero.decoding import BadRow

UNREADABLE = "XERO_RECORD_UNREADABLE"


def report_unreadable(ctx: RunContext, kind: RecordKind, rows: Sequence[BadRow]) -> None:
    """Report elements of an answer that could not be decoded."""
    for row in rows:
        ctx.issue(
            Issue(
                code=UNREADABLE,
                message=f"Xero sent this record in a form that could not be read: {row.reason}",
                action="Open and save the record in Xero; if it persists, report it.",
                kind=kind,
                record_id=row.id,
                record_name=row.name,
            )
        )


def unreadable(record_id: str | None, name: str | None, reason: str) -> BadRow:
    """Return a row that decoded but makes no sense, as one that did not decode."""
    return BadRow(id=record_id or "", name=name or "", reason=reason)
