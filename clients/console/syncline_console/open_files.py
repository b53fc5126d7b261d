"""How many files and connections this process may have open, and what that leaves for pages."""

import contextlib
import resource
from typing import Final

_MOST_PAGES: Final = 2000
_RESERVE: Final = 200
"""For pages that load, webhooks, and what the process has open anyway."""


def raise_limit() -> None:
    """Take as many as the system gives: what it gives unasked is often 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # some systems promise more than they give
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def most_pages() -> int:
    """Return how many pages may follow at once, each of which holds a connection."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return _MOST_PAGES
    return min(limit - min(_RESERVE, limit // 2), _MOST_PAGES)
