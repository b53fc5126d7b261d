import io
import json
import zipfile
from collections.abc import Callable

import pytest

from dumps import dump
from syncline.v1 import customer_pb2, integration_pb2, run_pb2, workspace_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import (
    Aborted,
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from syncline_server.core.access import Role
from syncline_server.storage.database import Database
from wiring import ACME, GLOBEX, Served, Wired

HOME = "workspaces/acme"
ERASING = workspace_pb2.Erasure.STATE_ERASING
FINISHED = workspace_pb2.Erasure.STATE_FINISHED
COUNTED = ("change_heads", "changes", "erasures", "access_tokens")


def add(client: Client, name: str = "kerr", parent: str = HOME, notes: str = "") -> str:
    """Create a customer and return its name."""
    customer = customer_pb2.Customer(display_name=name.title(), notes=notes)
    request = pb.CreateCustomerRequest(parent=parent, customer=customer, customer_id=name)
    return client.records.CreateCustomer(request).customer.name


def export(client: Client, name: str = HOME) -> bytes:
    """Return a workspace's archive."""
    request = workspace_pb2.ExportWorkspaceRequest(name=name)
    return b"".join(each.data for each in client.workspaces.ExportWorkspace(request))


def erase(client: Client, name: str = HOME, confirm: str = "acme") -> workspace_pb2.Erasure:
    """Begin to erase a workspace."""
    request = workspace_pb2.EraseWorkspaceRequest(name=name, confirm=confirm)
    return client.workspaces.EraseWorkspace(request).erasure


def look(client: Client, erasure: workspace_pb2.Erasure) -> workspace_pb2.Erasure:
    """Return an erasure as it is now."""
    request = workspace_pb2.GetErasureRequest(name=erasure.name)
    return client.workspaces.GetErasure(request).erasure


def test_an_archive_comes_in_parts(client: Client) -> None:
    """Put together they are a zip archive with all records, larger than any one message."""
    names = [add(client, f"c{number}", notes=noise(number)) for number in range(300)]
    request = workspace_pb2.ExportWorkspaceRequest(name=HOME)

    parts = [each.data for each in client.workspaces.ExportWorkspace(request)]

    assert len(parts) > 1
    assert all(len(part) % 3 == 0 for part in parts[:-1])
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as archive:
        found = [json.loads(line)["name"] for line in archive.read("customers.jsonl").splitlines()]
    assert sorted(found) == sorted(names)


def noise(seed: int) -> str:
    """Return a text that hardly gets shorter by packing."""
    return "".join(
        chr(0x4E00 + (seed * 7919 + number * number * 31) % 20_000) for number in range(900)
    )


def test_an_erasure_is_begun_watched_and_kept(server: Served, client: Client) -> None:
    """It is answered at once; its name tells how far it is, and afterwards the receipt."""
    add(client)
    add(client, parent="workspaces/globex")
    others = dump(server.wired.database, *COUNTED)["customers"]

    begun = erase(client)
    again = erase(client)
    server.wired.workspaces.erasures.go_on()
    receipt = look(client, begun)

    assert begun.name.startswith(f"{HOME}/erasures/")
    assert (begun.state, begun.requested_by, begun.HasField("finish_time")) == (
        ERASING,
        "local",
        False,
    )
    assert again == begun
    assert receipt.state == FINISHED
    assert receipt.row_counts["customers"] == 1
    assert receipt.finish_time.ToDatetime() >= receipt.request_time.ToDatetime()
    assert dump(server.wired.database)["customers"] == [
        each for each in others if each["workspace"] == "globex"
    ]


def test_other_workspaces_are_untouched(server: Served, client: Client) -> None:
    """Byte by byte: every row of theirs is as it was."""
    wired = server.wired
    for key in (ACME, GLOBEX):
        wired.approve(key, organisation=key.workspace)
        wired.switch_on("contacts", key=key)
        add_local(wired, key.workspace)
    before = of_globex(wired.database)
    wired.connections.disconnect(ACME)

    erase(client)
    wired.workspaces.erasures.go_on()

    assert of_globex(wired.database) == before
    assert (
        client.integrations.GetConnection(
            integration_pb2.GetConnectionRequest(name=str(GLOBEX))
        ).connection.state
        == integration_pb2.Connection.STATE_CONNECTED
    )


def add_local(wired: Wired, workspace: str) -> None:
    """Store a customer past whoever owns them."""
    wired.database.execute(
        "INSERT INTO customers (workspace, id, name, name_key, create_time, update_time)"
        " VALUES (?, 'kerr', 'Kerr', 'kerr', 1, 1)",
        (workspace,),
    )


def of_globex(database: Database) -> dict[str, list[object]]:
    """Return every row of the other workspace, and those that are no workspace's."""
    return {
        table: [row for row in rows if row.get("workspace", "globex") == "globex"]
        for table, rows in dump(database, "erasures").items()
        if not table.startswith("audit_")  # whose erasure is told there
    }


Act = Callable[[Client], object]
REFUSED: dict[str, Act] = {
    "create": add,
    "read": lambda client: client.records.ListCustomers(pb.ListCustomersRequest(parent=HOME)),
    "export": export,
    "connect": lambda client: client.integrations.StartConnection(
        integration_pb2.StartConnectionRequest(
            parent=HOME,
            provider=ACME.provider,
            redirect_uri="http://localhost:8080/oauth/callback",
        )
    ),
    "watch": lambda client: next(client.records.WatchChanges(pb.WatchChangesRequest(parent=HOME))),
    "run": lambda client: client.runs.GetRun(run_pb2.GetRunRequest(name=f"{HOME}/runs/r")),
}


@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED)
def test_everything_else_is_refused_while_it_lasts(
    server: Served, client: Client, act: Act
) -> None:
    """With what to do; other workspaces answer, and so does this one when it is over."""
    erase(client)

    with pytest.raises(FailedPrecondition) as caught:
        act(client)
    assert caught.value.reason == "WORKSPACE_ERASING"
    assert caught.value.metadata["subjects"] == HOME
    add(client, parent="workspaces/globex")
    server.wired.workspaces.erasures.go_on()
    add(client)


