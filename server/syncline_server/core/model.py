"""The words of the domain as values: connections, runs and their states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from syncline_sdk import Trigger, Value
from syncline_server.core.errors import Blocker
from syncline_server.core.names import Connection, Scope
from syncline_server.core.patience import Stall


class ConnectionState(StrEnum):
    """Whether a workspace can reach its organisation."""

    NOT_CONNECTED = "NOT_CONNECTED"
    CONNECTED = "CONNECTED"
    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"


class RunState(StrEnum):
    """Where a run stands. The first three are active, the others final."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ACTIVE = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)
"""States of a run that holds its scope."""


class MappingState(StrEnum):
    """Whether a provider's record is tied to one of ours."""

    UNMAPPED = "UNMAPPED"
    MAPPED = "MAPPED"
    AMBIGUOUS = "AMBIGUOUS"  # several of ours fit: a person chooses
    NEEDS_REVIEW = "NEEDS_REVIEW"  # it changed under a mapping: a person looks again
    NOT_USED = "NOT_USED"  # a person said so; tax rates only


class PushState(StrEnum):
    """How far an invoice's way to the provider has come."""

    PENDING = "PENDING"  # written, not sent yet
    SENT = "SENT"  # on its way; unknown if we die now
    LINKED = "LINKED"  # the provider holds it
    REJECTED = "REJECTED"  # the provider refused it and holds nothing
    UNCERTAIN = "UNCERTAIN"  # the answer was lost: read before sending again


HELD = (PushState.LINKED, PushState.SENT, PushState.UNCERTAIN)
"""States in which the provider holds the invoice, or may."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a run did so far, in records."""

    total: int = 0
    """How many there will be; 0 while unknown."""
    fetched: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An organisation a person may choose after one consent approved several."""

    id: str
    name: str
    connection_id: str


@dataclass(frozen=True, kw_only=True)
class ConnectionRow:
    """A connection as it is stored."""

    key: Connection
    state: ConnectionState = ConnectionState.NOT_CONNECTED
    state_reason: str = ""
    generation: int = 0
    """Bumped by every connect and disconnect: work of an older generation is dead."""
    organisation_id: str = ""
    organisation_name: str = ""
    provider_connection_id: str = ""
    grant_id: str = ""
    candidates: tuple[Candidate, ...] = ()
    candidates_grant_id: str = ""
    candidates_expire_time: datetime | None = None
    connect_time: datetime | None = None
    update_time: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ModuleState:
    """What a module has achieved for one organisation."""

    complete_time: datetime | None = None
    """When it first succeeded."""
    watermark: datetime | None = None
    """Up to where its last successful run read."""
    full_read_asked_time: datetime | None = None
    """Since when the next run is to read everything; None when it need not."""
    wake_time: datetime | None = None
    """When what held its records up was settled, since its last run; None when nothing was."""
    full_read_time: datetime | None = None
    """When the last run that read everything and went through began to."""

    def read_since(self, now: datetime, full_read_interval: timedelta) -> datetime | None:
        """Return where a run that starts now reads from; None is a full read.

        :param full_read_interval: how old the last full read may be: a provider's list of changes
            does not tell every change.
        """
        last = self.full_read_time
        if self.full_read_asked_time or last is None or now - last >= full_read_interval:
            return None
        return self.watermark


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a workspace has chosen for one connection."""

    on: frozenset[str] = frozenset()
    """Toggles that are on."""
    options: Mapping[str, Value] = field(default_factory=dict)
    """Values by declared setting; missing ones have their default."""
    intervals: Mapping[str, timedelta] = field(default_factory=dict)
    """Automatic interval by module; missing is off."""
    update_time: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class RunError:
    """Why a run did not succeed, for people and programs."""

    code: str
    message: str
    action: str = ""
    """What a person can do; empty where the blockers say it."""
    blockers: tuple[Blocker, ...] = ()
    """What stood in the way, as a refused call would list it."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as it is stored."""

    id: str
    scope: Scope
    organisation_id: str
    generation: int
    trigger: Trigger
    state: RunState
    attempt: int = 0
    """How often it was started; the fence: only the newest attempt may write."""
    counts: Counts = field(default_factory=Counts)
    issue_count: int = 0
    open_issue_count: int = 0
    """How many of its issues nothing has settled yet."""
    cursor: str | None = None
    read_since: datetime | None = None
    """The watermark it reads from, fixed when it first started; None is a full read."""
    watermark: datetime | None = None
    """What the module's watermark becomes if this run succeeds."""
    options: dict[str, Value] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    """The provider's ids of the only records this execution reads; no column, see ``engine``."""
    full_read: bool = False
    """Whether whoever asked for it wants everything read."""
    accept_collapse: bool = False
    """Whether whoever asked for it knows that most of what is known here is gone."""
    collapsed: bool = False
    """Whether it found most of what is known here gone, and so took nothing for gone."""
    error: RunError | None = None
    request_id: str = ""
    requested_by: str = ""
    cancel_requested: bool = False
    wait_reason: str = ""
    stall: Stall = field(default_factory=Stall)
    """What it has gone through since it last got further."""
    create_time: datetime
    start_time: datetime | None = None
    end_time: datetime | None = None
    wake_time: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it leaves out nothing that an ordinary run of its module reads."""
        return not self.options and not self.targets

    @property
    def reads_everything(self) -> bool:
        """Whether it leaves nothing unread; known for certain once it has gone through.

        One with options may be about a few records only, unless it moves the watermark all the
        same.
        """
        whole = self.watermark is not None or not self.options
        return self.read_since is None and not self.targets and whole
