"""A real gRPC server whose answers a test decides."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

import syncline_client
from syncline.v1 import record_pb2, record_pb2_grpc, run_pb2, run_pb2_grpc


@dataclass
class Refusal(grpc.Status):
    """What the server aborts with."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...] = ()


def refusal(code: grpc.StatusCode, message: str, *details: Message) -> Refusal:
    """Return a status as a Syncline server sends it, with an ErrorInfo beside these details."""
    status = status_pb2.Status(code=code_pb2.Code.Value(code.name), message=message)
    info = error_details_pb2.ErrorInfo(reason="SOME_REASON", metadata={"key": "value"})
    for detail in (info, *details):
        status.details.add().Pack(detail)
    trailing = (("grpc-status-details-bin", status.SerializeToString()),)
    return Refusal(code, message, trailing)


@dataclass
class Runs(run_pb2_grpc.RunServiceServicer):
    """Fails with what it is told to, once for each, then answers; remembers how it was called."""

    failures: list[Refusal] = field(default_factory=list)
    called_with: list[dict[str, str | bytes]] = field(default_factory=list)
    times_left: list[float | None] = field(default_factory=list)

    def GetRun(  # noqa: N802 - the API's name
        self, request: run_pb2.GetRunRequest, context: grpc.ServicerContext
    ) -> run_pb2.GetRunResponse:
        """Return a run of the name asked for."""
        self._enter(context)
        return run_pb2.GetRunResponse(run=run_pb2.Run(name=request.name))

    def CancelRun(  # noqa: N802 - the API's name
        self, request: run_pb2.CancelRunRequest, context: grpc.ServicerContext
    ) -> run_pb2.CancelRunResponse:
        """Return a run of the name asked for."""
        self._enter(context)
        return run_pb2.CancelRunResponse(run=run_pb2.Run(name=request.name))

    def WatchRun(  # noqa: N802 - the API's name
        self, request: run_pb2.WatchRunRequest, context: grpc.ServicerContext
    ) -> Iterator[run_pb2.WatchRunResponse]:
        """Send one state, then fail if there is something to fail with."""
        yield run_pb2.WatchRunResponse(run=run_pb2.Run(name=request.name))
        self._enter(context)

    def _enter(self, context: grpc.ServicerContext) -> None:
        metadata = context.invocation_metadata()
        self.called_with.append({entry.key: entry.value for entry in metadata})
        self.times_left.append(context.time_remaining())
        if self.failures:
            context.abort_with_status(self.failures.pop(0))


@dataclass
class Records(record_pb2_grpc.RecordServiceServicer):
    """Plays one stream of changes after the other, by their tokens; remembers what was asked."""

    streams: list[tuple[list[str], Refusal]] = field(default_factory=list)
    asked: list[record_pb2.WatchChangesRequest] = field(default_factory=list)

    def WatchChanges(  # noqa: N802 - the API's name
        self, request: record_pb2.WatchChangesRequest, context: grpc.ServicerContext
    ) -> Iterator[record_pb2.WatchChangesResponse]:
        """Send messages, then fail."""
        self.asked.append(request)
        tokens, failure = self.streams.pop(0)
        for token in tokens:
            yield record_pb2.WatchChangesResponse(resume_token=token)
        context.abort_with_status(failure)


@dataclass(frozen=True)
class Served:
    """A server that is up, and where."""

    runs: Runs
    records: Records
    address: str

    def fail_with(self, code: grpc.StatusCode, message: str, *details: Message) -> None:
        """Make the next call fail like this."""
        self.runs.failures.append(refusal(code, message, *details))

    def stream(
        self, *tokens: str, ending: grpc.StatusCode, details: tuple[Message, ...] = ()
    ) -> None:
        """Have the next stream of changes send these tokens and end like this."""
        self.records.streams.append((list(tokens), refusal(ending, "over", *details)))

    def fail_plainly(self, code: grpc.StatusCode, *trailing: tuple[str, str | bytes]) -> None:
        """Make the next call fail without our details, as a proxy would."""
        self.runs.failures.append(Refusal(code, "no details", trailing))


@pytest.fixture
def served() -> Iterator[Served]:
    """A server on a free port."""
    runs, records = Runs(), Records()
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    run_pb2_grpc.add_RunServiceServicer_to_server(runs, server)
    record_pb2_grpc.add_RecordServiceServicer_to_server(records, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield Served(runs, records, f"127.0.0.1:{port}")
    server.stop(grace=None).wait()


@pytest.fixture
def client(served: Served) -> Iterator[syncline_client.Client]:
    """A client of that server, with a token."""
    with syncline_client.connect(served.address, token="t0ken") as connected:
        yield connected
