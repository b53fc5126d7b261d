"""What a call raises when it does not get its answer.

The tree::

    SynclineError
    ├── Refused                 the server said no; the caller can act on it
    │   ├── InvalidArgument     mend the request: ``violations``
    │   ├── Unauthenticated     bring good credentials
    │   ├── PermissionDenied    use other credentials
    │   ├── NotFound            name something else: ``resource``
    │   ├── AlreadyExists       use what is there: ``resource``
    │   ├── FailedPrecondition  do something first: ``blockers``
    │   ├── Aborted             look, then try again: ``resource``
    │   └── ResourceExhausted   wait: ``retry_after``
    ├── Unavailable             nobody answers now; try again, after ``retry_after`` if given
    ├── DeadlineExceeded        no answer in time; what was asked may have happened
    ├── Cancelled               the caller gave the call up
    └── ServerFault             a bug of the server; tell its operators the ``request_id``

Reasons are the values of ``syncline.v1.ErrorReason`` without their prefix. They are plain strings
here, because a newer server may know more of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import grpc


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One field of a request that is wrong."""

    field: str
    """The field's path as on the wire, for example ``invoice.lines[2].quantity``."""
    description: str
    """What is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One thing that stands in the way."""

    reason: str
    """Why, as a reason."""
    subject: str
    """What must change: a resource, module, toggle or field."""
    description: str
    """What to do about it."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Everything an answer says about why it is an error."""

    code: grpc.StatusCode
    message: str
    reason: str = ""
    metadata: Mapping[str, str]
    violations: tuple[Violation, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    resource: str = ""
    retry_after: timedelta | None = None
    request_id: str = ""


class SynclineError(Exception):
    """Base of everything a call raises.

    ``except syncline_client.SynclineError as error`` catches all of it. ``code`` is gRPC's,
    ``reason`` the stable word (empty when no Syncline server has answered), ``metadata`` what the
    message is about, ``request_id`` what to look for in the server's log.
    """

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation.message)
        self.code = explanation.code
        self.message = explanation.message
        self.reason = explanation.reason
        self.metadata = explanation.metadata
        self.request_id = explanation.request_id


class Refused(SynclineError):  # noqa: N818 - named by what happened
    """The server understood and said no. Repeating the same call gets the same answer, for now."""


class InvalidArgument(Refused):
    """The request is malformed; ``violations`` names every field that is wrong."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.violations = explanation.violations


class Unauthenticated(Refused):
    """The credentials are missing or no good."""


class PermissionDenied(Refused):
    """The credentials are good, but not for this."""


class NotFound(Refused):
    """There is nothing called ``resource``."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.resource = explanation.resource


class AlreadyExists(Refused):
    """``resource`` has this id, code, SKU or number."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.resource = explanation.resource


class FailedPrecondition(Refused):
    """Somebody must do something first; ``blockers`` names all of it."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.blockers = explanation.blockers


class Aborted(Refused):
    """Somebody else is or was at it; ``resource`` is what to look at before trying again."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.resource = explanation.resource


class ResourceExhausted(Refused):
    """Too early or too much; the call is welcome after ``retry_after`` (None: not known)."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.retry_after = explanation.retry_after


class Unavailable(SynclineError):  # noqa: N818 - named by what happened
    """Nobody answers now. Reads were repeated already; ``retry_after`` is None where not known."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.retry_after = explanation.retry_after


class DeadlineExceeded(SynclineError):  # noqa: N818 - named by what happened
    """No answer came in time. Whether the call was carried out is not known."""


class Cancelled(SynclineError):  # noqa: N818 - named by what happened
    """The caller gave the call up."""


class ServerFault(SynclineError):  # noqa: N818 - named by what happened
    """The server failed in a way it should not; its log tells more under ``request_id``."""
