from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb2
from google.rpc import status_pb2

from syncline.v1 import run_pb2, run_pb2_grpc
from syncline_server.core.errors import (
    Aborted,
    AlreadyExists,
    Blocker,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Reason,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Violation,
)
from syncline_server.rpc.interceptors import Send, non_blocking
from syncline_server.rpc.server import Calls
from syncline_server.storage.database import Database
from wiring import Served, Wired, served

RUN = "workspaces/acme/runs/1"
SETTINGS = "workspaces/acme/connections/xero/settings"
SECRET = "postgresql://root:hunter2@db"
FIXED = "The server failed in a way it should not. Tell its operators the request id."
FIRST = Blocker(reason=Reason.MODULE_OFF, subject="items", title="Items", description="Turn it on.")
SECOND = replace(FIRST, reason=Reason.PREREQUISITE_INCOMPLETE, subject="tax_rates")


@dataclass
class Raising:
    """Handles RunService by raising what a test planted."""

    planted: Exception

    def get(self, _request: run_pb2.GetRunRequest) -> run_pb2.GetRunResponse:
        """Raise it."""
        raise self.planted

    @non_blocking
    def watch(
        self, _request: run_pb2.WatchRunRequest, _context: grpc.ServicerContext, send: Send
    ) -> None:
        """Send one state, then end with it."""
        send(run_pb2.WatchRunResponse(run=run_pb2.Run(name=RUN)))
        send(self.planted)

    list = cancel = list_issues = get


class WiredToRaise(Wired):
    """A process whose runs raise."""

    raising = Raising(RuntimeError(SECRET))

    @property
    def calls(self) -> Calls:
        """What handles the methods."""
        return replace(super().calls, runs=self.raising)  # type: ignore[arg-type]  # a stand-in


@pytest.fixture
def raising(database: Database) -> Iterator[Served]:
    """A server whose runs raise."""
    with served(WiredToRaise(database)) as running:
        yield running


Call = Callable[..., grpc.RpcError]


@pytest.fixture
def failed(raising: Served) -> Iterator[Call]:
    """Makes a call fail with an exception and returns what the caller gets."""
    with raising.channel() as channel:
        stub = run_pb2_grpc.RunServiceStub(channel)

        def call(error: Exception, **more: Any) -> grpc.RpcError:
            raising.wired.raising.planted = error  # type: ignore[attr-defined]  # see WiredToRaise
            with pytest.raises(grpc.RpcError) as caught:
                stub.GetRun(run_pb2.GetRunRequest(name=RUN), **more)
            return caught.value

        yield call


def trailer(error: grpc.RpcError, key: str) -> Any:
    """Return one trailing metadata entry."""
    return dict(error.trailing_metadata())[key]


def status(error: grpc.RpcError) -> status_pb2.Status:
    """Return the status in the trailers."""
    return status_pb2.Status.FromString(trailer(error, "grpc-status-details-bin"))


def details(error: grpc.RpcError) -> dict[str, Message]:
    """Return every detail by its type."""
    found: dict[str, Message] = {}
    for packed in status(error).details:
        name = packed.TypeName().rpartition(".")[2]
        found[name] = getattr(details_pb2, name)()
        packed.Unpack(found[name])
    return found


