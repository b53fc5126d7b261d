from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

import syncline_client
from syncline.v1 import run_pb2

GET = run_pb2.GetRunRequest(name="workspaces/acme/runs/1")
CANCEL = run_pb2.CancelRunRequest(name="workspaces/acme/runs/1")
WATCH = run_pb2.WatchRunRequest(name="workspaces/acme/runs/1")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, syncline_client.InvalidArgument),
        (grpc.StatusCode.UNAUTHENTICATED, syncline_client.Unauthenticated),
        (grpc.StatusCode.PERMISSION_DENIED, syncline_client.PermissionDenied),
        (grpc.StatusCode.NOT_FOUND, syncline_client.NotFound),
        (grpc.StatusCode.ALREADY_EXISTS, syncline_client.AlreadyExists),
        (grpc.StatusCode.FAILED_PRECONDITION, syncline_client.FailedPrecondition),
        (grpc.StatusCode.ABORTED, syncline_client.Aborted),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, syncline_client.ResourceExhausted),
        (grpc.StatusCode.UNAVAILABLE, syncline_client.Unavailable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, syncline_client.DeadlineExceeded),
        (grpc.StatusCode.CANCELLED, syncline_client.Cancelled),
        (grpc.StatusCode.INTERNAL, syncline_client.ServerFault),
        (grpc.StatusCode.UNIMPLEMENTED, syncline_client.ServerFault),
    ],
)
def test_each_code_is_an_exception_of_its_own(
    served: Any, client: syncline_client.Client, code: grpc.StatusCode, expected: type
) -> None:
    """A code becomes its exception, with message, reason and metadata."""
    served.fail_with(code, "What happened.")
    with pytest.raises(syncline_client.SynclineError) as caught:
        client.runs.CancelRun(CANCEL)
    error = caught.value
    assert type(error) is expected
    assert (str(error), error.code, error.reason) == ("What happened.", code, "SOME_REASON")
    assert error.metadata == {"key": "value"}


def test_refusals_are_apart_from_outages_and_bugs() -> None:
    """What a caller can act on has a base of its own."""
    assert issubclass(syncline_client.FailedPrecondition, syncline_client.Refused)
    assert not issubclass(syncline_client.Unavailable, syncline_client.Refused)
    assert not issubclass(syncline_client.ServerFault, syncline_client.Refused)


def test_a_malformed_request_names_every_violation(
    served: Any, client: syncline_client.Client
) -> None:
    """Violations arrive with their field's path, in order."""
    wrong = [details.BadRequest.FieldViolation(field=name, description="no") for name in "ab"]
    served.fail_with(
        grpc.StatusCode.INVALID_ARGUMENT, "no", details.BadRequest(field_violations=wrong)
    )
    with pytest.raises(syncline_client.InvalidArgument) as caught:
        client.runs.GetRun(GET)
    assert [violation.field for violation in caught.value.violations] == ["a", "b"]


def test_a_failed_precondition_names_every_blocker(
    served: Any, client: syncline_client.Client
) -> None:
    """Blockers arrive with what to do about them."""
    detail = details.PreconditionFailure()
    detail.violations.add(type="MODULE_OFF", subject="items", description="Turn it on.")
    detail.violations.add(type="MODULE_OFF", subject="contacts", description="This too.")
    served.fail_with(grpc.StatusCode.FAILED_PRECONDITION, "no", detail)
    with pytest.raises(syncline_client.FailedPrecondition) as caught:
        client.runs.GetRun(GET)
    assert caught.value.blockers == (
        syncline_client.Blocker(reason="MODULE_OFF", subject="items", description="Turn it on."),
        syncline_client.Blocker(reason="MODULE_OFF", subject="contacts", description="This too."),
    )


def test_a_resource_is_named(served: Any, client: syncline_client.Client) -> None:
    """The run that is in the way can be looked up by name."""
    name = "workspaces/acme/runs/7"
    served.fail_with(grpc.StatusCode.ABORTED, "busy", details.ResourceInfo(resource_name=name))
    with pytest.raises(syncline_client.Aborted) as caught:
        client.runs.GetRun(GET)
    assert caught.value.resource == name


