"""Connections on the wire."""

from collections.abc import Iterable

from syncline.v1 import integration_pb2
from syncline_server.core import etags
from syncline_server.core.budget import Closure
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import Candidate, ConnectionRow
from syncline_server.services.budgets import Standing


def connection(row: ConnectionRow, catalogue: Catalogue) -> integration_pb2.Connection:
    """Return a connection as callers see it; tokens are no part of it."""
    return integration_pb2.Connection(
        name=str(row.key),
        provider=row.key.provider,
        provider_title=catalogue.providers[row.key.provider].provider.title,
        state=f"STATE_{row.state}",
        state_reason=row.state_reason,
        organisation=_organisation(row),
        candidates=_candidates(row.candidates),
        candidates_expire_time=row.candidates_expire_time if row.candidates else None,
        connect_time=row.connect_time,
        update_time=row.update_time,
        etag=etags.of(row.version),
    )


def allowance(standing: Standing) -> integration_pb2.Allowance:
    """Return how an organisation's allowance stands as callers see it."""
    day, closed = standing.day, standing.closed
    return integration_pb2.Allowance(
        minute_remaining=standing.minute_remaining,
        day_remaining=day.remaining if day else None,
        day_told_time=day.time if day else None,
        closed_until_time=closed.until if closed else None,
        closed_by=_limit(closed),
        month_bytes_read=standing.month_bytes_read,
    )


def _limit(closed: Closure | None) -> str | None:
    return f"LIMIT_{closed.limit}" if closed and closed.limit else None


def _organisation(row: ConnectionRow) -> integration_pb2.Organisation | None:
    if not row.organisation_id:
        return None
    return integration_pb2.Organisation(id=row.organisation_id, display_name=row.organisation_name)


def _candidates(candidates: Iterable[Candidate]) -> list[integration_pb2.Organisation]:
    return [integration_pb2.Organisation(id=each.id, display_name=each.name) for each in candidates]
