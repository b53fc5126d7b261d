"""Whose act the current thread is about, so that its first transaction carries its audit entry.

Whoever handles a call or a command enters an act; whatever is reached from there may say what it
names, which fields it changes and in which workspace. Outside of an act all of it says nothing.
"""

from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace

from syncline_server.core.audit import Act, Draft, Edit, Stage


@dataclass
class Acting:
    """An act that is under way."""

    act: Act
    entry: int = 0
    """Number of the entry that a transaction carried; 0 until one has."""
    stage: Stage | None = None
    """What that entry says; None until its transaction has committed."""
    goes_on: bool = False
    """Whether the change is not whole with its first transaction."""
    edits: dict[str, Edit] = field(default_factory=dict)
    kept: dict[str, Edit] = field(default_factory=dict)
    """Those that are stored, whatever becomes of the act."""
    token: Token["Acting | None"] | None = None

    def draft(self, time: int, stage: Stage, code: str, reason: str = "") -> Draft:
        """Return an entry about it."""
        return Draft(
            act=self.act,
            time=time,
            stage=stage,
            code=code,
            reason=reason,
            begun=self.entry if stage is Stage.ENDED else 0,
            edits=tuple(self.edits.values()),
        )

    def keep_edits(self) -> Callable[[], None]:
        """Return what notes that the edits until now are stored."""
        until_now = dict(self.edits)
        return lambda: self.kept.update(until_now)


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


def enter(act: Act) -> Acting:
    """Make this the current act, until :func:`leave`."""
    acting = Acting(act=act)
    acting.token = _current.set(acting)
    return acting


def leave(acting: Acting) -> None:
    """End an act where it was entered; harmless when repeated."""
    if acting.token is not None:
        _current.reset(acting.token)
        acting.token = None


def current() -> Acting | None:
    """Return the act that is under way; None when nobody asked for what happens."""
    return _current.get()


def mention(name: str) -> None:
    """Add a resource that the act is about and its request does not name."""
    acting = _current.get()
    if acting is not None and name not in acting.act.names:
        acting.act = replace(acting.act, names=(*acting.act.names, name))


def place(workspace: str) -> None:
    """Say in which workspace the act is, where its request does not."""
    acting = _current.get()
    if acting is not None:
        acting.act = replace(acting.act, workspace=workspace)


def edited(field_name: str, old: str, new: str) -> None:
    """Say that a field is changed, if it is; never of what is secret or a customer's own words."""
    acting = _current.get()
    if acting is not None and old != new:
        acting.edits[field_name] = (field_name, old, new)


def go_on() -> None:
    """Say that the change is not whole with the act's first transaction.

    Its entry then says BEGUN, and another one how it ended.
    """
    acting = _current.get()
    if acting is not None:
        acting.goes_on = True
