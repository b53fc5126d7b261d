"""When a module runs by itself: an interval behind its last run that no webhook asked for."""

import zlib
from datetime import datetime, timedelta

from syncline_server.core.names import Scope

_JITTER_SHARE = 0.1


def is_due(
    scope: Scope,
    interval: timedelta,
    last_run: datetime | None,
    now: datetime,
    *,
    woken: bool = False,
) -> bool:
    """Return whether a module's time has come.

    Times that were missed collapse into one. Each scope waits a little longer by a share of its
    own, up to a tenth, so that workspaces that were set up together do not run together for ever.

    :param last_run: when its newest run was made that no webhook asked for; None without one.
    :param woken: whether what held its records up was settled since; then it does not wait.
    """
    return woken or last_run is None or now >= last_run + interval + _jitter(scope, interval)


def _jitter(scope: Scope, interval: timedelta) -> timedelta:
    share = zlib.crc32(str(scope).encode()) / 0xFFFFFFFF
    return interval * _JITTER_SHARE * share
