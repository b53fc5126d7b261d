"""Faults that tests order: what goes wrong, for whom, how often."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from syncline_xero_simulator.wire.json_text import write_json
from syncline_xero_simulator.wire.problems import (
    MAINTENANCE_TEXT,
    OFFLINE_TEXT,
    UNAVAILABLE_TEXT,
    ProblemError,
    not_found,
    plain,
)


class FaultKind(StrEnum):
    """What goes wrong."""

    DROP_BEFORE = "drop-before"
    DROP_DURING = "drop-during"
    DROP_AFTER = "drop-after"
    DELAY = "delay"
    HOLD = "hold"
    DRIP = "drip"
    ERROR_500 = "error-500"
    ERROR_500_AFTER = "error-500-after"
    ERROR_502 = "error-502"
    ERROR_504 = "error-504"
    REPEATED = "repeated"
    MAINTENANCE = "maintenance"
    UNAVAILABLE = "unavailable"
    ORGANISATION_OFFLINE = "organisation-offline"
    LIMIT_CONCURRENT = "limit-concurrent"
    LIMIT_MINUTE = "limit-minute"
    LIMIT_DAY = "limit-day"
    LIMIT_APP_MINUTE = "limit-appminute"
    LIMIT_UNKNOWN = "limit-unknown"
    UNAUTHORISED = "unauthorised"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a kind of fault, not a secret
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    DISCONNECT = "disconnect"
    TRUNCATED_JSON = "truncated-json"
    MALFORMED_JSON = "malformed-json"
    HTML_ANSWER = "html-answer"
    XML_ANSWER = "xml-answer"
    OVER_LARGE = "over-large"
    EMPTY_PAGE = "empty-page"
    LYING_PAGINATION = "lying-pagination"
    SMALL_PAGINATION = "small-pagination"
    REPEATED_PAGE = "repeated-page"
    ENDLESS_PAGES = "endless-pages"
    DUPLICATE_IDS = "duplicate-ids"
    HUGE_STRINGS = "huge-strings"
    PATCH_FIELDS = "patch-fields"
    PATCH_ANSWER = "patch-answer"


CHANGES_BODY = frozenset(
    {
        FaultKind.TRUNCATED_JSON,
        FaultKind.MALFORMED_JSON,
        FaultKind.HTML_ANSWER,
        FaultKind.XML_ANSWER,
        FaultKind.OVER_LARGE,
        FaultKind.EMPTY_PAGE,
        FaultKind.LYING_PAGINATION,
        FaultKind.SMALL_PAGINATION,
        FaultKind.REPEATED_PAGE,
        FaultKind.ENDLESS_PAGES,
        FaultKind.DUPLICATE_IDS,
        FaultKind.HUGE_STRINGS,
        FaultKind.PATCH_FIELDS,
        FaultKind.PATCH_ANSWER,
    }
)
"""The kinds that let the call happen and then spoil its answer."""
FIRST_PAGE_ONLY = frozenset({FaultKind.REPEATED_PAGE, FaultKind.ENDLESS_PAGES})
"""The kinds that answer whatever page is asked for from the first one."""
_RETRY_AFTER = {FaultKind.LIMIT_MINUTE: 30, FaultKind.LIMIT_DAY: 66_975}


class ConnectionDroppedError(Exception):
    """The connection is to be cut without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One order.

    `method`, `path` (a part of it, case ignored), `body` (a part of what is sent) and `tenant_id`
    say which calls are hit; empty ones hit all. `skip` matching calls pass first; `count` is how
    many are hit, None without end; a hold keeps every one that comes until it is cancelled.
    `seconds` is a delay or a `Retry-After`; `fields` are set on every record by patch-fields, on
    the answer itself by patch-answer.
    """

    fault_id: int
    kind: FaultKind
    method: str = ""
    path: str = ""
    body: str = ""
    tenant_id: str = ""
    count: int | None = 1
    skip: int = 0
    seconds: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def hits(self, call: "Hit") -> bool:
        """Return whether a call is one that this fault means."""
        return (
            self.method in ("", call.method)
            and self.path.lower() in call.path.lower()
            and self.body in call.body
            and self.tenant_id in ("", call.tenant_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A call that a fault may hit."""

    method: str
    path: str
    body: str
    tenant_id: str


class Faults:
    """The faults on order, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, fault: Fault) -> Fault:
        """Order a fault and return it with its id."""
        with self._lock:
            self._last_id += 1
            numbered = replace(fault, fault_id=self._last_id)
            self._faults.append(numbered)
            return numbered

    def all(self) -> list[Fault]:
        """Return the faults still on order."""
        with self._lock:
            return list(self._faults)

    def remove(self, fault_id: int) -> bool:
        """Cancel a fault; return whether there was one."""
        with self._lock:
            before = len(self._faults)
            self._faults = [fault for fault in self._faults if fault.fault_id != fault_id]
            self._lock.notify_all()
            return len(self._faults) < before

    def clear(self) -> None:
        """Cancel all faults."""
        with self._lock:
            self._faults.clear()
            self._lock.notify_all()

    def wait_until_cancelled(self, fault_id: int) -> None:
        """Return once a fault is no longer on order."""
        with self._lock:
            self._lock.wait_for(lambda: all(each.fault_id != fault_id for each in self._faults))

    def take(self, call: Hit) -> Fault | None:
        """Return the fault that hits this call, using it up by one."""
        with self._lock:
            for position, fault in enumerate(self._faults):
                if not fault.hits(call):
                    continue
                if fault.skip:
                    self._faults[position] = replace(fault, skip=fault.skip - 1)
                    continue
                self._use_up(position, fault)
                return fault
            return None

    def _use_up(self, position: int, fault: Fault) -> None:
        if fault.count is None or fault.kind is FaultKind.HOLD:
            return
        if fault.count <= 1:
            del self._faults[position]
        else:
            self._faults[position] = replace(fault, count=fault.count - 1)


def refusal(fault: Fault) -> ProblemError | None:
    """Return the answer of a fault that answers in Xero's stead, or None for other kinds."""
    plain_ones = {
        FaultKind.ERROR_500: plain(500, "An unexpected error occurred"),
        FaultKind.ERROR_502: plain(502, "Bad Gateway"),
        FaultKind.ERROR_504: plain(504, "Gateway Timeout"),
        FaultKind.MAINTENANCE: plain(503, MAINTENANCE_TEXT),
        FaultKind.UNAVAILABLE: plain(503, UNAVAILABLE_TEXT),
        FaultKind.ORGANISATION_OFFLINE: plain(503, OFFLINE_TEXT),
        FaultKind.NOT_FOUND: not_found(),
        FaultKind.UNAUTHORISED: _problem(401, "AuthorizationUnsuccessful"),
        FaultKind.TOKEN_EXPIRED: _problem(401, "TokenExpired: token expired"),
        FaultKind.FORBIDDEN: _problem(403, "AuthenticationUnsuccessful"),
    }
    if fault.kind.startswith("limit-"):
        return _limit(fault)
    return plain_ones.get(fault.kind)


def _problem(status: int, detail: str) -> ProblemError:
    body = {"Type": None, "Title": "Refused", "Status": status, "Detail": detail}
    return ProblemError(status, write_json(body))


def _limit(fault: Fault) -> ProblemError:
    headers = {"X-Rate-Limit-Problem": fault.kind.removeprefix("limit-")}
    seconds = fault.seconds if fault.seconds is not None else _RETRY_AFTER.get(fault.kind)
    if seconds is not None:
        headers["Retry-After"] = str(int(seconds))
    return ProblemError(429, "", "text/html; charset=utf-8", headers)
