import json
from pathlib import Path
from typing import Any

import grpc
import pytest

import syncline_client
from syncline.v1 import run_pb2
from syncline_client._client import FILES
from syncline_client._retrying import service_config

GET = run_pb2.GetRunRequest(name="workspaces/acme/runs/1")
CANCEL = run_pb2.CancelRunRequest(name="workspaces/acme/runs/1")
WATCH = run_pb2.WatchRunRequest(name="workspaces/acme/runs/1")


def test_every_call_has_a_request_id_of_its_own(
    served: Any, client: syncline_client.Client
) -> None:
    """Two calls can be told apart in the server's log."""
    client.runs.GetRun(GET)
    client.runs.GetRun(GET)
    first, second = (call["x-request-id"] for call in served.runs.called_with)
    assert first
    assert first != second


def test_every_call_carries_the_token(served: Any, client: syncline_client.Client) -> None:
    """Unary calls and streams are authorised alike."""
    client.runs.GetRun(GET)
    list(client.runs.WatchRun(WATCH))
    assert {call["authorization"] for call in served.runs.called_with} == {"Bearer t0ken"}


def test_no_token_sends_none(served: Any) -> None:
    """Without a token there is no empty authorization either."""
    with syncline_client.connect(served.address) as client:
        client.runs.GetRun(GET)
    assert "authorization" not in served.runs.called_with[0]


def test_what_a_call_brings_itself_wins(served: Any, client: syncline_client.Client) -> None:
    """A caller acting for several people gives each call its own token and id."""
    own = (("authorization", "Bearer other"), ("x-request-id", "mine"))
    client.runs.GetRun(GET, metadata=own, timeout=3)
    called_with = served.runs.called_with[0]
    assert (called_with["authorization"], called_with["x-request-id"]) == ("Bearer other", "mine")
    assert served.runs.times_left[0] < 3.1


def test_unary_calls_have_a_deadline(served: Any) -> None:
    """A call that says nothing gets the client's timeout."""
    with syncline_client.connect(served.address, timeout=7) as client:
        client.runs.GetRun(GET)
    assert 0 < served.runs.times_left[0] <= 7.1


def test_reads_are_repeated_after_unavailable(served: Any, client: syncline_client.Client) -> None:
    """A server that is away for a moment goes unnoticed by readers."""
    served.fail_with(grpc.StatusCode.UNAVAILABLE, "stopping")
    assert client.runs.GetRun(GET).run.name == GET.name
    assert len(served.runs.called_with) == 2


def test_reads_are_not_repeated_after_other_failures(
    served: Any, client: syncline_client.Client
) -> None:
    """A refusal is for the caller, at once."""
    served.fail_with(grpc.StatusCode.ABORTED, "busy")
    with pytest.raises(syncline_client.Aborted):
        client.runs.GetRun(GET)
    assert len(served.runs.called_with) == 1


def test_writes_are_never_repeated(served: Any, client: syncline_client.Client) -> None:
    """What changes something is done once, whatever the answer."""
    served.fail_with(grpc.StatusCode.UNAVAILABLE, "stopping")
    with pytest.raises(syncline_client.Unavailable):
        client.runs.CancelRun(CANCEL)
    assert len(served.runs.called_with) == 1


def test_only_reading_methods_are_configured_for_repeating() -> None:
    """The retry policy names reads of every service and no other method."""
    config = json.loads(service_config(file.DESCRIPTOR for file in FILES))
    names = {entry["method"] for entry in config["methodConfig"][0]["name"]}
    services = {entry["service"] for entry in config["methodConfig"][0]["name"]}
    assert len(services) == 6
    assert {"GetRun", "ListModules", "WatchConnection", "PreflightInvoices"} <= names
    assert not names & {"TriggerSync", "CancelRun", "UpdateSettings", "CreateInvoice", "Disconnect"}


def test_a_closed_client_can_be_closed_again(client: syncline_client.Client) -> None:
    """Closing twice is harmless."""
    client.close()
    client.close()


def test_certificates_imply_tls(served: Any) -> None:
    """A client that was given authorities never speaks in the clear."""
    with (
        syncline_client.connect(served.address, tls=True, timeout=2) as client,
        pytest.raises(syncline_client.SynclineError),
    ):
        client.runs.CancelRun(CANCEL)
    assert served.runs.called_with == []


def test_exports_are_the_public_names() -> None:
    """What the package offers is listed, sorted, and there."""
    assert sorted(syncline_client.__all__) == syncline_client.__all__
    assert all(hasattr(syncline_client, name) for name in syncline_client.__all__)
    shown = Path(syncline_client.__file__).parent / "py.typed"
    assert shown.exists()