def test_a_connected_workspace_is_not_erased(server: Served, client: Client) -> None:
    """It is named what to disconnect; disconnected, it is."""
    server.wired.approve()

    with pytest.raises(FailedPrecondition) as caught:
        erase(client)

    assert caught.value.reason == "WORKSPACE_CONNECTED"
    assert caught.value.metadata["subjects"] == str(ACME)
    client.integrations.Disconnect(integration_pb2.DisconnectRequest(name=str(ACME)))
    erase(client)


def test_an_active_run_is_named(server: Served, client: Client) -> None:
    """A workspace in which something runs is not erased."""
    wired = server.wired
    wired.connect()
    wired.switch_on("tax_rates")
    request = integration_pb2.TriggerSyncRequest(connection=str(ACME), module="tax_rates")
    run = client.integrations.TriggerSync(request).run.name
    wired.database.execute("UPDATE connections SET state = 'NOT_CONNECTED'")

    with pytest.raises(Aborted) as caught:
        erase(client)

    assert caught.value.reason == "RUN_ACTIVE"
    assert caught.value.metadata["resource"] == run


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda client: erase(client, name="acme"), "name"),
        (lambda client: erase(client, confirm=""), "confirm"),
        (lambda client: erase(client, confirm="globex"), "confirm"),
        (lambda client: erase(client, confirm=HOME), "confirm"),
        (lambda client: export(client, "acme"), "name"),
        (lambda client: look(client, workspace_pb2.Erasure(name=HOME)), "name"),
    ],
    ids=["erase", "unconfirmed", "another", "name", "export", "look"],
)
def test_malformed_requests_are_refused(client: Client, act: Act, field: str) -> None:
    """The wrong field is named, and nothing begins."""
    with pytest.raises(InvalidArgument) as caught:
        act(client)

    assert field in caught.value.metadata["fields"].split(", ")
    add(client)


def test_an_erasure_that_is_not_there(client: Client) -> None:
    """It is named, also where it is another workspace's."""
    begun = erase(client)
    elsewhere = begun.name.replace("acme", "globex")

    for name in (f"{HOME}/erasures/none", elsewhere):
        with pytest.raises(NotFound) as caught:
            look(client, workspace_pb2.Erasure(name=name))
        assert caught.value.metadata["resource"] == name


@pytest.mark.parametrize("act", [export, erase], ids=["export", "erase"])
def test_only_admins_of_the_workspace_may(guarded: Served, act: Act) -> None:
    """Others are refused by role or workspace, before anything is looked at."""
    for role, workspace in ((Role.OPERATOR, "acme"), (Role.VIEWER, "acme"), (Role.ADMIN, "globex")):
        with (
            guarded.client(guarded.wired.token(role, workspace)) as client,
            pytest.raises(PermissionDenied),
        ):
            act(client)
    assert not guarded.wired.database.rows("SELECT * FROM erasures")


def test_callers_learn_that_it_is_over(guarded: Served) -> None:
    """A token for the workspace alone ends with it; one that reaches others sees the receipt."""
    wired = guarded.wired
    alone, service = wired.token(Role.ADMIN, "acme"), wired.token(Role.SERVICE)
    with guarded.client(alone) as client, guarded.client(service) as other:
        add(client)
        begun = erase(client)
        assert look(client, begun).state == ERASING

        wired.workspaces.erasures.go_on()
        wired.clock.advance(seconds=6)

        with pytest.raises(Unauthenticated):
            look(client, begun)
        assert look(other, begun).state == FINISHED
        assert look(other, begun).row_counts["access_tokens"] == 1


def test_followers_of_changes_are_sent_away(server: Served, client: Client) -> None:
    """An open stream ends with what to do, and its token is refused also afterwards."""
    stream = client.records.WatchChanges(pb.WatchChangesRequest(parent=HOME))
    token = next(stream).resume_token

    erase(client)

    with pytest.raises(FailedPrecondition) as caught:
        next(stream)
    assert caught.value.reason == "CHANGE_TOKEN_EXPIRED"
    server.wired.workspaces.erasures.go_on()
    add(client)
    request = pb.WatchChangesRequest(parent=HOME, resume_token=token)
    with pytest.raises(FailedPrecondition) as caught:
        next(client.records.WatchChanges(request))
    assert caught.value.reason == "CHANGE_TOKEN_EXPIRED"
