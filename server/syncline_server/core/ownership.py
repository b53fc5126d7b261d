"""Whose a field is: the provider's while its sync is on and the record is mapped, else ours."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from syncline_sdk import ModuleSpec, OwnedField, RecordKind, Setting, Value
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.core.record_fields import OWNABLE

_NOUNS: Final = {
    RecordKind.CONTACT: ("customer", "a contact"),
    RecordKind.ITEM: ("product", "an item"),
}
"""What our records of a kind are called, and the provider's."""


@dataclass(frozen=True, kw_only=True)
class Master:
    """The provider that owns records of one kind in one workspace now."""

    connection: Connection
    kind: RecordKind
    provider_title: str
    organisation_id: str
    module: str
    module_title: str
    fields: frozenset[str]
    """Names of our fields it owns on a mapped record."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What was chosen, as a clause, for each of them that another choice would leave to us."""

    @property
    def scope(self) -> Scope:
        """The module that owns them."""
        return Scope(self.connection, self.module)


FindMaster = Callable[[str, RecordKind], Master | None]
"""Finds the master of a workspace's records of one kind: the connected provider whose pull module
for that kind is on; None while it is off or nothing is connected."""


def owned_fields(master: Master | None, mapped_in: Collection[Organisation]) -> tuple[str, ...]:
    """Return the fields of a record that can't be changed here, as they are called on the wire.

    :param mapped_in: the organisations in which the record is mapped.
    """
    if master is None:
        return ()
    connection = master.connection
    owner = Organisation(connection.workspace, connection.provider, master.organisation_id)
    return tuple(sorted(map(wire_name, master.fields))) if owner in mapped_in else ()


def reason(master: Master, owned: str) -> str:
    """Return why the master owns a field of a mapped record, for a person.

    :param owned: one of :func:`owned_fields`.
    """
    ours, theirs = _NOUNS[master.kind]
    choice = f", {master.choices[owned]}" if owned in master.choices else ""
    return (
        f"{master.module_title} is on{choice}, and this {ours} is mapped to {theirs}"
        f" of {master.provider_title}."
    )


def owned_under(module: ModuleSpec, values: Mapping[str, Value]) -> frozenset[str]:
    """Return the fields of a mapped record that a module makes the provider's, as it names them.

    :param values: the settings, everything filled in.
    """
    return frozenset(each.name for each in module.owned if _is_taken(each, values))


def choices_behind(module: ModuleSpec, values: Mapping[str, Value]) -> dict[str, str]:
    """Return which choice makes a field the provider's, for those that depend on one.

    :param values: the settings, everything filled in.
    """
    settings = {each.name: each for each in module.settings}
    return {
        wire_name(each.name): _clause(settings[each.setting], values[each.setting])
        for each in module.owned
        if each.setting and _is_taken(each, values)
    }


def refuse_owned(master: Master | None, owned: Collection[str], changed: Collection[str]) -> None:
    """Refuse a change of fields that are the provider's.

    :param owned: what :func:`owned_fields` says of the record.
    :param changed: the fields that would get another value.
    :raises FailedPrecondition: one blocker for each of them that is owned.
    """
    taken = [field for field in owned if field in changed]
    if master is None or not taken:
        return
    titles = {wire_name(name): title for name, title in OWNABLE[master.kind].items()}
    blockers = [
        Blocker(
            reason=Reason.FIELD_OWNED,
            subject=field,
            title=titles[field],
            description=f"{master.provider_title} owns this field: change it there and sync, "
            f"or turn {master.module_title} off.",
        )
        for field in taken
    ]
    raise FailedPrecondition(
        f"{master.provider_title} owns {', '.join(taken)}; nothing was changed.",
        blockers,
        {"owner": str(master.connection)},
    )


def refuse_creation(master: Master, noun: str) -> NoReturn:
    """Refuse to create a record here while only its provider makes them.

    :param noun: what it is, in the plural.
    :raises FailedPrecondition: always.
    """
    blocker = Blocker(
        reason=Reason.RECORD_CREATED_IN_PROVIDER,
        subject=master.module,
        title=master.module_title,
        description=f"Create it in {master.provider_title} and sync, "
        f"or turn {master.module_title} off.",
    )
    message = f"While {master.module_title} is on, {noun} are created in {master.provider_title}."
    raise FailedPrecondition(message, [blocker], {"owner": str(master.connection)})


def refuse_imported(master: Master, nouns: str) -> NoReturn:
    """Refuse to create a record by an import while its provider is who makes them.

    :param nouns: what they are, in the plural.
    :raises FailedPrecondition: always.
    """
    blocker = Blocker(
        reason=Reason.RECORD_CREATED_IN_PROVIDER,
        subject=master.module,
        title=master.module_title,
        description=f"Add it on its own, which creates it in {master.provider_title} too, "
        f"or import while {master.module_title} is off.",
    )
    message = f"While {master.module_title} is on, an import creates no {nouns}."
    raise FailedPrecondition(message, [blocker], {"owner": str(master.connection)})


def wire_name(owned: str) -> str:
    """Return what a field of a module's is called on the wire, where `name` is the address."""
    return "display_name" if owned == "name" else owned


def _is_taken(field: OwnedField, values: Mapping[str, Value]) -> bool:
    return not field.setting or values[field.setting] != field.unless


def _clause(setting: Setting, value: Value) -> str:
    titles: dict[Value, str] = {True: "on", False: "off"}
    titles.update(zip(setting.choices, setting.choice_titles, strict=False))  # titles may be none
    return f"{setting.title} is {titles.get(value, value)}"
