"""Rows of ``invoice_links``: the newest attempt to send each invoice, and what became of it."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from syncline_sdk import InvoiceState
from syncline_server.core.changes import ChangeKind
from syncline_server.core.link import Link
from syncline_server.core.listing import LinkFilter
from syncline_server.core.model import HELD, PushState
from syncline_server.core.organisations import Organisation
from syncline_server.core.outgoing import Parcel
from syncline_server.core.variance import Variance
from syncline_server.storage import bulk, changes, invoices
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import (
    from_micros,
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)
from syncline_server.storage.where import Where

_KEY = ("workspace", "provider", "organisation_id", "invoice_id")
_COLUMNS = (
    *_KEY,
    "push_state",
    "attempt_id",
    "run_id",
    "idempotency_key",
    "payload",
    "refusal_code",
    "refusal_message",
    "holder_id",
    "provider_invoice_id",
    "provider_number",
    "provider_status",
    "remote",
    "variance",
    "link_time",
    "refresh_time",
    "update_time",
)
_OF = "workspace = ? AND provider = ? AND organisation_id = ?"


def write(database: Database, links: Collection[Link], now: datetime) -> None:
    """Store links, each invoice and organisation once.

    :raises peewee.IntegrityError: another invoice is linked to the provider's invoice.
    """
    # Invoices first, as whoever changes one locks it before its links.
    for organisation in {link.organisation for link in links}:
        _mark_invoices(database, organisation, links)
    rows = [(*_columns(link), to_micros(now)) for link in links]
    bulk.upsert(database, "invoice_links", key=_KEY, columns=_COLUMNS, rows=rows)
    for organisation in {link.organisation for link in links}:
        ids = [link.invoice_id for link in links if link.organisation == organisation]
        changes.note_at(database, ChangeKind.INVOICE_LINK, organisation, ids, now)


def refreshed(
    database: Database, organisation: Organisation, remote_ids: Collection[str], now: datetime
) -> None:
    """Write down that the provider's side was read and had not changed."""
    database.execute(
        f"UPDATE invoice_links SET refresh_time = ? WHERE {_OF}"
        f" AND {bulk.among(database, 'provider_invoice_id')}",
        (to_micros(now), *organisation, bulk.members(database, remote_ids)),
    )


def of_invoices(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, Link]:
    """Return how these invoices stand at an organisation, by invoice id."""
    return {link.invoice_id: link for link in _among(database, organisation, "invoice_id", ids)}


def anywhere(database: Database, workspace: str, ids: Collection[str]) -> list[Link]:
    """Return how these invoices stand at any organisation."""
    query = (
        f"SELECT * FROM invoice_links WHERE workspace = ? AND {bulk.among(database, 'invoice_id')}"
    )
    rows = database.rows(query, (workspace, bulk.members(database, ids)))
    return [_from_row(row) for row in rows]


def of_attempts(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, Link]:
    """Return the links whose newest attempts these are, by attempt id."""
    return {link.attempt_id: link for link in _among(database, organisation, "attempt_id", ids)}


def of_remote(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, Link]:
    """Return the links to these invoices of the provider, by the provider's id."""
    found = _among(database, organisation, "provider_invoice_id", ids)
    return {link.remote.id: link for link in found if link.remote}


def unresolved(database: Database, organisation: Organisation) -> list[Link]:
    """Return the links whose outcome is not known, by invoice id."""
    query = (
        f"SELECT * FROM invoice_links WHERE {_OF} AND push_state IN ('SENT', 'UNCERTAIN')"
        " ORDER BY invoice_id"
    )
    return [_from_row(row) for row in database.rows(query, organisation)]


def unsent(database: Database, organisation: Organisation, run_id: str) -> list[Link]:
    """Return what a run has prepared and not sent, by invoice id."""
    query = (
        f"SELECT * FROM invoice_links WHERE {_OF} AND run_id = ? AND push_state = 'PENDING'"
        " ORDER BY invoice_id"
    )
    return [_from_row(row) for row in database.rows(query, (*organisation, run_id))]


def linked(database: Database, organisation: Organisation, ids: Collection[str]) -> frozenset[str]:
    """Return which of these invoices of the provider are linked."""
    query = (
        f"SELECT provider_invoice_id FROM invoice_links WHERE {_OF}"
        f" AND {bulk.among(database, 'provider_invoice_id')}"
    )
    rows = database.tuples(query, (*organisation, bulk.members(database, ids)))
    return frozenset(row[0] for row in rows)


def refused(database: Database, organisation: Organisation, after: str, limit: int) -> list[Link]:
    """Return what an organisation refused, behind an invoice id, in order."""
    query = (
        f"SELECT * FROM invoice_links WHERE {_OF} AND push_state = 'REJECTED' AND invoice_id > ?"
        " ORDER BY invoice_id LIMIT ?"
    )
    return [_from_row(row) for row in database.rows(query, (*organisation, after, limit))]


