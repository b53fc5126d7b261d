import pytest

import syncline_client
from syncline.v1 import run_pb2
from syncline_client._channel import OPTIONS, WATCHING, is_private

GET = run_pb2.GetRunRequest(name="workspaces/acme/runs/1")


@pytest.mark.parametrize(
    ("target", "stays"),
    [
        ("127.0.0.1:50051", True),
        ("localhost:50051", True),
        ("[::1]:50051", True),
        ("dns:///localhost:50051", True),
        ("dns:127.0.0.1:50051", True),
        ("ipv4:127.0.0.1:50051,127.0.0.2:50051", True),
        ("ipv6:[::1]:50051", True),
        ("unix:/run/syncline.sock", True),
        ("server:50051", False),
        ("10.0.0.7:50051", False),
        ("localhost.example.com:50051", False),
        ("127.0.0.1.example.com:50051", False),
        ("dns:///server:50051", False),
        ("dns://localhost/server:50051", False),
        ("ipv4:127.0.0.1:50051,10.0.0.7:50051", False),
        ("[2001:db8::1]:50051", False),
        ("xds:///localhost", False),
    ],
)
def test_token_stays_on_this_machine_without_tls(target: str, *, stays: bool) -> None:
    """A token is refused to a plaintext connection unless its other end is here."""
    if stays:
        syncline_client.connect(target, token="t0ken").close()
    else:
        with pytest.raises(syncline_client.InsecureToken):
            syncline_client.connect(target, token="t0ken")


def test_token_of_a_single_call_stays_here_too() -> None:
    """A call that brings its own token is not sent either."""
    own = (("authorization", "Bearer t0ken"),)
    with (
        syncline_client.connect("192.0.2.1:50051") as client,
        pytest.raises(syncline_client.InsecureToken),
    ):
        client.runs.GetRun(GET, metadata=own, timeout=0.01)


def test_tls_takes_a_token_anywhere() -> None:
    """What is encrypted may leave."""
    assert is_private("server:50051", syncline_client.Tls())
    syncline_client.connect("server:50051", token="t0ken", tls=True).close()


def test_certificate_without_its_key_is_refused() -> None:
    """Half a pair cannot be shown to anybody."""
    with pytest.raises(ValueError, match="needs its key"):
        syncline_client.Tls(certificate=b"pem")


def test_key_is_not_shown() -> None:
    """Printing the settings gives no secret away."""
    assert "s3cret" not in repr(syncline_client.Tls(certificate=b"pem", key=b"s3cret"))


def test_server_that_comes_back_is_found_in_seconds() -> None:
    """However long it was away, nobody waits two minutes for the next attempt."""
    assert dict(OPTIONS)["grpc.max_reconnect_backoff_ms"] == 20_000


def test_vanished_server_is_noticed() -> None:
    """A stream nobody serves any more does not wait for ever, and no server takes the pings ill."""
    found = dict(OPTIONS)
    assert 10_000 < found["grpc.keepalive_time_ms"] <= 60_000
    for kind in ("grpc.keepalive_timeout_ms", "grpc.http2.ping_timeout_ms"):
        assert found[kind] == 20_000


def test_hung_server_ends_watches_in_seconds() -> None:
    """Watches ping more often, for as long as they like, and no more often than servers take."""
    found = dict(WATCHING)
    assert found["grpc.http2.max_pings_without_data"] == 0
    assert found["grpc.keepalive_time_ms"] > 10_000
    for kind in ("grpc.keepalive_timeout_ms", "grpc.http2.ping_timeout_ms"):
        assert found["grpc.keepalive_time_ms"] + found[kind] <= 20_000
