"""Whose a field is: the provider's while its sync is on and the record is mapped, else ours."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NoReturn

from syncline_sdk import RecordKind
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation


@dataclass(frozen=True, kw_only=True)
class Master:
    """The provider that owns records of one kind in one workspace now."""

    connection: Connection
    provider_title: str
    organisation_id: str
    module: str
    module_title: str
    fields: frozenset[str]
    """Names of our fields it owns on a mapped record."""


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
    return tuple(sorted(map(_wire_name, master.fields))) if owner in mapped_in else ()


def refuse_owned(master: Master | None, owned: Collection[str], changed: Collection[str]) -> None:
    """Refuse a change of fields that are the provider's.

    :param owned: what :func:`owned_fields` says of the record.
    :param changed: the fields that would get another value.
    :raises FailedPrecondition: one blocker for each of them that is owned.
    """
    taken = [field for field in owned if field in changed]
    if master is None or not taken:
        return
    blockers = [
        Blocker(
            reason=Reason.FIELD_OWNED,
            subject=field,
            title=field.replace("_", " "),
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
        description=f"Create it by a call of its own, which creates it in {master.provider_title}, "
        f"too; or import while {master.module_title} is off.",
    )
    message = f"While {master.module_title} is on, an import creates no {nouns}."
    raise FailedPrecondition(message, [blocker], {"owner": str(master.connection)})


def _wire_name(field: str) -> str:
    # On the wire a resource's `name` is its address.
    return "display_name" if field == "name" else field
