"""Refusals, sorted by what the caller can do about them.

The tree::

    Refusal
    ├── InvalidArgument      mend the request            INVALID_ARGUMENT
    ├── NotFound             name something that exists  NOT_FOUND
    ├── AlreadyExists        use the one that is there   ALREADY_EXISTS
    ├── Unauthenticated      bring credentials           UNAUTHENTICATED
    ├── PermissionDenied     ask an admin                PERMISSION_DENIED
    ├── FailedPrecondition   do the steps named first    FAILED_PRECONDITION
    ├── Aborted              read again, then retry      ABORTED
    ├── ResourceExhausted    wait                        RESOURCE_EXHAUSTED
    └── Unavailable          retry                       UNAVAILABLE

Everything else that is raised is our bug. Reasons and metadata keys are public and stable: they
are the ``ErrorReason`` values of the API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why, in one stable word; each is a value of ``syncline.v1.ErrorReason``."""

    INVALID_FIELD = "INVALID_FIELD"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    CREDENTIALS_INVALID = "CREDENTIALS_INVALID"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_CONNECTED = "NOT_CONNECTED"
    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"
    MODULE_OFF = "MODULE_OFF"
    PREREQUISITE_INCOMPLETE = "PREREQUISITE_INCOMPLETE"
    TOGGLE_LOCKED = "TOGGLE_LOCKED"
    FIELD_OWNED = "FIELD_OWNED"
    RECORD_CREATED_IN_PROVIDER = "RECORD_CREATED_IN_PROVIDER"
    PROVIDER_REFUSED = "PROVIDER_REFUSED"
    NOT_PLANNABLE = "NOT_PLANNABLE"
    NOT_COMPARABLE = "NOT_COMPARABLE"
    STATE_UNKNOWN = "STATE_UNKNOWN"
    STATE_EXPIRED = "STATE_EXPIRED"
    STATE_USED = "STATE_USED"
    CONSENT_DENIED = "CONSENT_DENIED"
    CONSENT_FAILED = "CONSENT_FAILED"
    ORGANISATION_TAKEN = "ORGANISATION_TAKEN"
    ORGANISATION_NOT_A_CANDIDATE = "ORGANISATION_NOT_A_CANDIDATE"
    SELECTION_EXPIRED = "SELECTION_EXPIRED"
    INVOICE_STATE = "INVOICE_STATE"
    TAX_RATE_MISMATCH = "TAX_RATE_MISMATCH"
    TAX_CODE_TAKEN = "TAX_CODE_TAKEN"
    MAPPING_NOT_APPLICABLE = "MAPPING_NOT_APPLICABLE"
    RECORD_MAPPED_ELSEWHERE = "RECORD_MAPPED_ELSEWHERE"
    RECORD_VANISHED = "RECORD_VANISHED"
    RUN_ACTIVE = "RUN_ACTIVE"
    RUN_ENDED = "RUN_ENDED"
    STALE_ETAG = "STALE_ETAG"
    CREATION_ACTIVE = "CREATION_ACTIVE"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    COOLDOWN = "COOLDOWN"
    QUOTA = "QUOTA"
    RATE_LIMITED = "RATE_LIMITED"
    CONCURRENCY_LIMITED = "CONCURRENCY_LIMITED"
    CHANGE_TOKEN_EXPIRED = "CHANGE_TOKEN_EXPIRED"  # noqa: S105 - a reason, no secret
    PROVIDER_UNAVAILABLE = "PROVIDER_UNAVAILABLE"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    PROVIDER_MISCONFIGURED = "PROVIDER_MISCONFIGURED"
    WEBHOOK_SIGNATURE_INVALID = "WEBHOOK_SIGNATURE_INVALID"
    WEBHOOKS_NOT_CONFIGURED = "WEBHOOKS_NOT_CONFIGURED"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    ISSUER_UNAVAILABLE = "ISSUER_UNAVAILABLE"
    WORKSPACE_CONNECTED = "WORKSPACE_CONNECTED"
    WORKSPACE_ERASING = "WORKSPACE_ERASING"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One field of a request that is wrong."""

    field: str
    """Path as on the wire, for example ``invoice.lines[2].quantity``."""
    description: str
    """What is wrong and what would be right."""


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One thing that stands in the way, with what to do about it."""

    reason: Reason
    subject: str
    """What it is about: a node, a toggle, a field."""
    title: str
    """What people call the subject."""
    description: str
    """What to do about it."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a malfunction
    """Base of every answer that is not the one asked for.

    :param reason: stable word.
    :param message: one sentence a person understands.
    :param metadata: every variable part of the message.
    """

    def __init__(
        self, reason: Reason, message: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})


class InvalidArgument(Refusal):
    """The request is malformed; every violation is listed."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        fields = ", ".join(violation.field for violation in violations)
        super().__init__(Reason.INVALID_FIELD, f"Invalid: {fields}.", {"fields": fields})
        self.violations = tuple(violations)


class Identified(Refusal):
    """A refusal about one resource."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        resource: str,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason, message, {"resource": resource, **(metadata or {})})
        self.resource = resource


class NotFound(Identified):
    """Nothing of that name is here (or it is another workspace's)."""

    def __init__(self, resource: str) -> None:
        super().__init__(Reason.RESOURCE_NOT_FOUND, f"There is no {resource}.", resource)


class AlreadyExists(Identified):
    """Something with that key is here already; ``resource`` names it."""


class Unauthenticated(Refusal):
    """Credentials are missing, unknown, expired or revoked."""


class PermissionDenied(Refusal):
    """The caller is known, and may not do this here."""


class FailedPrecondition(Refusal):
    """Something must be done first; every blocker is listed, the first gives the reason."""

    def __init__(
        self, message: str, blockers: Sequence[Blocker], metadata: Mapping[str, str] | None = None
    ) -> None:
        # One subject may stand for several blockers: a toggle that two others need.
        named = dict.fromkeys(blocker.subject for blocker in blockers)
        subjects = {"subjects": ",".join(named)}
        super().__init__(blockers[0].reason, message, {**subjects, **(metadata or {})})
        self.blockers = tuple(blockers)


class Aborted(Identified):
    """Somebody else is or was at it; ``resource`` names what to look at before retrying."""


class ResourceExhausted(Refusal):
    """Too early, or too much; ``retry_after`` says when it will be taken."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        retry_after: timedelta,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason, message, metadata)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """The provider or the database cannot answer now."""

    def __init__(self, reason: Reason, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after = retry_after