def held_up_by(database: Database, organisation: Organisation, ids: Collection[str]) -> list[Link]:
    """Return what an organisation refused because these invoices of it stood in the way."""
    found = _among(database, organisation, "push_state = 'REJECTED' AND holder_id", ids)
    return [link for link in found if link.holder_id]


def holders(database: Database, organisation: Organisation) -> list[str]:
    """Return the organisation's invoices that stood in the way of what it refused, by id."""
    query = (
        f"SELECT DISTINCT holder_id FROM invoice_links WHERE {_OF} AND push_state = 'REJECTED'"
        " AND holder_id <> '' ORDER BY holder_id"
    )
    return [row[0] for row in database.tuples(query, organisation)]


def reconsider(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    """Have refused invoices be sent once more by the next push; others stay as they are."""
    database.execute(
        "UPDATE invoice_links SET push_state = 'PENDING', run_id = '', refusal_code = '',"
        f" refusal_message = '', holder_id = '', update_time = ?, version = version + 1 WHERE {_OF}"
        f" AND {bulk.among(database, 'invoice_id')} AND push_state = 'REJECTED'",
        (to_micros(now), *organisation, bulk.members(database, ids)),
    )
    changes.note_at(database, ChangeKind.INVOICE_LINK, organisation, list(ids), now)


def remote_ids(database: Database, organisation: Organisation, after: str, limit: int) -> list[str]:
    """Return the provider's ids of linked invoices behind one, in order."""
    query = (
        f"SELECT provider_invoice_id FROM invoice_links WHERE {_OF}"
        " AND provider_invoice_id > ? ORDER BY provider_invoice_id LIMIT ?"
    )
    return [row[0] for row in database.tuples(query, (*organisation, after, limit))]


def count_linked(database: Database, organisation: Organisation) -> int:
    """Return how many invoices are linked to the provider's."""
    query = f"SELECT COUNT(*) FROM invoice_links WHERE {_OF} AND provider_invoice_id IS NOT NULL"
    return int(database.tuples(query, organisation)[0][0])


def page(
    database: Database, organisation: Organisation, wanted: LinkFilter, after: str, limit: int
) -> list[Link]:
    """Return links behind an invoice id, in order."""
    where = Where(f"{_OF} AND invoice_id > ?", *organisation, after)
    where.one_of("push_state", wanted.states)
    if wanted.variance_only:
        where.add("variance <> ''")
    query = f"SELECT * FROM invoice_links WHERE {where} ORDER BY invoice_id LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


def _mark_invoices(database: Database, organisation: Organisation, links: Collection[Link]) -> None:
    mine = [link for link in links if link.organisation == organisation]
    held = [link.invoice_id for link in mine if link.push_state in HELD]
    invoices.mark_held(database, organisation, held)
    left = [link.invoice_id for link in mine if link.push_state not in HELD]
    invoices.mark_left(database, organisation, left)


def _among(
    database: Database, organisation: Organisation, column: str, values: Collection[str]
) -> list[Link]:
    query = f"SELECT * FROM invoice_links WHERE {_OF} AND {bulk.among(database, column)}"
    rows = database.rows(query, (*organisation, bulk.members(database, values)))
    return [_from_row(row) for row in rows]


def _columns(link: Link) -> tuple[object, ...]:
    remote = link.remote
    return (
        *link.organisation,
        link.invoice_id,
        link.push_state,
        link.attempt_id,
        link.run_id,
        link.parcel.invoice.idempotency_key,
        _json(link.parcel),
        link.refusal_code,
        link.refusal_message,
        link.holder_id,
        remote.id if remote else None,
        remote.number if remote else "",
        remote.status if remote else "",
        _json(remote),
        _json(link.variance),
        to_micros_or_none(link.link_time),
        to_micros_or_none(link.refresh_time),
    )


def _json(value: Parcel | InvoiceState | Variance | None) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def _from_row(row: Row) -> Link:
    remote, variance = row["remote"], row["variance"]
    return Link(
        organisation=Organisation(row["workspace"], row["provider"], row["organisation_id"]),
        invoice_id=row["invoice_id"],
        push_state=PushState(row["push_state"]),
        attempt_id=row["attempt_id"],
        run_id=row["run_id"],
        parcel=msgspec.json.decode(row["payload"], type=Parcel),
        refusal_code=row["refusal_code"],
        refusal_message=row["refusal_message"],
        holder_id=row["holder_id"],
        remote=msgspec.json.decode(remote, type=InvoiceState) if remote else None,
        variance=msgspec.json.decode(variance, type=Variance) if variance else None,
        link_time=from_micros_or_none(row["link_time"]),
        refresh_time=from_micros_or_none(row["refresh_time"]),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
