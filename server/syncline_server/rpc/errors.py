"""The one table from refusals to what goes over the wire: a gRPC code and google.rpc details.

Details travel as a serialised ``google.rpc.Status`` in the trailer ``grpc-status-details-bin``.
Importing ``error_details_pb2`` here is also what lets server reflection describe these messages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb2
from google.rpc import status_pb2

from syncline_server.core import errors
from syncline_server.core.model import RunError
from syncline_server.rpc.brevity import (
    LONGEST_MESSAGE,
    LONGEST_PART,
    LONGEST_VALUE,
    fitting,
    shortened,
)

DOMAIN: Final = "syncline.orderverse.io"
DETAILS_KEY: Final = "grpc-status-details-bin"
INTERNAL_MESSAGE: Final = (
    "The server failed in a way it should not. Tell its operators the request id."
)
INTERNAL_REASON: Final = "INTERNAL"

Details = Callable[[Any], list[Message]]
"""Makes the details beside ErrorInfo from a refusal of the row's class."""


@dataclass(frozen=True)
class Row:
    """How one class of refusals is told."""

    code: grpc.StatusCode
    details: Details


def _none(_refusal: errors.Refusal) -> list[Message]:
    return []


def _bad_request(refusal: errors.InvalidArgument) -> list[Message]:
    kind = details_pb2.BadRequest.FieldViolation
    violations = [
        kind(field=_part(each.field), description=_part(each.description))
        for each in refusal.violations
    ]
    kept = fitting(violations, lambda said: kind(description=said))
    return [details_pb2.BadRequest(field_violations=kept)]


def _resource_info(refusal: errors.Identified) -> list[Message]:
    return [
        details_pb2.ResourceInfo(
            resource_type=_type_of(refusal.resource),
            resource_name=shortened(refusal.resource, LONGEST_VALUE),
            description=shortened(refusal.message, LONGEST_MESSAGE),
        )
    ]


def _precondition_failure(refusal: errors.FailedPrecondition) -> list[Message]:
    kind = details_pb2.PreconditionFailure.Violation
    violations = [_violation(blocker) for blocker in refusal.blockers]
    kept = fitting(violations, lambda said: kind(type=refusal.reason, description=said))
    return [details_pb2.PreconditionFailure(violations=kept)]


def _violation(blocker: errors.Blocker) -> details_pb2.PreconditionFailure.Violation:
    return details_pb2.PreconditionFailure.Violation(
        type=blocker.reason,
        subject=_part(blocker.subject),
        description=_part(blocker.description),
    )


def _part(text: str) -> str:
    return shortened(text, LONGEST_PART)


def _retry_info(refusal: errors.ResourceExhausted | errors.Unavailable) -> list[Message]:
    return [] if refusal.retry_after is None else [_retry(refusal.retry_after)]


def _retry(after: timedelta) -> Message:
    info = details_pb2.RetryInfo()
    info.retry_delay.FromTimedelta(after)
    return cast(Message, info)


TABLE: Final[Mapping[type[errors.Refusal], Row]] = {
    errors.InvalidArgument: Row(grpc.StatusCode.INVALID_ARGUMENT, _bad_request),
    errors.NotFound: Row(grpc.StatusCode.NOT_FOUND, _resource_info),
    errors.AlreadyExists: Row(grpc.StatusCode.ALREADY_EXISTS, _resource_info),
    errors.Unauthenticated: Row(grpc.StatusCode.UNAUTHENTICATED, _none),
    errors.PermissionDenied: Row(grpc.StatusCode.PERMISSION_DENIED, _none),
    errors.FailedPrecondition: Row(grpc.StatusCode.FAILED_PRECONDITION, _precondition_failure),
    errors.Aborted: Row(grpc.StatusCode.ABORTED, _resource_info),
    errors.ResourceExhausted: Row(grpc.StatusCode.RESOURCE_EXHAUSTED, _retry_info),
    errors.Unavailable: Row(grpc.StatusCode.UNAVAILABLE, _retry_info),
}
"""Every class of refusals. What is not in it is a bug of ours."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How a call ends that does not get its answer."""

    code: grpc.StatusCode
    message: str
    reason: str
    details: tuple[Message, ...]

    @property
    def status(self) -> status_pb2.Status:
        """The same as a ``google.rpc.Status`` with all its details."""
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            status.details.add().Pack(detail)
        return status

    @property
    def trailer(self) -> tuple[str, bytes]:
        """The trailing metadata entry that carries the details."""
        return DETAILS_KEY, self.status.SerializeToString()


def failure(error: Exception, request_id: str) -> Failure:
    """Return how a call ends that raised this.

    :param request_id: what a caller tells the operators when it is our bug.
    """
    if isinstance(error, errors.Refusal):
        row = _row(type(error))
        if row is not None:
            info = _error_info(error.reason, error.metadata)
            return Failure(
                code=row.code,
                message=shortened(error.message, LONGEST_MESSAGE),
                reason=error.reason,
                details=(info, *row.details(error)),
            )
    return _bug(request_id)


_CODES_OF_RUNS: Final = {
    "MODULE_CRASHED": grpc.StatusCode.INTERNAL,
    "CONNECTION_CHANGED": grpc.StatusCode.CANCELLED,
}


def run_status(error: RunError, module: str) -> status_pb2.Status:
    """Return why a run ended as it did, as an RPC error would say it."""
    reason = error.code
    violations = [_violation(each) for each in error.blockers]
    if error.action and not violations:
        violations = [
            details_pb2.PreconditionFailure.Violation(
                type=reason, subject=module, description=error.action
            )
        ]
    subjects = {"subjects": ",".join(each.subject for each in violations)} if violations else {}
    details: list[Message] = [_error_info(reason, subjects)]
    if violations:
        details.append(details_pb2.PreconditionFailure(violations=violations))
    # A run that ends so waits for somebody to act, unless the fault is ours or the plugin's.
    code = _CODES_OF_RUNS.get(reason, grpc.StatusCode.FAILED_PRECONDITION)
    return Failure(code=code, message=error.message, reason=reason, details=tuple(details)).status


def _row(kind: type[errors.Refusal]) -> Row | None:
    return next((TABLE[each] for each in kind.__mro__ if each in TABLE), None)


def _bug(request_id: str) -> Failure:
    return Failure(
        code=grpc.StatusCode.INTERNAL,
        message=INTERNAL_MESSAGE,
        reason=INTERNAL_REASON,
        details=(
            _error_info(INTERNAL_REASON, {}),
            details_pb2.RequestInfo(request_id=request_id),
        ),
    )


def _error_info(reason: str, metadata: Mapping[str, str]) -> Message:
    values = {key: shortened(value, LONGEST_VALUE) for key, value in metadata.items()}
    info = details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=values)
    return cast(Message, info)


def _type_of(resource: str) -> str:
    """Return the kind of resource by its name's last collection, for example ``runs``.

    A name of an odd number of parts ends in what there is one of: ``settings``.
    """
    parts = resource.split("/")
    if len(parts) == 1:
        return ""
    return f"{DOMAIN}/{parts[-1 if len(parts) % 2 else -2]}"
