"""From a failed call to an exception: reads the details an answer carries."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from syncline_client import errors

DETAILS_KEY = "grpc-status-details-bin"
CLASSES: dict[grpc.StatusCode, type[errors.SynclineError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidArgument,
    grpc.StatusCode.UNAUTHENTICATED: errors.Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: errors.PermissionDenied,
    grpc.StatusCode.NOT_FOUND: errors.NotFound,
    grpc.StatusCode.ALREADY_EXISTS: errors.AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: errors.FailedPrecondition,
    grpc.StatusCode.ABORTED: errors.Aborted,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.ResourceExhausted,
    grpc.StatusCode.UNAVAILABLE: errors.Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    grpc.StatusCode.CANCELLED: errors.Cancelled,
}
_CODES = {code.value[0]: code for code in grpc.StatusCode}
M = TypeVar("M", bound=Message)


def explain(failed: grpc.RpcError, request_id: str) -> errors.SynclineError:
    """Return the exception that stands for this failed call.

    :param failed: what grpc raised, which is also the call.
    :param request_id: the id the call was made under, for answers that name none.
    """
    return _explained(failed.code(), failed.details() or "", _status(failed), request_id)


def explain_status(status: status_pb2.Status) -> errors.SynclineError:
    """Return the exception that stands for a status inside an answer, as a call would raise it.

    :param status: ``ImportResult.refusal`` or ``Run.error``.
    """
    code = _CODES.get(status.code, grpc.StatusCode.UNKNOWN)
    return _explained(code, status.message, status, request_id="")


def _explained(
    code: grpc.StatusCode, message: str, status: status_pb2.Status, request_id: str
) -> errors.SynclineError:
    return CLASSES.get(code, errors.ServerFault)(
        errors.Explanation(
            code=code,
            message=message or code.name,
            reason=_find(status, error_details_pb2.ErrorInfo).reason,
            metadata=dict(_find(status, error_details_pb2.ErrorInfo).metadata),
            violations=_violations(_find(status, error_details_pb2.BadRequest)),
            blockers=_blockers(_find(status, error_details_pb2.PreconditionFailure)),
            resource=_find(status, error_details_pb2.ResourceInfo).resource_name,
            retry_after=_retry_after(_find(status, error_details_pb2.RetryInfo)),
            request_id=_find(status, error_details_pb2.RequestInfo).request_id or request_id,
        )
    )


def _status(failed: grpc.RpcError) -> status_pb2.Status:
    """Return the status with its details; an empty one where there is none to be read."""
    # On an event loop they are pairs without names, which the types do not know.
    pairs = cast("Iterable[tuple[str, str | bytes]]", failed.trailing_metadata() or ())
    for key, value in pairs:
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break  # whoever wrote it, the code and message still count
    return status_pb2.Status()


def _find(status: status_pb2.Status, kind: type[M]) -> M:
    """Return the detail of this kind; an empty one where there is none."""
    found = kind()
    for detail in status.details:
        if detail.Is(kind.DESCRIPTOR):
            detail.Unpack(found)
            break
    return found


def _violations(detail: error_details_pb2.BadRequest) -> tuple[errors.Violation, ...]:
    return tuple(
        errors.Violation(field=violation.field, description=violation.description)
        for violation in detail.field_violations
    )


def _blockers(detail: error_details_pb2.PreconditionFailure) -> tuple[errors.Blocker, ...]:
    return tuple(
        errors.Blocker(
            reason=violation.type, subject=violation.subject, description=violation.description
        )
        for violation in detail.violations
    )


def _retry_after(detail: error_details_pb2.RetryInfo) -> timedelta | None:
    return detail.retry_delay.ToTimedelta() if detail.HasField("retry_delay") else None
