"""Keeping calls away from a workspace that is being erased."""

from collections.abc import Callable
from typing import Final

_STILL_ANSWERED: Final = frozenset(
    f"/syncline.v1.WorkspaceService/{name}" for name in ("EraseWorkspace", "GetErasure")
)

LetPass = Callable[[str, str], None]
"""Takes a method's path and the workspace a call is about, empty for none; raises the refusal."""


def anywhere(_method: str, _workspace: str) -> None:
    """Let every call pass."""


def unless_erasing(refuse: Callable[[str], None]) -> LetPass:
    """Return what lets a call pass unless its workspace is being erased.

    :param refuse: raises when a workspace is.
    """

    def let_pass(method: str, workspace: str) -> None:
        if workspace and method not in _STILL_ANSWERED:
            refuse(workspace)

    return let_pass
