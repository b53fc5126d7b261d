"""Rows of ``run_issues``: what runs could not process, each open until something settles it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from syncline_sdk import Issue, RecordKind
from syncline_server.core.export_check import MOOT
from syncline_server.core.model import Run
from syncline_server.core.organisations import Organisation, of_run
from syncline_server.storage import bulk
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import to_micros

_COLUMNS = (
    "workspace",
    "provider",
    "organisation_id",
    "module",
    "run_id",
    "number",
    "code",
    "message",
    "action",
    "kind",
    "record_id",
    "record_name",
    "local_id",
    "candidates",
    "create_time",
    "resolve_time",
    "resolution",
)
_MOOT = "Told to whoever asked; nothing is left to settle."
_OPEN = (
    "SELECT issue.run_id, issue.number, issue.provider, issue.organisation_id, issue.module,"
    " issue.code, issue.record_id FROM run_issues AS issue"
)
_OPEN_AT = (
    "issue.resolve_time IS NULL AND issue.workspace = ? AND issue.provider = ?"
    " AND issue.organisation_id = ? AND issue.kind = ?"
)
_OF_INVOICES = (
    f"{_OPEN} JOIN invoices ON invoices.workspace = issue.workspace"
    " AND invoices.id = issue.record_id"
)


class IssueRow(NamedTuple):
    """An issue with what it concerns here."""

    issue: Issue
    local_id: str = ""
    """The id of our record it concerns; empty when there is none."""
    candidates: tuple[str, ...] = ()
    """Ids of our records to choose from."""


class OpenIssue(NamedTuple):
    """An issue that nothing has settled yet."""

    run_id: str
    number: int
    provider: str
    organisation_id: str
    module: str
    """Of the run that met it."""
    code: str
    record_id: str


def add(database: Database, run: Run, issues: Sequence[IssueRow], now: datetime) -> None:
    """Append issues to a run.

    Older open ones of the same code and record are closed: one says it all.
    """
    if not issues:
        return
    _supersede(database, run, [row.issue for row in issues], now)
    known = database.row("SELECT issue_count FROM runs WHERE id = ?", (run.id,))
    first = (known["issue_count"] if known else 0) + 1
    of = (*of_run(run), run.scope.module, run.id)
    marks = ", ".join("?" for _ in _COLUMNS)
    database.execute_many(
        f"INSERT INTO run_issues ({', '.join(_COLUMNS)}) VALUES ({marks})",
        [
            (*of, number, *_issue_columns(row), to_micros(now), *_settled(row.issue, now))
            for number, row in enumerate(issues, start=first)
        ],
    )
    database.execute(
        "UPDATE runs SET issue_count = issue_count + ? WHERE id = ?", (len(issues), run.id)
    )


def of_one_run(
    database: Database, run_id: str, after: int, limit: int, *, open_only: bool = False
) -> list[Row]:
    """Return a run's issues behind a number, in order, as rows."""
    only = " AND resolve_time IS NULL" if open_only else ""
    query = (
        f"SELECT * FROM run_issues WHERE run_id = ? AND number > ?{only} ORDER BY number LIMIT ?"
    )
    return database.rows(query, (run_id, after, limit))


def told(database: Database, run_id: str) -> set[tuple[str, str, str]]:
    """Return code, kind and record of everything a run has met.

    A record without an id goes by its name; what has neither is left out.
    """
    query = (
        "SELECT code, kind, CASE WHEN record_id = '' THEN record_name ELSE record_id END AS record"
        " FROM run_issues WHERE run_id = ? AND (record_id <> '' OR record_name <> '')"
    )
    return set(database.tuples(query, (run_id,)))


def open_of_workspace(
    database: Database, workspace: str, before: tuple[str, int] | None, limit: int
) -> list[Row]:
    """Return the open issues of all runs of a workspace as rows, those met last first.

    What belongs to an organisation that another one has taken the place of is left out.

    :param before: run and number that the page begins behind; None for the first page.
    """
    at, parameters = ("", []) if before is None else (" AND (run_id, number) < (?, ?)", [*before])
    query = (
        "SELECT * FROM run_issues AS issue WHERE workspace = ? AND resolve_time IS NULL"
        f"{at} AND NOT EXISTS (SELECT 1 FROM connections WHERE connections.workspace ="
        " issue.workspace AND connections.provider = issue.provider"
        " AND connections.organisation_id <> issue.organisation_id)"
        " ORDER BY run_id DESC, number DESC LIMIT ?"
    )
    return database.rows(query, (workspace, *parameters, limit))


def open_records(database: Database, organisation: Organisation, kind: RecordKind) -> set[str]:
    """Return the ids of all records of one kind that have an open issue at an organisation."""
    query = f"SELECT DISTINCT issue.record_id FROM run_issues AS issue WHERE {_OPEN_AT}"
    return {row[0] for row in database.tuples(query, (*organisation, kind))}


def of_records(
    database: Database, organisation: Organisation, kind: RecordKind, ids: Collection[str]
) -> list[OpenIssue]:
    """Return the open issues of some records at an organisation."""
    condition = bulk.among(database, "issue.record_id")
    parameters = (*organisation, kind, bulk.members(database, ids))
    return _found(database, f"{_OPEN} WHERE {_OPEN_AT} AND {condition}", parameters)


