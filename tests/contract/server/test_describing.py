import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2 as pb

from wiring import Served

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def ask(
    server: Served, package: str, request: pb.ServerReflectionRequest
) -> pb.ServerReflectionResponse:
    """Ask the reflection service of a version."""
    with server.channel() as channel:
        call = channel.stream_stream(
            f"/grpc.reflection.{package}.ServerReflection/ServerReflectionInfo",
            request_serializer=pb.ServerReflectionRequest.SerializeToString,
            response_deserializer=pb.ServerReflectionResponse.FromString,
        )
        return next(call(iter([request]), timeout=60))


@pytest.mark.parametrize("package", ["v1", "v1alpha"])
def test_reflection_lists_every_service(server: Served, package: str) -> None:
    """Both versions of reflection list all services."""
    answer = ask(server, package, pb.ServerReflectionRequest(list_services="*"))

    assert {each.name for each in answer.list_services_response.service} == {
        "syncline.v1.AuditService",
        "syncline.v1.IntegrationService",
        "syncline.v1.RunService",
        "syncline.v1.WebhookService",
        "syncline.v1.WorkspaceService",
        "syncline.v1.MappingService",
        "syncline.v1.RecordService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize(
    "symbol",
    ["syncline.v1.RecordService", "google.rpc.PreconditionFailure", "google.rpc.RequestInfo"],
)
def test_reflection_describes_messages_and_error_details(server: Served, symbol: str) -> None:
    """What travels in errors is described as well, so that grpcurl prints it as text."""
    answer = ask(server, "v1", pb.ServerReflectionRequest(file_containing_symbol=symbol))

    files = [
        FileDescriptorProto.FromString(each)
        for each in answer.file_descriptor_response.file_descriptor_proto
    ]
    declared = {
        f"{file.package}.{each.name}"
        for file in files
        for each in (*file.service, *file.message_type)
    }
    assert symbol in declared


def test_reflection_tells_the_limits_of_fields(server: Served) -> None:
    """A message's description says what each field may be, and imports how that is written."""
    symbol = "syncline.v1.ListCustomersRequest"
    answer = ask(server, "v1", pb.ServerReflectionRequest(file_containing_symbol=symbol))

    files = answer.file_descriptor_response.file_descriptor_proto
    declared = {each.name: each for each in map(FileDescriptorProto.FromString, files)}
    assert "buf/validate/validate.proto" in declared["syncline/v1/record.proto"].dependency
    (message,) = (
        each
        for each in declared["syncline/v1/record.proto"].message_type
        if each.name == "ListCustomersRequest"
    )
    assert all(field.options.ByteSize() for field in message.field if field.name != "active_only")


def health(server: Served, service: str) -> int:
    """Ask how a component is."""
    with server.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer: int = stub.Check(health_pb2.HealthCheckRequest(service=service)).status
        return answer


def test_server_is_healthy_when_every_component_is(server: Served) -> None:
    """A component is unhealthy until proven, and the server until all of them are."""
    keeper = server.wired.health
    assert health(server, "") == health(server, "database") == NOT_SERVING

    keeper.set("database", well=True)
    assert (health(server, "database"), health(server, "")) == (SERVING, NOT_SERVING)
    keeper.set("engine", well=True)
    assert health(server, "") == SERVING
    keeper.set("database", well=False)
    assert (health(server, "engine"), health(server, "")) == (SERVING, NOT_SERVING)


def test_stopping_is_final(server: Served) -> None:
    """Once stopping, nothing is healthy any more."""
    keeper = server.wired.health
    keeper.set("database", well=True)
    keeper.stop()
    keeper.set("engine", well=True)

    assert health(server, "database") == health(server, "engine") == NOT_SERVING


def test_unknown_component_is_not_found(server: Served) -> None:
    """Asking for what does not exist is NOT_FOUND."""
    with pytest.raises(grpc.RpcError) as error:
        health(server, "weather")

    assert error.value.code() is grpc.StatusCode.NOT_FOUND
