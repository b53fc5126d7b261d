from collections.abc import Iterator
from dataclasses import replace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from syncline_server.config import Exposure
from syncline_server.core.access import Role
from syncline_server.storage.database import Database
from wiring import CONFIG, Served, Wired, Wishes, served

LIST = reflection_pb2.ServerReflectionRequest(list_services="*")
Metadata = list[tuple[str, str]]


@pytest.fixture
def guarded(database: Database) -> Iterator[Served]:
    """A server whose health and reflection are for callers."""
    config = replace(CONFIG, health=Exposure.CALLERS, reflection=Exposure.CALLERS)
    with served(Wired(database, Wishes(with_tokens=True, config=config))) as running:
        yield running


@pytest.fixture
def credentials(guarded: Served) -> Metadata:
    """Credentials of the least role, in a workspace that has nothing."""
    return [("authorization", f"Bearer {guarded.wired.token(Role.VIEWER, 'empty')}")]


@pytest.fixture
def channel(guarded: Served) -> Iterator[grpc.Channel]:
    """A bare channel to it."""
    with guarded.channel() as opened:
        yield opened


def reflect(channel: grpc.Channel, package: str, metadata: Metadata) -> set[str]:
    """Return the names of all services."""
    call = channel.stream_stream(
        f"/grpc.reflection.{package}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    (answer,) = call(iter([LIST]), metadata=metadata, timeout=60)
    return {each.name for each in answer.list_services_response.service}


def test_health_is_for_callers(channel: grpc.Channel, credentials: Metadata) -> None:
    """A probe without credentials is refused, one with any is answered."""
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest()

    with pytest.raises(grpc.RpcError) as refusal:
        health.Check(request, timeout=60)
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert health.Check(request, metadata=credentials, timeout=60).status


@pytest.mark.parametrize("package", ["v1", "v1alpha"])
def test_reflection_is_for_callers(
    channel: grpc.Channel, credentials: Metadata, package: str
) -> None:
    """Under both of its names the API is shown to callers alone."""
    with pytest.raises(grpc.RpcError) as refusal:
        reflect(channel, package, [])
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED

    assert "syncline.v1.RunService" in reflect(channel, package, credentials)


def test_conversation_with_reflection_ends_with_the_credentials(
    guarded: Served, channel: grpc.Channel, credentials: Metadata
) -> None:
    """Each question is asked by somebody whose credentials are good then."""
    (token,) = guarded.wired.tokens.list()

    def questions() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        yield LIST
        guarded.wired.tokens.revoke(token.id)
        yield LIST

    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    with pytest.raises(grpc.RpcError) as ended:
        list(call(questions(), metadata=credentials, timeout=60))
    assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED
