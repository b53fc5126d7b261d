"""Calls as acts of the audit trail: who, what, where, from where, and how it ended."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from google.protobuf.message import Message

from syncline_server.core.access import Identity, Limit, Role
from syncline_server.core.audit import NO_WORKSPACE, Act, Actor
from syncline_server.core.errors import InvalidArgument, Violation
from syncline_server.core.names import parse_workspace
from syncline_server.rpc.identity import Arrival, caller
from syncline_server.rpc.permissions import Rule, named, workspaces
from syncline_server.services.audit import Trail

PERSON_KEY: Final = "x-syncline-person"
"""Metadata: the stable id of the person on whose behalf a service calls, in printable ASCII."""
PERSON_TITLE_KEY: Final = "x-syncline-person-title-bin"
"""Metadata: what people call that person, in UTF-8."""
PERSON_ROLE_KEY: Final = "x-syncline-person-role"
"""Metadata: what that person may do at most: ``viewer``, ``operator`` or ``admin``."""
PERSON_WORKSPACE_KEY: Final = "x-syncline-person-workspace"
"""Metadata: id of the only workspace in which the person has that role."""
_PERSON_KEYS: Final = (PERSON_KEY, PERSON_TITLE_KEY, PERSON_ROLE_KEY, PERSON_WORKSPACE_KEY)
_ROLES: Final = {role.value.lower(): role for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN)}
LONGEST_PERSON: Final = 100
"""Characters of either."""
_ID: Final = re.compile(r"[!-~]{1,100}")
_NAME: Final = re.compile(r"workspaces/[A-Za-z0-9._~/-]+")
_PEER: Final = re.compile(r"ipv[46]:(?P<host>.+):\d+")

Ending = Callable[[str, str], None]
"""Ends an act with the call's code and reason."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """On whose behalf a service calls."""

    id: str
    title: str
    limit: Limit | None = None
    """What they may do; None where the service does not say."""


@dataclass(kw_only=True, slots=True)  # one is made for each call: freezing takes thrice the time
class Call:
    """One call whose caller is known."""

    method: str
    """Its path, ``/package.Service/Method``."""
    rule: Rule
    arrival: Arrival
    caller: Identity
    request: Message
    request_id: str


Acts = Callable[[Call], Ending]
"""Begins an act for a call, before it is known to be permitted; returns what ends it."""

_person: ContextVar[Person | None] = ContextVar("person", default=None)


def unwatched(call: Call) -> Ending:
    """Keep no trail; a person is taken and refused all the same."""
    _person.set(_person_of(call))
    return nothing


def nothing(_code: str, _reason: str) -> None:
    """End what never began."""


def watched_by(trail: Trail) -> Acts:
    """Return what begins an act for every call that changes something.

    It refuses a person from whoever is not a service in every workspace that the call names, with
    ``InvalidArgument``, in the act.
    """

    def begin(call: Call) -> Ending:
        person, refusal = None, None
        try:
            person = _person_of(call)
        except InvalidArgument as error:
            refusal = error
        _person.set(person)
        end = _begun(trail, call, person) if _changes(call) else nothing
        if refusal is not None:
            end("INVALID_ARGUMENT", refusal.reason)
            raise refusal
        return end

    return begin


def limit() -> Limit | None:
    """Return what the person may do for whom the current call is made; None where nobody says."""
    person = _person.get()
    return person.limit if person else None


def asker() -> str:
    """Return what people call whoever makes the current call, and on whose behalf.

    :raises LookupError: outside of a call.
    """
    person, title = _person.get(), caller().title
    return f"{person.title} ({title})" if person else title


def address_of(peer: str) -> str:
    """Return the address of gRPC's name for a peer, without the port."""
    match = _PEER.fullmatch(peer)
    return unquote(match["host"]).strip("[]") if match else peer.partition(":")[0]