TABLE = [
    (
        InvalidArgument(
            [Violation(field="a", description="no"), Violation(field="b[1]", description="never")]
        ),
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELD",
        {"fields": "a, b[1]"},
        details_pb2.BadRequest(
            field_violations=[
                {"field": "a", "description": "no"},
                {"field": "b[1]", "description": "never"},
            ]
        ),
    ),
    (
        NotFound(RUN),
        grpc.StatusCode.NOT_FOUND,
        "RESOURCE_NOT_FOUND",
        {"resource": RUN},
        details_pb2.ResourceInfo(
            resource_type="syncline.orderverse.io/runs",
            resource_name=RUN,
            description=f"There is no {RUN}.",
        ),
    ),
    (
        AlreadyExists(Reason.REQUEST_ID_REUSED, "Taken.", RUN),
        grpc.StatusCode.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
        {"resource": RUN},
        details_pb2.ResourceInfo(
            resource_type="syncline.orderverse.io/runs", resource_name=RUN, description="Taken."
        ),
    ),
    (
        Unauthenticated(Reason.CREDENTIALS_MISSING, "Who?"),
        grpc.StatusCode.UNAUTHENTICATED,
        "CREDENTIALS_MISSING",
        {},
        None,
    ),
    (
        PermissionDenied(Reason.PERMISSION_DENIED, "No."),
        grpc.StatusCode.PERMISSION_DENIED,
        "PERMISSION_DENIED",
        {},
        None,
    ),
    (
        FailedPrecondition("Not yet.", [FIRST, SECOND], {"module": "items"}),
        grpc.StatusCode.FAILED_PRECONDITION,
        "MODULE_OFF",
        {"subjects": "items,tax_rates", "module": "items"},
        details_pb2.PreconditionFailure(
            violations=[
                {"type": "MODULE_OFF", "subject": "items", "description": "Turn it on."},
                {
                    "type": "PREREQUISITE_INCOMPLETE",
                    "subject": "tax_rates",
                    "description": "Turn it on.",
                },
            ]
        ),
    ),
    (
        Aborted(Reason.RUN_ACTIVE, "Running.", RUN, {"module": "items"}),
        grpc.StatusCode.ABORTED,
        "RUN_ACTIVE",
        {"resource": RUN, "module": "items"},
        details_pb2.ResourceInfo(
            resource_type="syncline.orderverse.io/runs", resource_name=RUN, description="Running."
        ),
    ),
    (
        Aborted(Reason.STALE_ETAG, "Changed.", SETTINGS),
        grpc.StatusCode.ABORTED,
        "STALE_ETAG",
        {"resource": SETTINGS},
        details_pb2.ResourceInfo(
            resource_type="syncline.orderverse.io/settings",
            resource_name=SETTINGS,
            description="Changed.",
        ),
    ),
    (
        ResourceExhausted(Reason.COOLDOWN, "Wait.", timedelta(seconds=1.5), {"module": "items"}),
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "COOLDOWN",
        {"module": "items"},
        details_pb2.RetryInfo(retry_delay={"seconds": 1, "nanos": 500_000_000}),
    ),
    (
        Unavailable(Reason.PROVIDER_UNAVAILABLE, "Down.", timedelta(seconds=30)),
        grpc.StatusCode.UNAVAILABLE,
        "PROVIDER_UNAVAILABLE",
        {},
        details_pb2.RetryInfo(retry_delay={"seconds": 30}),
    ),
    (
        Unavailable(Reason.DATABASE_UNAVAILABLE, "Down."),
        grpc.StatusCode.UNAVAILABLE,
        "DATABASE_UNAVAILABLE",
        {},
        None,
    ),
]


@pytest.mark.parametrize(
    ("error", "code", "reason", "metadata", "detail"),
    TABLE,
    ids=[f"{type(row[0]).__name__}-{row[2]}" for row in TABLE],
)
def test_every_refusal_has_its_code_and_details(
    failed: Call,
    error: Exception,
    code: grpc.StatusCode,
    reason: str,
    metadata: dict[str, str],
    detail: Message | None,
) -> None:
    """A refusal arrives with its code, its sentence, one ErrorInfo and the detail of its class."""
    answer = failed(error)

    found = details(answer)
    info = found.pop("ErrorInfo")
    assert (answer.code(), answer.details()) == (code, str(error))
    assert (info.reason, info.domain) == (reason, "syncline.orderverse.io")  # type: ignore[attr-defined]  # ErrorInfo
    assert dict(info.metadata) == metadata  # type: ignore[attr-defined]  # ErrorInfo
    assert list(found.values()) == ([] if detail is None else [detail])
    assert (status(answer).code, status(answer).message) == (code.value[0], str(error))


