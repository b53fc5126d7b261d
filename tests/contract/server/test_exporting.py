"""Exports that are slow, held up, given up or many."""

import io
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import grpc
import pytest

from auditing import entries
from syncline.v1 import customer_pb2, integration_pb2, run_pb2, workspace_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import Cancelled, Client, ResourceExhausted, SynclineError, Unavailable
from syncline_server import serving
from syncline_server.app import Outside, build_app
from syncline_server.app.workspaces import Workspaces
from syncline_server.config import read_config
from syncline_server.core.access import Role
from syncline_server.rpc.server import SERVICES
from syncline_server.storage.database import Database
from wiring import ACME, QUICK, Served, Wired, Wishes, served

HOME = "workspaces/acme"
REQUEST = workspace_pb2.ExportWorkspaceRequest(name=HOME)
PATIENT = Wishes(threads=2)
ENOUGH = 10_000
"""Attempts until something must have happened."""


def add(client: Client) -> None:
    """Create a customer."""
    customer = customer_pb2.Customer(display_name="Kerr")
    client.records.CreateCustomer(pb.CreateCustomerRequest(parent=HOME, customer=customer))


def export(client: Client) -> bytes:
    """Return a workspace's archive."""
    return b"".join(each.data for each in client.workspaces.ExportWorkspace(REQUEST))


class Slow:
    """Archives that take until a test lets them go on."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()

    def spool(self) -> io.BytesIO:
        """Return a file when it may go on."""
        self.begun.release()
        self.go_on.wait(60)
        return io.BytesIO()


class Endless(io.BytesIO):
    """An archive that never ends."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return nothing in particular, as much as is asked for."""
        return bytes(max(size or 0, 0))


@dataclass(frozen=True, kw_only=True)
class SlowWorkspaces(Workspaces):
    """Workspaces whose archives lie where a test wants."""

    open_file: Callable[[], IO[bytes]]

    def spool(self) -> IO[bytes]:
        """Return a file of the test's."""
        return self.open_file()


@contextmanager
def spooling(
    database: Database, spool: Callable[[], IO[bytes]], wishes: Wishes = PATIENT
) -> Iterator[Served]:
    """Yield a server whose archives lie where a test wants."""

    class SlowlyWired(Wired):
        @cached_property
        def workspaces(self) -> Workspaces:
            return SlowWorkspaces(**vars(super().workspaces), open_file=spool)

    with served(SlowlyWired(database, wishes)) as running:
        yield running


def sooner_or_later(call: Callable[[], bytes]) -> bytes:
    """Return what a call comes to once it is not refused as too much any more.

    Nor cut off, by a server that has no patience, on a machine that is busy.
    """
    for _ in range(ENOUGH):
        try:
            return call()
        except (ResourceExhausted, Cancelled):
            continue
    raise AssertionError("it is refused for good")