def without_record(database: Database, run: Run) -> list[OpenIssue]:
    """Return the open issues earlier runs of a module met about what had no id to go by."""
    condition = bulk.among(database, "issue.kind")
    query = (
        f"{_OPEN} WHERE issue.resolve_time IS NULL AND issue.workspace = ? AND {condition}"
        " AND issue.record_id = '' AND issue.provider = ? AND issue.organisation_id = ?"
        " AND issue.module = ? AND issue.run_id <> ?"
    )
    workspace, provider, organisation_id = of_run(run)
    kinds = bulk.members(database, list(RecordKind))
    at = (workspace, kinds, provider, organisation_id)
    return _found(database, query, (*at, run.scope.module, run.id))


def of_invoices(database: Database, workspace: str, ids: Collection[str]) -> list[OpenIssue]:
    """Return the open issues of invoices at any organisation."""
    query = (
        f"{_OPEN} WHERE issue.resolve_time IS NULL AND issue.workspace = ? AND issue.kind = ?"
        f" AND {bulk.among(database, 'issue.record_id')}"
    )
    parameters = (workspace, RecordKind.INVOICE, bulk.members(database, ids))
    return _found(database, query, parameters)


def of_invoices_of(
    database: Database, organisation: Organisation, codes: Collection[str], customer_id: str
) -> list[OpenIssue]:
    """Return the open issues of these codes of a customer's invoices."""
    query = (
        f"{_OF_INVOICES} WHERE {_OPEN_AT} AND {bulk.among(database, 'issue.code')}"
        " AND invoices.customer_id = ?"
    )
    members = bulk.members(database, codes)
    return _found(database, query, (*organisation, RecordKind.INVOICE, members, customer_id))


def of_invoices_over(
    database: Database, organisation: Organisation, code: str, product_id: str
) -> list[OpenIssue]:
    """Return the open issues of this code of invoices with a line of a product."""
    query = f"{_OF_INVOICES} WHERE {_OPEN_AT} AND issue.code = ? AND invoices.lines LIKE ?"
    parameters = (*organisation, RecordKind.INVOICE, code, f'%"{product_id}"%')
    return _found(database, query, parameters)


def of_codes(
    database: Database, organisation: Organisation, kind: RecordKind, codes: Collection[str]
) -> list[OpenIssue]:
    """Return all open issues of these codes at an organisation."""
    query = f"{_OPEN} WHERE {_OPEN_AT} AND {bulk.among(database, 'issue.code')}"
    return _found(database, query, (*organisation, kind, bulk.members(database, codes)))


def of_items_taxed(
    database: Database, organisation: Organisation, code: str, tax_types: Collection[str]
) -> list[OpenIssue]:
    """Return the open issues of this code of items that have one of these tax types."""
    query = (
        f"{_OPEN} JOIN items ON items.workspace = issue.workspace"
        " AND items.provider = issue.provider AND items.organisation_id = issue.organisation_id"
        f" AND items.item_id = issue.record_id WHERE {_OPEN_AT} AND issue.code = ?"
        f" AND {bulk.among(database, 'items.tax_type')}"
    )
    members = bulk.members(database, tax_types)
    return _found(database, query, (*organisation, RecordKind.ITEM, code, members))


def close(database: Database, issues: Iterable[OpenIssue], resolution: str, now: datetime) -> None:
    """Write down what settled issues; those that are closed already stay as they are.

    :param resolution: who or what settled them, for people.
    """
    database.execute_many(
        "UPDATE run_issues SET resolve_time = ?, resolution = ?"
        " WHERE run_id = ? AND number = ? AND resolve_time IS NULL",
        # In one order, whoever closes them, so that nobody waits for each other.
        [(to_micros(now), resolution, *issue[:2]) for issue in sorted(issues)],
    )


def _supersede(database: Database, run: Run, issues: Iterable[Issue], now: datetime) -> None:
    said = {(issue.kind, issue.record_id, issue.code) for issue in issues}
    older = []
    for kind in sorted({kind for kind, _, _ in said}):
        ids = {record_id for of_kind, record_id, _ in said if of_kind == kind}
        for issue in of_records(database, of_run(run), kind, ids):
            # Without a record it may be about another one, unless another run said it.
            about = issue.record_id or issue.run_id != run.id
            if about and (kind, issue.record_id, issue.code) in said:
                older.append(issue)
    close(database, older, f"Met again by run {run.id}.", now)


def _found(database: Database, query: str, parameters: Sequence[object]) -> list[OpenIssue]:
    return [OpenIssue(*row) for row in database.tuples(query, parameters)]


def _issue_columns(row: IssueRow) -> tuple[str, ...]:
    issue = row.issue
    return (
        issue.code,
        issue.message,
        issue.action,
        issue.kind,
        issue.record_id,
        issue.record_name,
        row.local_id,
        msgspec.json.encode(row.candidates).decode(),
    )


def _settled(issue: Issue, now: datetime) -> tuple[int | None, str]:
    return (to_micros(now), _MOOT) if issue.code in MOOT else (None, "")
