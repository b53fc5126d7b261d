"""Addresses from outside: where a person may be sent on to, and what can be a workspace."""

import re
from typing import Final
from urllib.parse import urlsplit

START: Final = "/"
_LONGEST: Final = 1000
_OURS: Final = re.compile(r"/(?!/)[!-\[\]-~]*")
"""A path of this host: one slash first, no backslash (browsers take it for a slash), no blanks."""
_NOT_BACK_TO: Final = ("/sign-in", "/sign-out", "/signed-out", "/oauth/", "/webhooks/")
_WORKSPACE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def own_path(asked: str) -> str:
    """Return where to go after signing in: a page of ours, or the start for anything else."""
    if len(asked) > _LONGEST or not _OURS.fullmatch(asked) or asked.startswith(_NOT_BACK_TO):
        return START
    parts = urlsplit(asked)
    return START if parts.scheme or parts.netloc else asked


def is_workspace(text: str) -> bool:
    """Return whether a text can be a workspace's id, as the API has them."""
    return _WORKSPACE.fullmatch(text) is not None
