"""AuditService: who did what in a workspace."""

from datetime import datetime

from syncline.v1 import audit_pb2
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages.audit import audit_entry
from syncline_server.rpc.paging import page
from syncline_server.services.audit import Trail
from syncline_server.storage.audit import EntryFilter


class AuditCalls:
    """Handles the method of AuditService."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def list(
        self, request: audit_pb2.ListAuditEntriesRequest
    ) -> audit_pb2.ListAuditEntriesResponse:
        """List a workspace's entries, newest first."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        paging = page(request, fields)
        wanted = _wanted(request, fields)
        fields.refuse()
        found = self._trail.page(workspace, wanted, paging.number, paging.limit)
        cut = paging.cut(found, lambda each: str(each[0].number), lambda each: audit_entry(*each))
        return audit_pb2.ListAuditEntriesResponse(
            entries=cut.messages, next_page_token=cut.next_page_token
        )


def _wanted(request: audit_pb2.ListAuditEntriesRequest, fields: Fields) -> EntryFilter:
    return EntryFilter(
        start=_time("start_time", request, fields),
        end=_time("end_time", request, fields),
        subject=request.subject,
        person=request.person,
        method=request.method,
        refused_only=request.refused_only,
    )


def _time(
    field: str, request: audit_pb2.ListAuditEntriesRequest, fields: Fields
) -> datetime | None:
    return fields.instant(field, getattr(request, field)) if request.HasField(field) else None
