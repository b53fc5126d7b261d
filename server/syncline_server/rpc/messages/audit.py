"""Audit entries on the wire."""

from syncline.v1 import audit_pb2
from syncline_server.core.audit import Entry
from syncline_server.core.names import record
from syncline_server.storage.values import from_micros


def audit_entry(entry: Entry, hash_: str) -> audit_pb2.AuditEntry:
    """Return an entry as callers see it."""
    who = entry.actor
    return audit_pb2.AuditEntry(
        name=record(entry.chain, "auditEntries", str(entry.number)),
        number=entry.number,
        create_time=from_micros(entry.time),
        stage=f"STAGE_{entry.stage}",
        method=entry.method,
        subject=who.subject,
        title=who.title,
        credentials=f"CREDENTIALS_{who.credentials}",
        person=who.person_id,
        person_title=who.person_title,
        address=who.peer,
        code=entry.code,
        reason=entry.reason,
        request_id=entry.request_id,
        resources=entry.names,
        more_resources_count=entry.more_names,
        edits=[
            audit_pb2.AuditEdit(field=field, old_value=old, new_value=new)
            for field, old, new in entry.edits
        ],
        begun=entry.begun,
        omitted_count=entry.omitted,
        hash=hash_,
    )
