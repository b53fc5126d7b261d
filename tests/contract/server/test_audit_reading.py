import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from auditing import HOME, entries, listed
from syncline.v1 import audit_pb2, workspace_pb2
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client, InvalidArgument, NotFound, PermissionDenied
from syncline_server.core.access import Role
from wiring import Served

NAME = f"{HOME}/connections/ledger"


def disconnect(client: Client, name: str) -> None:
    """Disconnect, whether that is there or not."""
    with contextlib.suppress(NotFound):
        client.integrations.Disconnect(pb.DisconnectRequest(name=name))


def test_entries_are_listed_by_what_is_wanted(guarded: Served, service: Client) -> None:
    """Time, subject, method and outcome narrow down; pages follow each other, newest first."""
    guarded.wired.connect()
    clock = guarded.wired.clock
    for day in range(3):
        disconnect(service, NAME)
        disconnect(service, f"{HOME}/connections/none")
        if day < 2:
            clock.advance(seconds=86_400)
    subject = guarded.wired.tokens.list()[0].id

    assert [each.number for each in listed(service)] == [6, 5, 4, 3, 2, 1]
    assert [each.number for each in listed(service, refused_only=True)] == [6, 4, 2]
    assert [each.number for each in listed(service, start_time=clock())] == [6, 5]
    assert [each.number for each in listed(service, end_time=clock())] == [4, 3, 2, 1]
    assert len(listed(service, subject=subject, method="Disconnect")) == 6
    assert listed(service, subject="nobody") == listed(service, method="TriggerSync") == []
    request = audit_pb2.ListAuditEntriesRequest(parent=HOME, page_size=4)
    first = service.audit.ListAuditEntries(request)
    request.page_token = first.next_page_token
    second = service.audit.ListAuditEntries(request)
    assert [each.number for each in (*first.entries, *second.entries)] == [6, 5, 4, 3, 2, 1]
    assert second.next_page_token == ""


def test_who_uses_an_id_again_reads_nothing_of_before(
    guarded: Served, acting: Callable[..., Client]
) -> None:
    """An erased workspace's trail is the operators' alone; the new one's goes on behind it."""
    old = acting(Role.ADMIN, "acme")
    disconnect(old, f"{HOME}/connections/before")
    request = workspace_pb2.EraseWorkspaceRequest(name=HOME, confirm="acme")
    for _ in range(2):
        old.workspaces.EraseWorkspace(request)
    before = len(entries(guarded.wired.database))
    guarded.wired.workspaces.erasures.go_on()
    new = acting(Role.ADMIN, "acme")
    assert listed(new) == []

    disconnect(new, NAME)

    assert [(each.number, each.resources) for each in listed(new)] == [(before + 1, [NAME])]
    kept = entries(guarded.wired.database)
    assert [each.number for each in kept] == list(range(1, before + 2))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_the_trail_is_for_admins(role: Role, acting: Callable[..., Client]) -> None:
    """Whoever may not change settings may not read who did."""
    with pytest.raises(PermissionDenied):
        listed(acting(role, "acme"))


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"page_size": -1}, "page_size"),
        ({"page_token": "made-up"}, "page_token"),
        ({"subject": "x" * 1001}, "subject"),
        ({"person": "x" * 101}, "person"),
        ({"method": "x" * 101}, "method"),
    ],
)
def test_a_malformed_list_is_refused(service: Client, wanted: Any, field: str) -> None:
    """Every field that is wrong is named."""
    with pytest.raises(InvalidArgument) as refused:
        listed(service, **wanted)

    assert [each.field for each in refused.value.violations] == [field]


def test_an_admin_of_another_workspace_reads_nothing(acting: Callable[..., Client]) -> None:
    """Entries are their workspace's own."""
    with pytest.raises(PermissionDenied):
        listed(acting(Role.ADMIN, "globex"))
