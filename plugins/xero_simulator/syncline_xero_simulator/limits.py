"""Rate limits as Xero enforces them (developer.xero.com, OAuth 2.0 API limits)."""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from syncline_xero_simulator.config import Allowances
from syncline_xero_simulator.switches import Switches

MINUTE = timedelta(minutes=1)
"""The length of a minute window."""
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_APP = "app"


class Limit(StrEnum):
    """The limit that refused a call."""

    CONCURRENT = "concurrent"
    MINUTE = "minute"
    DAY = "day"
    APP_MINUTE = "appminute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a call was refused, and in how many seconds to come back if that is told."""

    limit: Limit
    retry_after: int | None


@dataclass(slots=True)
class _Window:
    opened: int = -1
    used: int = 0


@dataclass(slots=True)
class _TenantUse:
    minute: _Window = field(default_factory=_Window)
    day: _Window = field(default_factory=_Window)
    running: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What is left, as the three headers tell it."""

    minute: int
    day: int
    app_minute: int


class Limits:
    """Counts calls in fixed windows; a tenant's windows open at a moment of its own."""

    def __init__(self, allowances: Allowances) -> None:
        self.allowances = allowances
        self._lock = threading.Lock()
        self._tenants: dict[str, _TenantUse] = {}
        self._app_minute = _Window()

    def enter(self, tenant_id: str, now: datetime, switches: Switches) -> Refusal | None:
        """Admit a call, counting it, or say which limit refuses it."""
        with self._lock:
            use = self._rolled(tenant_id, now)
            refusal = self._refusal(tenant_id, use, now, switches)
            if refusal is None:
                use.running += 1
            if refusal is None or switches.refused_calls_count:
                self._count(use)
            return refusal

    def leave(self, tenant_id: str) -> None:
        """Note that an admitted call ended."""
        with self._lock:
            self._tenants[tenant_id].running -= 1

    def remaining(self, tenant_id: str, now: datetime) -> Remaining:
        """Return what is left for a tenant."""
        with self._lock:
            use = self._rolled(tenant_id, now)
            return Remaining(
                minute=max(self.allowances.minute - use.minute.used, 0),
                day=max(self.allowances.day - use.day.used, 0),
                app_minute=max(self.allowances.app_minute - self._app_minute.used, 0),
            )

    def reset(self) -> None:
        """Forget all use, calls under way excepted."""
        with self._lock:
            for use in self._tenants.values():
                use.minute, use.day = _Window(), _Window()
            self._app_minute = _Window()

    def _rolled(self, tenant_id: str, now: datetime) -> _TenantUse:
        use = self._tenants.setdefault(tenant_id, _TenantUse())
        _roll(use.minute, window_number(tenant_id, now, MINUTE))
        _roll(use.day, window_number(tenant_id, now, _DAY))
        _roll(self._app_minute, window_number(_APP, now, MINUTE))
        return use

    def _refusal(
        self, tenant_id: str, use: _TenantUse, now: datetime, switches: Switches
    ) -> Refusal | None:
        allowed = self.allowances
        if self._app_minute.used >= allowed.app_minute:
            told = switches.retry_after_on_app_minute
            seconds = _seconds_left(_APP, now, MINUTE) if told else None
            return Refusal(limit=Limit.APP_MINUTE, retry_after=seconds)
        if use.day.used >= allowed.day:
            return Refusal(limit=Limit.DAY, retry_after=_seconds_left(tenant_id, now, _DAY))
        if use.minute.used >= allowed.minute:
            return Refusal(limit=Limit.MINUTE, retry_after=_seconds_left(tenant_id, now, MINUTE))
        if use.running >= allowed.concurrent:
            seconds = 1 if switches.retry_after_on_concurrent else None
            return Refusal(limit=Limit.CONCURRENT, retry_after=seconds)
        return None

    def _count(self, use: _TenantUse) -> None:
        use.minute.used += 1
        use.day.used += 1
        self._app_minute.used += 1


def _roll(window: _Window, number: int) -> None:
    if window.opened != number:
        window.opened, window.used = number, 0


def _phase(name: str, length: timedelta) -> timedelta:
    """Return when, inside a window length, the windows of `name` open."""
    dice = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return timedelta(seconds=dice % int(length.total_seconds()))


def window_number(name: str, now: datetime, length: timedelta) -> int:
    """Return which of its fixed windows of `length` the tenant `name` is in."""
    return (now - _EPOCH + _phase(name, length)) // length


def _seconds_left(name: str, now: datetime, length: timedelta) -> int:
    inside = (now - _EPOCH + _phase(name, length)) % length
    return max(-(-(length - inside) // timedelta(seconds=1)), 1)
