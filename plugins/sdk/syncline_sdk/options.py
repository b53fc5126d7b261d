"""Declared inputs of a module: options of one trigger, and settings a workspace keeps.

The server checks values against these declarations before a module sees them, shows them in
``ListModules`` and refuses what is not declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Value = str | bool | int | datetime | tuple[str, ...] | None
"""What an option or setting can hold once it is checked."""


class OptionKind(StrEnum):
    """The type of an option's value, with its JSON form."""

    TEXT = "TEXT"  # a string
    BOOLEAN = "BOOLEAN"  # true or false
    INTEGER = "INTEGER"  # a whole number
    CHOICE = "CHOICE"  # one of the declared choices, as a string
    TIMESTAMP = "TIMESTAMP"  # an RFC 3339 string; arrives as an aware datetime
    TEXT_LIST = "TEXT_LIST"  # a list of strings; arrives as a tuple


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value a trigger of this module may carry."""

    name: str
    """Lower snake case, unique in the module."""
    title: str
    """What a person reads beside the field."""
    kind: OptionKind
    default: Value = None
    """What the module sees when nothing is given."""
    choices: tuple[str, ...] = ()
    """For CHOICE: every allowed value, first the usual one."""
    max_length: int = 200
    """For TEXT: characters; for TEXT_LIST: elements."""
    choice_titles: tuple[str, ...] = ()
    """For CHOICE: what a person reads for each of ``choices``, in their order; empty shows the
    values themselves."""
    description: str = ""
    """What it decides, in a sentence or two; shown beneath the field."""


@dataclass(frozen=True, kw_only=True)
class Setting(Option):
    """One value a workspace keeps for a module, changed by ``UpdateSettings``.

    Two modules may declare the same setting, if they declare it alike.
    """

    full_read_on_change: bool = False
    """Whether changing it makes the declaring module's next run read everything again."""
