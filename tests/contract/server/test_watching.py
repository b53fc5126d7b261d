import threading

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from syncline.v1 import integration_pb2 as pb
from syncline.v1 import integration_pb2_grpc, run_pb2
from syncline_client import Client, DeadlineExceeded, NotFound, Unavailable
from syncline_server.core.model import RunState
from syncline_server.core.notices import ConnectionChanged
from syncline_server.storage.database import Database
from wiring import ACME, QUICK, Served, Wired, Wishes, served

WATCHERS = 1000
LOOKS = 1000
REQUEST = pb.WatchConnectionRequest(name=str(ACME))


@pytest.fixture
def ready(server: Served) -> Served:
    """A server with a connection on which everything is on."""
    server.wired.connect()
    server.wired.switch_on("tax_rates", "contacts", "items", "invoices")
    return server


def queued(client: Client) -> run_pb2.Run:
    """Start a run of tax rates."""
    request = pb.TriggerSyncRequest(connection=str(ACME), module="tax_rates")
    return client.integrations.TriggerSync(request).run


def test_run_is_followed_to_its_end(ready: Served, client: Client) -> None:
    """WatchRun sends the run at once, after each change, and ends OK when the run has ended."""
    run = queued(client)
    stream = client.runs.WatchRun(run_pb2.WatchRunRequest(name=run.name))

    states = [next(stream).run.state]
    begun = ready.wired.begin(run.name.rpartition("/")[2])
    states.append(next(stream).run.state)
    ready.wired.end(begun)
    states.extend(answer.run.state for answer in stream)

    assert states == [
        run_pb2.Run.STATE_QUEUED,
        run_pb2.Run.STATE_RUNNING,
        run_pb2.Run.STATE_SUCCEEDED,
    ]
    assert stream.code() is grpc.StatusCode.OK


def test_ended_run_is_sent_once(ready: Served, client: Client) -> None:
    """Watching a run that has ended gives it and ends."""
    run = queued(client)
    ready.wired.end(ready.wired.begin(run.name.rpartition("/")[2]), RunState.FAILED)

    answers = list(client.runs.WatchRun(run_pb2.WatchRunRequest(name=run.name)))

    assert [answer.run.state for answer in answers] == [run_pb2.Run.STATE_FAILED]


def test_run_that_is_not_there_cannot_be_watched(client: Client) -> None:
    """WatchRun of an unknown run is NOT_FOUND."""
    with pytest.raises(NotFound):
        next(client.runs.WatchRun(run_pb2.WatchRunRequest(name="workspaces/acme/runs/none")))


def test_connection_is_sent_whole_after_each_change(ready: Served, client: Client) -> None:
    """WatchConnection sends connection, chain and toggles, and again when a run moves."""
    stream = client.integrations.WatchConnection(REQUEST)
    first = next(stream)

    run = queued(client)
    second = next(stream)
    ready.wired.end(ready.wired.begin(run.name.rpartition("/")[2]))
    third = next(stream)
    while not third.modules[0].complete:
        third = next(stream)
    stream.cancel()

    assert first.connection.state == pb.Connection.STATE_CONNECTED
    assert (len(first.modules), len(first.toggles)) == (6, 4)
    assert second.modules[0].active_run.name == run.name
    assert third.modules[0].last_run.state == run_pb2.Run.STATE_SUCCEEDED


def test_cooldown_end_is_told(ready: Served, client: Client) -> None:
    """When a cooldown has ended and somebody says "look", the node is sent without it."""
    queued(client)
    stream = client.integrations.WatchConnection(REQUEST)
    assert next(stream).modules[0].HasField("cooldown_end_time")

    ready.wired.clock.advance(seconds=61)
    ready.wired.hub.publish(ConnectionChanged(ACME))
    later = next(stream)
    stream.cancel()

    assert not later.modules[0].HasField("cooldown_end_time")


def test_nothing_is_sent_when_nothing_has_changed(ready: Served, client: Client) -> None:
    """A notice without a change sends nothing, though time has passed.

    Not even where a module would have run by itself all that time, and may not.
    """
    intervals = pb.Settings(name=f"{ACME}/settings")
    intervals.automatic_intervals["contacts"].FromSeconds(300)
    mask = FieldMask(paths=["automatic_intervals"])
    client.integrations.UpdateSettings(
        pb.UpdateSettingsRequest(settings=intervals, update_mask=mask)
    )
    queued(client)
    stream = client.integrations.WatchConnection(REQUEST)
    next(stream)

    ready.wired.clock.advance(seconds=1)
    ready.wired.hub.publish(ConnectionChanged(ACME))
    ready.wired.switch_on("tax_rates")
    ready.wired.hub.publish(ConnectionChanged(ACME))
    after = next(stream)
    stream.cancel()

    assert [toggle.id for toggle in after.toggles if toggle.enabled] == ["tax_rates"]


def test_change_by_another_process_is_seen(database: Database) -> None:
    """With an interval the hub looks by itself, so that what nobody told here is seen, too."""
    often = type(QUICK)(interval=QUICK.coalesced, coalesced=QUICK.coalesced)
    wired = Wired(database, Wishes(pace=often))
    with served(wired) as server, server.client() as client:
        stream = client.integrations.WatchConnection(REQUEST)
        next(stream)

        wired.switch_on("contacts")  # writes the row and tells nobody

        assert any(toggle.enabled for toggle in next(stream).toggles)


def test_stopping_ends_every_stream(database: Database) -> None:
    """A server that stops tells watchers to turn elsewhere."""
    wired = Wired(database)
    with served(wired) as server, server.client() as client:
        stream = client.integrations.WatchConnection(REQUEST)
        next(stream)
        wired.hub.stop()

        with pytest.raises(Unavailable) as refusal:
            next(stream)

        assert refusal.value.reason == "SHUTTING_DOWN"
        with pytest.raises(Unavailable):
            next(client.integrations.WatchConnection(REQUEST))


def test_watchers_who_leave_are_forgotten(ready: Served, client: Client) -> None:
    """A cancelled stream leaves nothing behind, nor does one whose deadline has passed."""
    stream = client.integrations.WatchConnection(REQUEST)
    next(stream)
    stream.cancel()
    with pytest.raises(DeadlineExceeded):
        list(client.integrations.WatchConnection(REQUEST, timeout=0.2))

    for _ in range(LOOKS):  # the server learns of it a moment later
        if ready.wired.hub.watching:
            client.integrations.GetConnection(pb.GetConnectionRequest(name=str(ACME)))

    assert ready.wired.hub.watching == 0


def test_a_thousand_idle_watchers_hold_few_threads(ready: Served) -> None:
    """1,000 open streams hold fewer than 20 threads in all, and each gets the change."""
    before = threads()
    with ready.channel() as channel:
        stub = integration_pb2_grpc.IntegrationServiceStub(channel)
        streams = [stub.WatchConnection(REQUEST) for _ in range(WATCHERS)]
        for stream in streams:
            assert next(stream).connection.name == str(ACME)
        held = threads() - before

        ready.wired.switch_on("tax_rates")
        ready.wired.hub.publish(ConnectionChanged(ACME))
        for stream in streams:
            assert [each.id for each in next(stream).toggles if each.enabled] == ["tax_rates"]
            stream.cancel()

    assert len(held) < 20, held


def threads() -> set[str]:
    """Return the threads of this process, which is server and client at once."""
    return {f"{each.name} {each.ident}" for each in threading.enumerate()}
