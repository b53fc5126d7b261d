from datetime import UTC, datetime

import pytest
from google.protobuf.message import Message

from syncline.v1 import integration_pb2 as pb
from syncline.v1 import record_pb2
from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import InvalidArgument
from syncline_server.rpc import identity
from syncline_server.rpc.acting import Call, address_of, asker, watched_by
from syncline_server.rpc.permissions import RULES
from syncline_server.services.audit import Trail
from syncline_server.storage.database import Database

MIXED = Identity(subject="erp", title="ERP", roles={"acme": Role.SERVICE, "globex": Role.ADMIN})


def for_a_person(database: Database, path: str, request: Message) -> str:
    """Return whom a call of a service in one workspace is for, an admin in another."""
    trail = Trail(database, lambda: datetime(2026, 11, 26, tzinfo=UTC))
    identity.enter(MIXED)
    call = Call(
        method=f"/syncline.v1.{path}",
        rule=RULES[f"/syncline.v1.{path}"],
        arrival=identity.Arrival(metadata=(("x-syncline-person", "mia"),)),
        caller=MIXED,
        request=request,
        request_id="1",
    )
    end = watched_by(trail)(call)
    found = asker()
    end("OK", "")
    return found


def test_a_person_is_believed_where_the_role_is_service(database: Database) -> None:
    """A service of one workspace names people there, and in no other."""
    here = pb.DisconnectRequest(name="workspaces/acme/connections/ledger")
    there = pb.DisconnectRequest(name="workspaces/globex/connections/ledger")
    both = record_pb2.PreflightInvoicesRequest(
        connection=here.name, invoices=["workspaces/globex/invoices/i1"]
    )
    path = "IntegrationService/Disconnect"

    assert for_a_person(database, path, here) == "mia (ERP)"
    for path_, request in ((path, there), ("RecordService/PreflightInvoices", both)):
        with pytest.raises(InvalidArgument):
            for_a_person(database, path_, request)


def test_a_person_is_believed_where_no_workspace_is_named(database: Database) -> None:
    """What names none may be any workspace's in which the caller is a service."""
    request = pb.CompleteConnectionRequest(state="s", code="c")

    assert for_a_person(database, "IntegrationService/CompleteConnection", request) == "mia (ERP)"


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.7:51230", "192.0.2.7"),
        ("ipv6:%5B2001:db8::7%5D:51230", "2001:db8::7"),
        ("ipv6:[::1]:51230", "::1"),
        ("unix:/run/syncline.sock", "unix"),
        ("unix:", "unix"),
        ("", ""),
    ],
)
def test_address_is_without_the_port(peer: str, address: str) -> None:
    """Where a call comes from is told as people write addresses."""
    assert address_of(peer) == address
