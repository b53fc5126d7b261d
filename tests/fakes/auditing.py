"""Entries of the audit trail, as tests write and read them."""

from datetime import datetime
from typing import Any

from running import NOON
from syncline.v1 import audit_pb2
from syncline_client import Client
from syncline_server.core.access import Credentials
from syncline_server.core.audit import Act, Actor, Draft, Entry, read
from syncline_server.storage import audit
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

HOME = "workspaces/acme"
MIA = Actor(subject="t1", title="Mia", credentials=Credentials.ACCESS_TOKEN, peer="192.0.2.7")
ACT = Act(actor=MIA, method="UpdateSettings", workspace="acme", names=("workspaces/acme",))


def appended(database: Database, count: int, *, at: datetime = NOON) -> None:
    """Write entries of acme, each in a transaction of its own."""
    for _ in range(count):
        audit.note(database, Draft(act=ACT, time=to_micros(at)))


def entries(database: Database, chain: str = "acme") -> list[Entry]:
    """Return a chain's entries, oldest first."""
    end = audit.head(database, chain).number
    found = [read(each.text) for each in audit.walk(database, chain, (0, end))]
    return [entry for entry in found if entry is not None]


def listed(client: Client, **wanted: Any) -> list[audit_pb2.AuditEntry]:
    """Return acme's entries as an admin lists them, newest first."""
    request = audit_pb2.ListAuditEntriesRequest(parent=HOME, **wanted)
    return list(client.audit.ListAuditEntries(request).entries)
