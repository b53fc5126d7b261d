"""The form of a connection's settings: its fields, what somebody typed, and what others did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from syncline.v1.integration_pb2 import Node, OptionSpec, Settings
from syncline_console import intervals, options
from syncline_console.templates import listed

Sent = Callable[[str], str]
"""Returns a field of what was posted; empty when it was not."""


class Field(Protocol):
    """One value that is set."""

    @property
    def name(self) -> str:
        """Its path in ``Settings``, as violations name it behind ``settings.``."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def stored(self) -> str:
        """What is stored now, as text."""

    def typed(self, sent: Sent) -> str:
        """Return what was posted, as text."""

    def settled(self, text: str) -> str:
        """Return a text as it would be stored; raises ValueError for what cannot be."""

    def put(self, settings: Settings, text: str) -> None:
        """Have settings say it."""

    def words(self, text: str) -> str:
        """Return a text in words."""


@dataclass(frozen=True, kw_only=True)
class OptionField:
    """A declared setting of one or more modules."""

    spec: OptionSpec
    stored: str
    users: tuple[Node, ...]
    """The modules that read it."""

    @property
    def name(self) -> str:
        """Its path in ``Settings``."""
        return f"options.{self.spec.id}"

    @property
    def title(self) -> str:
        """What people call it."""
        return self.spec.title

    @property
    def help(self) -> tuple[str, ...]:
        """What it decides and what it takes, in sentences."""
        said = (self.spec.description, options.limits(self.spec), self._shared())
        return tuple(each for each in said if each)

    def _shared(self) -> str:
        titles = [each.title for each in self.users]
        return f"{listed(titles)} use it." if len(titles) > 1 else ""

    def typed(self, sent: Sent) -> str:
        """Return what was posted."""
        return options.tidy(sent(self.name))

    def settled(self, text: str) -> str:
        """Return a text as it would be stored."""
        value = options.read(self.spec, text)
        is_said = value.WhichOneof("kind") != "null_value"
        return options.text_of(self.spec, value if is_said else self.spec.default_value)

    def put(self, settings: Settings, text: str) -> None:
        """Have settings say it."""
        settings.options.fields[self.spec.id].CopyFrom(options.read(self.spec, text))

    def words(self, text: str) -> str:
        """Return a text in words."""
        return options.words(self.spec, text)


@dataclass(frozen=True, kw_only=True)
class IntervalField:
    """How often a module runs by itself."""

    node: Node
    stored: str

    @property
    def name(self) -> str:
        """Its path in ``Settings``."""
        return f"automatic_intervals.{self.node.id}"

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.node.title} by itself"

    def typed(self, sent: Sent) -> str:
        """Return what was posted: one of the usual ones, or a number with its unit."""
        chosen = sent(self.name)
        if chosen != intervals.OWN:
            return chosen
        return f"{sent(f'{self.name}.number')} {sent(f'{self.name}.unit')}"

    def settled(self, text: str) -> str:
        """Return a text as it would be stored."""
        return intervals.text_of(intervals.read(text))

    def put(self, settings: Settings, text: str) -> None:
        """Have settings say it; the API turns it off by 0."""
        settings.automatic_intervals[self.node.id].CopyFrom(intervals.read(text))

    def words(self, text: str) -> str:
        """Return a text in words."""
        return intervals.words(text)


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one module lets people set."""

    node: Node
    options: tuple[OptionField, ...]
    """Those that no section before has."""
    interval: IntervalField

    @property
    def fields(self) -> tuple[Field, ...]:
        """All of it."""
        return (*self.options, self.interval)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A field as a page shows it."""

    field: Field
    text: str
    """What it holds."""
    wrong: str = ""
    """Why it could not be taken."""
    theirs: str = ""
    """What somebody else has made of it meanwhile, in words."""


Rows = Mapping[str, Row]
"""By the field's name."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody posted; only fields that their page had."""

    typed: Mapping[str, str] = field(default_factory=dict)
    was: Mapping[str, str] = field(default_factory=dict)
    """What was stored when they got the page."""


def sections(modules: Sequence[Node], settings: Settings) -> tuple[Section, ...]:
    """Return the form for these settings, in the order of the chain."""
    nodes = [each for each in modules if each.kind == Node.KIND_MODULE]
    seen: set[str] = set()
    found = []
    for node in nodes:
        own = [spec for spec in node.settings if spec.id not in seen]
        seen.update(spec.id for spec in own)
        found.append(
            Section(
                node=node,
                options=tuple(_option(spec, nodes, settings) for spec in own),
                interval=_interval(node, settings),
            )
        )
    return tuple(found)


def draft(fields: Sequence[Field], sent: Sent, posted: Callable[[str], bool]) -> Draft:
    """Return what somebody posted.

    :param posted: whether a field of that name is among it; an empty box sends nothing.
    """
    shown = [each for each in fields if posted(f"was.{each.name}")]
    return Draft(
        typed={each.name: each.typed(sent) for each in shown},
        was={each.name: options.tidy(sent(f"was.{each.name}")) for each in shown},
    )


def stored_rows(fields: Sequence[Field]) -> Rows:
    """Return every field as it is stored."""
    return {each.name: Row(field=each, text=each.stored) for each in fields}


def typed_rows(fields: Sequence[Field], draft: Draft, wrong: Mapping[str, str]) -> Rows:
    """Return every field as it was typed, with what is wrong with it."""
    return {
        each.name: Row(
            field=each,
            text=draft.typed.get(each.name, each.stored),
            wrong=wrong.get(each.name, ""),
        )
        for each in fields
    }


def merged_rows(fields: Sequence[Field], draft: Draft) -> Rows:
    """Return every field as it was typed; as it is stored where nothing was.

    What somebody else changed meanwhile says so.
    """
    rows = {}
    for each in fields:
        was = draft.was.get(each.name, each.stored)
        typed = draft.typed.get(each.name, each.stored)
        row = Row(field=each, text=each.stored if typed == was else typed)
        late = is_overtaken(each, draft)
        rows[each.name] = replace(row, theirs=each.words(each.stored)) if late else row
    return rows


def is_overtaken(field: Field, draft: Draft) -> bool:
    """Return whether a field is stored neither as the page said nor as it was typed.

    Where it is stored as typed, the form was sent twice, or somebody else had the same in mind.
    """
    if draft.was.get(field.name, field.stored) == field.stored:
        return False
    typed = draft.typed[field.name]
    try:
        return field.settled(typed) != field.stored
    except ValueError:
        return typed != field.stored


def changed(fields: Sequence[Field], draft: Draft) -> tuple[dict[str, str], dict[str, str]]:
    """Return by name what was typed that would change what is stored, and why what cannot be.

    A field that nobody touched is left alone, whatever it holds.
    """
    new, wrong = {}, {}
    for each in fields:
        typed = draft.typed.get(each.name, each.stored)
        if typed == each.stored:
            continue
        try:
            settled = each.settled(typed)
        except ValueError as error:
            wrong[each.name] = str(error)
            continue
        if settled != each.stored:
            new[each.name] = typed
    return new, wrong


def _option(spec: OptionSpec, nodes: Sequence[Node], settings: Settings) -> OptionField:
    users = tuple(node for node in nodes if any(each.id == spec.id for each in node.settings))
    stored = options.text_of(spec, settings.options.fields[spec.id])
    return OptionField(spec=spec, stored=stored, users=users)


def _interval(node: Node, settings: Settings) -> IntervalField:
    return IntervalField(node=node, stored=intervals.text_of(settings.automatic_intervals[node.id]))
