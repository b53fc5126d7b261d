"""The audit trail: what an entry says, and how entries are chained so that tampering shows.

Entries of a workspace are one chain, and what belongs to no workspace is another. Each is numbered
from 1 and carries SHA-256 over the hash before it and its own text, so that nobody can alter,
remove, insert or move one without every later hash giving it away. See decision 32.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from syncline_server.core.access import Credentials

NO_WORKSPACE: Final = ""
"""The chain of what belongs to no workspace: tokens, keys, commands, callers at other doors."""
GENESIS: Final = "0" * 64
"""The hash before a chain's first entry."""
MOST_NAMES: Final = 10
MOST_EDITS: Final = 100
LONGEST_TEXT: Final = 200
"""Characters of any text that an entry keeps."""
REMOVED: Final = "RemoveAuditEntries"
"""The method of the entry that says which entries before it were removed."""
_REMOVED_THROUGH: Final = "removed_through"


class Stage(StrEnum):
    """Where in an act an entry was written."""

    DONE = "DONE"  # the act as a whole: its changes and this entry were one transaction
    BEGUN = "BEGUN"  # the act's first change is stored, others may follow; ENDED tells the rest
    ENDED = "ENDED"  # how an act with an earlier entry ended


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, and from where."""

    subject: str
    """Stable and unique: of the credentials, or of the operating system's user."""
    title: str
    """What people call them."""
    credentials: Credentials
    person_id: str = ""
    """On whose behalf a service acts, as it says; empty for nobody's."""
    person_title: str = ""
    peer: str = ""
    """The address they connected from, without the port; empty on this machine."""


SYSTEM: Final = Actor(subject="system", title="Syncline", credentials=Credentials.SYSTEM)
"""Whoever does what nobody asked for."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What is known of an act when it begins."""

    actor: Actor
    method: str
    """The RPC, the command or what the system does."""
    workspace: str = NO_WORKSPACE
    names: tuple[str, ...] = ()
    """The resources it is about."""
    request_id: str = ""


Edit = tuple[str, str, str]
"""A field, what it held before and what it holds now."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An entry before it has its place in the chain."""

    act: Act
    time: int
    """Microseconds since 1970 in UTC."""
    stage: Stage = Stage.DONE
    code: str = "OK"
    """The gRPC code the act ended with; empty while that is not known."""
    reason: str = ""
    begun: int = 0
    """Number of the act's earlier entry; 0 when there is none."""
    edits: tuple[Edit, ...] = ()
    omitted: int = 0
    """How many refusals like this one were left out before it, because there were too many."""

    def at(self, number: int) -> "Entry":
        """Return the entry with its place; texts and lists that are too long are cut."""
        act, names = self.act, self.act.names
        return Entry(
            chain=act.workspace,
            number=number,
            time=self.time,
            stage=self.stage,
            code=self.code,
            method=act.method,
            actor=act.actor,
            reason=self.reason,
            begun=self.begun,
            request_id=act.request_id,
            names=tuple(name[:LONGEST_TEXT] for name in names[:MOST_NAMES]),
            more_names=max(len(names) - MOST_NAMES, 0),
            edits=tuple(_cut(edit) for edit in self.edits[:MOST_EDITS]),
            omitted=self.omitted,
        )


class Entry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One entry. Its text is JSON with the fields in this order, without those at their default."""

    chain: str
    """The workspace's id; empty for the chain of what belongs to none."""
    number: int
    time: int
    """When it was written by the server's clock, in microseconds since 1970 in UTC."""
    stage: Stage
    code: str
    method: str
    actor: Actor
    reason: str = ""
    begun: int = 0
    request_id: str = ""
    names: tuple[str, ...] = ()
    more_names: int = 0
    """How many names were left out."""
    edits: tuple[Edit, ...] = ()
    omitted: int = 0

    def text(self) -> str:
        """Return what is hashed and stored."""
        return msgspec.json.encode(self).decode()


@dataclass(frozen=True)
class Head:
    """How far a chain reaches: its last entry's number and hash."""

    number: int = 0
    hash: str = GENESIS


def read(text: str) -> Entry | None:
    """Return an entry from its text; None when it is not the text of one."""
    try:
        return msgspec.json.decode(text, type=Entry)
    except (msgspec.DecodeError, UnicodeError):
        return None


def linked(before: str, text: str) -> str:
    """Return the hash of an entry.

    :param before: hash of the entry before it, in hexadecimal digits.
    """
    return hashlib.sha256(bytes.fromhex(before) + text.encode()).hexdigest()


def removal(act: Act, time: int, through: Head, reason: str) -> Draft:
    """Return the entry that says up to where a chain's entries were removed, and why."""
    edit = (_REMOVED_THROUGH, str(through.number), through.hash)
    return Draft(act=act, time=time, edits=(edit, ("reason", "", reason)))


def _cut(edit: Edit) -> Edit:
    name, old, new = (text[:LONGEST_TEXT] for text in edit)
    return name, old, new


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first thing that is wrong with a chain."""

    chain: str
    number: int
    """Of the entry that is wrong or missing."""
    text: str

    def __str__(self) -> str:
        return f"{self.chain or '-'}: entry {self.number} {self.text}"


@dataclass
class Walk:
    """Follows one chain from its beginning, or from behind what was removed, to its end."""

    chain: str
    checkpoint: Head = field(default_factory=Head)
    """The last entry that was removed; number 0 when none was."""
    anchors: Mapping[int, str] = field(default_factory=dict)
    """Hashes known from elsewhere, by number."""
    head: Head = field(init=False)
    """The last entry that was found right."""
    _told: set[Head] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.head = self.checkpoint

    def take(self, number: int, text: str, hash_: str) -> Fault | None:
        """Look at the next entry as it is stored, and return what is wrong with it."""
        expected = self.head.number + 1
        if number > expected:
            return self._fault(expected, "is missing")
        if number < expected:
            return self._fault(number, "is there twice, or out of order")
        entry = read(text)
        if entry is None or (entry.chain, entry.number) != (self.chain, number):
            return self._fault(number, "was altered or stands in another's place")
        if linked(self.head.hash, text) != hash_:
            return self._fault(number, "was altered, or the one before it was replaced")
        if self.anchors.get(number, hash_) != hash_:
            return self._fault(number, "is not the one the anchor knows: history was rewritten")
        self._note_removals(entry)
        self.head = Head(number, hash_)
        return None

    def end(self, stored: Head) -> Fault | None:
        """Return what is wrong when no further entry follows.

        :param stored: the chain's head as it is stored beside the entries.
        """
        if self.head != stored:
            return self._fault(self.head.number + 1, "is missing: the end was cut off")
        ahead = [number for number in self.anchors if number > self.head.number]
        if ahead:
            return self._fault(self.head.number + 1, "is missing: the anchor knows a longer chain")
        known = self.anchors.get(self.checkpoint.number, self.checkpoint.hash)
        if known != self.checkpoint.hash:
            text = "was removed, and is not the one the anchor knows: history was rewritten"
            return self._fault(self.checkpoint.number, text)
        if self.checkpoint.number and self.checkpoint not in self._told:
            return self._fault(self.checkpoint.number, "was removed, and no entry says so")
        return None

    def _note_removals(self, entry: Entry) -> None:
        if entry.method == REMOVED:
            self._told.update(
                Head(int(old), new)
                for name, old, new in entry.edits
                if name == _REMOVED_THROUGH and old.isdecimal()
            )

    def _fault(self, number: int, text: str) -> Fault:
        return Fault(chain=self.chain, number=number, text=text)