WORDY = "ř" * 100_000
MANY = [Violation(field=f"invoice.lines[{n}].quantity", description="is wrong") for n in range(200)]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidArgument(MANY), "INVALID_ARGUMENT"),
        (InvalidArgument([Violation(field=WORDY, description=WORDY)]), "INVALID_ARGUMENT"),
        (FailedPrecondition(WORDY, [FIRST] * 200), "FAILED_PRECONDITION"),
        (
            FailedPrecondition("Off.", [replace(FIRST, subject=WORDY, description=WORDY)]),
            "FAILED_PRECONDITION",
        ),
        (NotFound(WORDY), "NOT_FOUND"),
    ],
    ids=["many-fields", "long-field", "many-blockers", "long-blocker", "long-name"],
)
def test_refusal_fits_into_what_clients_take(failed: Call, error: Exception, code: str) -> None:
    """However much is wrong, the trailers stay below 8 KB, where clients would drop the answer."""
    answer = failed(error)

    message = 3 * len((answer.details() or "").encode())  # it travels percent-encoded
    trailers = sum(len(key) + len(value) for key, value in answer.trailing_metadata() or ())
    assert answer.code().name == code
    assert message + trailers < 8 * 1024


def test_what_was_left_out_is_counted(failed: Call) -> None:
    """Of too many violations the first are told, and behind them how many more there are."""
    violations = details(failed(InvalidArgument(MANY)))["BadRequest"].field_violations  # type: ignore[attr-defined]  # BadRequest

    assert len(violations) > 30
    assert violations[0].field == "invoice.lines[0].quantity"
    assert violations[-1].description == f"There are {201 - len(violations)} more like these."


def test_bug_is_told_in_a_fixed_sentence(failed: Call) -> None:
    """Whatever else is raised becomes INTERNAL with the request id, and its text stays here."""
    answer = failed(RuntimeError(SECRET), metadata=(("x-request-id", "ticket-7"),))

    found = details(answer)
    assert (answer.code(), answer.details()) == (grpc.StatusCode.INTERNAL, FIXED)
    assert found["ErrorInfo"].reason == "INTERNAL"  # type: ignore[attr-defined]  # ErrorInfo
    assert found["RequestInfo"].request_id == "ticket-7"  # type: ignore[attr-defined]  # RequestInfo
    assert "hunter2" not in str(answer)
    assert b"hunter2" not in trailer(answer, "grpc-status-details-bin")


def test_abort_of_a_handler_is_a_bug_too(failed: Call) -> None:
    """A handler cannot end a call past the interceptor: gRPC's own bare exception is caught."""
    assert failed(Exception()).code() is grpc.StatusCode.INTERNAL  # as context.abort raises it


def test_stream_ends_as_a_call_does(raising: Served) -> None:
    """A stream that fails after its first message carries the same details."""
    raising.wired.raising.planted = NotFound(RUN)  # type: ignore[attr-defined]  # see WiredToRaise
    with raising.channel() as channel:
        stream = run_pb2_grpc.RunServiceStub(channel).WatchRun(run_pb2.WatchRunRequest(name=RUN))
        assert next(stream).run.name == RUN
        with pytest.raises(grpc.RpcError) as caught:
            next(stream)

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert set(details(caught.value)) == {"ErrorInfo", "ResourceInfo"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-123", True), ("not a request id", False), ("x" * 65, False), ("", False)],
)
def test_request_id_is_the_callers_or_made(failed: Call, given: str, kept: bool) -> None:  # noqa: FBT001 - a table's column
    """A well-formed request id is taken over, another one replaced; both come back."""
    answer = failed(NotFound(RUN), metadata=(("x-request-id", given),))

    found = trailer(answer, "x-request-id")
    assert found
    assert (found == given) is kept


def test_request_that_is_too_large_is_refused(raising: Served) -> None:
    """Requests beyond 4 MB never reach a handler."""
    with raising.channel() as channel, pytest.raises(grpc.RpcError) as caught:
        stub = run_pb2_grpc.RunServiceStub(channel)
        stub.GetRun(run_pb2.GetRunRequest(name="x" * (4 * 1024 * 1024)))

    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
