"""Tokens by which a stream of changes is resumed: opaque to callers, and good for one workspace."""

import base64
import json
from typing import Final

from syncline_server.rpc.fields import Fields

_FIELD: Final = "resume_token"
_LARGEST: Final = 2**63 - 1


def token(workspace: str, number: int) -> str:
    """Return the token that leads behind a workspace's change of this number."""
    return base64.urlsafe_b64encode(json.dumps([workspace, number]).encode()).decode()


def number_of(given: str, workspace: str, fields: Fields) -> int:
    """Return the number a token leads behind; notes one that is not this workspace's."""
    try:
        owner, number = json.loads(base64.urlsafe_b64decode(given))
    except (ValueError, TypeError, RecursionError):
        owner, number = None, None
    if owner != workspace or type(number) is not int or not 0 <= number <= _LARGEST:
        fields.wrong(_FIELD, f"is not a resume_token of workspaces/{workspace}; begin without one")
        return 0
    return number