def _begun(trail: Trail, call: Call, person: Person | None) -> Ending:
    acting = trail.begin(_act(call, person))

    def end(code: str, reason: str) -> None:
        trail.end(acting, code, reason)

    return end


def _changes(call: Call) -> bool:
    return call.rule.changes and not getattr(call.request, "validate_only", False)


def _act(call: Call, person: Person | None) -> Act:
    who = call.caller
    names = dict.fromkeys(each for each in named(call.rule, call.request) if _NAME.fullmatch(each))
    return Act(
        actor=Actor(
            subject=who.subject,
            title=who.title,
            credentials=who.credentials,
            person_id=person.id if person else "",
            person_title=person.title if person else "",
            peer=address_of(call.arrival.peer),
        ),
        method=call.method.rpartition("/")[2],
        workspace=_workspace(call),
        names=tuple(names),
        request_id=call.request_id,
    )


def _workspace(call: Call) -> str:
    """Return the workspace whose trail tells of a call.

    A stranger's attempt is no workspace's: its admins must not learn who else has credentials
    here, and a stranger must not write into their trail.
    """
    found = list(dict.fromkeys(workspaces(call.rule, call.request)))
    is_stranger = any(call.caller.role_in(each) is None for each in found)
    return NO_WORKSPACE if is_stranger or not found else found[0]


def _is_service(call: Call) -> bool:
    """Return whether its caller is a service wherever the call is; anywhere where it names none."""
    found = [call.caller.role_in(each) for each in workspaces(call.rule, call.request)]
    return all(role is Role.SERVICE for role in found) if found else call.caller.is_service


def _person_of(call: Call) -> Person | None:
    """Return the person a call names; None without one.

    :raises InvalidArgument: who calls is no service, or the person cannot be read.
    """
    said = [each for each in call.arrival.metadata if each[0] in _PERSON_KEYS]
    if not said:
        return None
    ids = [value for key, value in said if key == PERSON_KEY]
    titles = [value for key, value in said if key == PERSON_TITLE_KEY]
    if not _is_service(call):
        where = "credentials whose role in the workspace is SERVICE"
        raise _wrong(PERSON_KEY, f"is taken from {where} only; leave it out")
    if len(ids) != 1 or not _ID.fullmatch(str(ids[0])):
        shape = f"one id of 1 to {LONGEST_PERSON} printable ASCII characters, no blanks"
        raise _wrong(PERSON_KEY, f"must be {shape}")
    title = _title(titles[0]) if titles else str(ids[0])
    if len(titles) > 1 or title is None:
        shape = f"one text of 1 to {LONGEST_PERSON} printable characters in UTF-8"
        raise _wrong(PERSON_TITLE_KEY, f"must be {shape}")
    return Person(id=str(ids[0]), title=title, limit=_limit(said))


def _limit(said: list[tuple[str, str | bytes]]) -> Limit | None:
    """Return what a person may do, as the service says it.

    :raises InvalidArgument: it cannot be read; it never counts as if it had not been said.
    """
    roles = [str(value) for key, value in said if key == PERSON_ROLE_KEY]
    workspaces = [str(value) for key, value in said if key == PERSON_WORKSPACE_KEY]
    if not roles and not workspaces:
        return None
    if len(roles) != 1 or roles[0] not in _ROLES:
        raise _wrong(PERSON_ROLE_KEY, f"must be one of {', '.join(_ROLES)}")
    if len(workspaces) > 1 or any(
        parse_workspace(f"workspaces/{each}") is None for each in workspaces
    ):
        raise _wrong(PERSON_WORKSPACE_KEY, "must be one workspace's id")
    return Limit(role=_ROLES[roles[0]], workspace="".join(workspaces))


def _title(value: str | bytes) -> str | None:
    try:
        text = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= LONGEST_PERSON and text.isprintable() else None


def _wrong(key: str, description: str) -> InvalidArgument:
    return InvalidArgument([Violation(field=key, description=description)])