def test_the_time_left_is_a_timedelta(served: Any, client: syncline_client.Client) -> None:
    """A cooldown says how long it still lasts."""
    left = details.RetryInfo(retry_delay=Duration(seconds=34, nanos=500_000_000))
    served.fail_with(grpc.StatusCode.RESOURCE_EXHAUSTED, "cooling", left)
    with pytest.raises(syncline_client.ResourceExhausted) as caught:
        client.runs.GetRun(GET)
    assert caught.value.retry_after == timedelta(seconds=34.5)


def test_no_time_given_is_none(served: Any, client: syncline_client.Client) -> None:
    """Without RetryInfo nobody is told to come back at once."""
    served.fail_with(grpc.StatusCode.RESOURCE_EXHAUSTED, "quota")
    with pytest.raises(syncline_client.ResourceExhausted) as caught:
        client.runs.GetRun(GET)
    assert caught.value.retry_after is None


def test_a_fault_carries_the_servers_request_id(
    served: Any, client: syncline_client.Client
) -> None:
    """The id to look for is the one the server names."""
    served.fail_with(grpc.StatusCode.INTERNAL, "bug", details.RequestInfo(request_id="log-me"))
    with pytest.raises(syncline_client.ServerFault) as caught:
        client.runs.GetRun(GET)
    assert caught.value.request_id == "log-me"


@pytest.mark.parametrize(
    "trailing", [(), (("grpc-status-details-bin", b"\xff\xff"),)], ids=["absent", "garbage"]
)
def test_an_answer_without_our_details_is_still_typed(
    served: Any, client: syncline_client.Client, trailing: tuple[tuple[str, bytes], ...]
) -> None:
    """A proxy's answer has code, message and our own request id; the reason stays empty."""
    served.fail_plainly(grpc.StatusCode.NOT_FOUND, *trailing)
    with pytest.raises(syncline_client.NotFound) as caught:
        client.runs.GetRun(GET)
    error = caught.value
    assert (error.reason, error.metadata, error.resource) == ("", {}, "")
    assert error.request_id == served.runs.called_with[0]["x-request-id"]


def test_nobody_listening_is_unavailable() -> None:
    """A refused connection is the same exception as a server that is down."""
    with (
        syncline_client.connect("127.0.0.1:1") as client,
        pytest.raises(syncline_client.Unavailable),
    ):
        client.runs.CancelRun(CANCEL)


def test_a_stream_fails_with_our_exceptions(served: Any, client: syncline_client.Client) -> None:
    """What arrived before the failure is kept, and the failure is typed."""
    served.fail_with(grpc.StatusCode.PERMISSION_DENIED, "gone")
    stream = iter(client.runs.WatchRun(WATCH))
    assert next(stream).run.name == WATCH.name
    with pytest.raises(syncline_client.PermissionDenied):
        next(stream)


def test_a_stream_can_be_given_up(client: syncline_client.Client) -> None:
    """A cancelled stream ends with Cancelled."""
    stream = client.runs.WatchRun(WATCH)
    stream.cancel()
    with pytest.raises(syncline_client.Cancelled):
        list(stream)


def test_futures_fail_with_our_exceptions(served: Any, client: syncline_client.Client) -> None:
    """A call made in the background explains itself too, raised or asked for."""
    served.fail_with(grpc.StatusCode.NOT_FOUND, "none")
    future = client.runs.GetRun.future(GET)
    assert isinstance(future.exception(), syncline_client.NotFound)
    with pytest.raises(syncline_client.NotFound):
        future.result()


def test_status_inside_an_answer_is_the_exception_of_a_call() -> None:
    """What refused one record of an import reads like what would have refused a call for it."""
    status = status_pb2.Status(code=6, message="It is there.")
    status.details.add().Pack(details.ErrorInfo(reason="ALREADY_EXISTS"))
    status.details.add().Pack(details.ResourceInfo(resource_name="workspaces/acme/customers/1"))

    error = syncline_client.explain_status(status)

    assert isinstance(error, syncline_client.AlreadyExists)
    assert (str(error), error.reason) == ("It is there.", "ALREADY_EXISTS")
    assert error.resource == "workspaces/acme/customers/1"


def test_status_of_an_unknown_code_is_a_fault() -> None:
    """A code nobody knows is no refusal."""
    error = syncline_client.explain_status(status_pb2.Status(code=99))

    assert (type(error), error.code) == (syncline_client.ServerFault, grpc.StatusCode.UNKNOWN)