def test_a_process_makes_two_at_once(database: Database) -> None:
    """A third is told to come back; no thread that answers calls is held meanwhile."""
    slow = Slow()
    with spooling(database, slow.spool) as server, server.client() as client:
        ends: list[Any] = []
        threads = [threading.Thread(target=lambda: ends.append(export(client))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert slow.begun.acquire(timeout=60)

        with pytest.raises(ResourceExhausted) as caught:
            export(client)
        add(client)
        slow.go_on.set()
        for thread in threads:
            thread.join(60)

        assert caught.value.reason == "QUOTA"
        assert len(ends) == 2
        assert export(client)


def test_a_caller_has_one_place(database: Database) -> None:
    """A second export with the same credentials is refused, and another caller's is made."""
    slow = Slow()
    wishes = replace(PATIENT, with_tokens=True)
    with spooling(database, slow.spool, wishes) as server:
        one, two = (server.client(server.wired.token(Role.ADMIN, "acme")) for _ in range(2))
        with one, two:
            first = one.workspaces.ExportWorkspace(REQUEST)
            assert slow.begun.acquire(timeout=60)

            with pytest.raises(ResourceExhausted) as caught:
                export(one)
            slow.go_on.set()

            assert caught.value.reason == "QUOTA"
            assert export(two)
            assert list(first)
            assert export(one)


def test_a_caller_that_leaves_holds_no_place(database: Database) -> None:
    """What nobody waits for ends by itself, and others get their turn."""
    slow = Slow()
    with spooling(database, slow.spool) as server, server.client() as client:
        for _ in range(2):
            leave(client.workspaces.ExportWorkspace(REQUEST), slow)
        slow.go_on.set()

        assert sooner_or_later(lambda: export(client))


def leave(stream: Any, slow: Slow) -> None:
    """Cancel an export when its archive has been begun."""
    assert slow.begun.acquire(timeout=60)
    stream.cancel()
    with pytest.raises((SynclineError, grpc.RpcError)):
        next(stream)


def test_a_caller_that_does_not_read_is_cut_off(database: Database) -> None:
    """Two exports that nobody reads end, and others get their turn."""
    files: list[IO[bytes]] = [Endless(), Endless()]
    wishes = replace(PATIENT, pace=replace(QUICK, patience=timedelta(milliseconds=50)))
    with (
        spooling(database, lambda: files.pop() if files else io.BytesIO(), wishes) as server,
        server.client() as client,
    ):
        unread = [client.workspaces.ExportWorkspace(REQUEST) for _ in range(2)]
        for stream in unread:
            next(stream)

        assert sooner_or_later(lambda: export(client))
        for stream in unread:
            with pytest.raises((SynclineError, grpc.RpcError)):
                list(stream)


def test_an_export_is_told_that_the_server_stops(database: Database) -> None:
    """Its caller does not take half an archive for a whole one."""
    slow = Slow()
    with spooling(database, slow.spool) as server, server.client() as client:
        stream = client.workspaces.ExportWorkspace(REQUEST)
        assert slow.begun.acquire(timeout=60)
        server.wired.workspaces.stopping.set()
        slow.go_on.set()

        with pytest.raises(Unavailable) as caught:
            list(stream)

        assert caught.value.reason == "SHUTTING_DOWN"


def test_exports_are_over_when_the_server_is(database_url: str, tmp_path: Path) -> None:
    """Before its database is closed a server has waited for them, and makes none any more."""
    given = {
        "SYNCLINE_LISTEN": "127.0.0.1:0",
        "SYNCLINE_DATABASE_URL": database_url,
        "SYNCLINE_DATA_FOLDER": str(tmp_path),
        "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
    }
    app = build_app(read_config(given), Outside())
    serving._start(app)

    serving._stop(app)

    with pytest.raises(RuntimeError):
        app.workspaces.places.submit(lambda: None)
    app.database.close()


def test_an_export_leaves_one_entry(database: Database) -> None:
    """Whether its archive is taken or not."""
    slow = Slow()
    with spooling(database, slow.spool) as server, server.client() as client:
        leave(client.workspaces.ExportWorkspace(REQUEST), slow)
        slow.go_on.set()
        sooner_or_later(lambda: export(client))

    told = [(entry.method, entry.code) for entry in entries(database)]
    assert told == [("ExportWorkspace", "OK")] * 2


def streams(client: Client, wired: Wired) -> dict[str, Any]:
    """Begin every stream there is."""
    wired.connect()
    wired.switch_on("tax_rates")
    trigger = integration_pb2.TriggerSyncRequest(connection=str(ACME), module="tax_rates")
    run = client.integrations.TriggerSync(trigger).run.name
    watch = integration_pb2.WatchConnectionRequest(name=str(ACME))
    return {
        "WatchConnection": client.integrations.WatchConnection(watch),
        "WatchRun": client.runs.WatchRun(run_pb2.WatchRunRequest(name=run)),
        "WatchChanges": client.records.WatchChanges(pb.WatchChangesRequest(parent=HOME)),
        "ExportWorkspace": client.workspaces.ExportWorkspace(REQUEST),
    }


def test_no_stream_has_the_serving_thread_wait(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """When its caller leaves, gRPC's only such thread says nothing to the database."""
    slow = Slow()
    methods = [method for service in SERVICES for method in service.methods]
    with (
        caplog.at_level(logging.DEBUG, "peewee"),
        spooling(database, slow.spool) as server,
        server.client() as client,
    ):
        begun = streams(client, server.wired)
        assert set(begun) == {method.name for method in methods if method.server_streaming}
        leave(begun.pop("ExportWorkspace"), slow)
        for stream in begun.values():
            next(stream)
            stream.cancel()
        slow.go_on.set()

    threads = {record.threadName or "" for record in caplog.records if record.name == "peewee"}
    assert any(name.startswith("rpc") for name in threads)
    assert not [name for name in threads if "_serve" in name]
