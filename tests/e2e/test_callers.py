"""A server that takes the tokens of an issuer."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

import syncline_client
from identity_provider import CONFIGURATION, IdentityProvider, listening
from local_stack import PATIENCE, LocalStack, local_environment, wait_until
from syncline.v1 import integration_pb2 as pb

pytestmark = pytest.mark.slow
LIFE = 20
"""Seconds of a token that a test sees end: long enough to begin a watch on a busy machine."""
ACME = "workspaces/acme/connections/xero"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """An issuer on loopback."""
    with listening(lambda: datetime.now(UTC)) as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, provider: IdentityProvider) -> Iterator[LocalStack]:
    """A server beside it; no access token was ever made."""
    settings = {"SYNCLINE_OIDC_ISSUER": provider.issuer, "SYNCLINE_OIDC_AUDIENCE": "syncline"}
    stack = LocalStack(local_environment(tmp_path / "data", **settings))
    stack.start("server")
    yield stack
    stack.close()


def test_people_call_with_tokens_of_their_issuer(
    stack: LocalStack, provider: IdentityProvider
) -> None:
    """The server reads the keys when it starts, asks everybody, and lets good tokens in."""
    wait_until(lambda: len(provider.asked) == 2, "the issuer was asked for its keys")
    assert provider.asked[0] == CONFIGURATION
    address, get = str(stack.settings.server), pb.GetConnectionRequest(name=ACME)

    token = provider.token(["acme:viewer"])
    with syncline_client.connect(address, token=token, timeout=PATIENCE) as mia:
        assert mia.integrations.GetConnection(get).connection.name == ACME
    with (
        syncline_client.connect(address, timeout=PATIENCE) as stranger,
        pytest.raises(syncline_client.Unauthenticated),
    ):
        stranger.integrations.GetConnection(get)
    assert len(provider.asked) == 2


def test_an_idle_watch_ends_with_its_token(stack: LocalStack, provider: IdentityProvider) -> None:
    """Nothing changes and nobody calls, and still the stream ends soon after its token."""
    end = datetime.now(UTC) + timedelta(seconds=LIFE)
    token = provider.token(["acme:viewer"], exp=end.timestamp())
    with syncline_client.connect(str(stack.settings.server), token=token) as mia:
        watch = pb.WatchConnectionRequest(name=ACME)
        stream = mia.integrations.WatchConnection(watch, timeout=PATIENCE)
        next(stream)

        with pytest.raises(syncline_client.Unauthenticated):
            next(stream)
    assert datetime.now(UTC) >= end


def test_what_the_server_tells_of_itself_can_be_closed(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    """Health is for callers and reflection for nobody, where the operator says so."""
    settings = {
        "SYNCLINE_OIDC_ISSUER": provider.issuer,
        "SYNCLINE_OIDC_AUDIENCE": "syncline",
        "SYNCLINE_HEALTH": "callers",
        "SYNCLINE_REFLECTION": "off",
        "SYNCLINE_DEMO_TOKEN": provider.token(),
    }
    with (
        closing(LocalStack(local_environment(tmp_path / "data", **settings))) as stack,
        grpc.insecure_channel(str(stack.settings.server)) as channel,
    ):
        stack.start("server")  # and wait until its health is good, by the demo's token
        for method, code in (
            ("/grpc.health.v1.Health/Check", grpc.StatusCode.UNAUTHENTICATED),
            ("/grpc.health.v1.Health/Watch", grpc.StatusCode.UNIMPLEMENTED),
            (
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                grpc.StatusCode.UNIMPLEMENTED,
            ),
        ):
            with pytest.raises(grpc.RpcError) as refused:
                list(channel.unary_stream(method)(b"", timeout=PATIENCE))
            assert refused.value.code() is code
