"""What an ID token of the company's sign-in says of a person: who they are, and their roles.

The claim of roles has the forms that the server takes (docs/security.md, Callers), so that an
identity provider is set up once for both.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from syncline_console.accounts import LONGEST_TITLE
from syncline_console.addresses import is_workspace
from syncline_console.people import Person, Role

_SHOWABLE: Final = re.compile(r"[!-~]{1,100}")
_ROLES: Final = {**{role.value: role for role in Role}, "SERVICE": Role.ADMIN}
"""A service is an admin here: people have no more than that."""


class ClaimsRefused(Exception):  # noqa: N818 - an answer, not a malfunction
    """The claims make nobody; the message says why, for the log alone."""


def person_of(claims: Mapping[str, object], workspaces_claim: str) -> Person:
    """Return whom claims are about that have been verified.

    :raises ClaimsRefused: they are malformed.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not subject:
        raise ClaimsRefused("iss or sub is missing")
    return Person(
        id=_id(issuer, subject),
        title=_title(claims, subject),
        roles=_roles(claims.get(workspaces_claim)),
    )


def _id(issuer: str, subject: str) -> str:
    """Return what the audit trail names them by: as the server names their tokens, where it can."""
    found = f"{issuer}#{subject}"
    if _SHOWABLE.fullmatch(found):
        return found
    return f"sha256:{hashlib.sha256(found.encode()).hexdigest()}"


def _title(claims: Mapping[str, object], subject: str) -> str:
    """Return what to call them; nothing is decided by it, since a person may choose it."""
    for claim in ("name", "email", "preferred_username"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()[:LONGEST_TITLE]
    return subject[:LONGEST_TITLE] if subject.isprintable() else "Somebody"


def _roles(value: object) -> dict[str, Role]:
    """Return the roles by workspace; of several in one workspace the one that includes the rest."""
    roles: dict[str, Role] = {}
    for workspace, named in _pairs(value):
        role = _ROLES.get(str(named).upper())
        if role is None or not is_workspace(workspace):
            raise ClaimsRefused("a role or workspace in the claim is none")
        held = roles.get(workspace)
        if held is None or role.includes(held):
            roles[workspace] = role
    return roles


def _pairs(value: object) -> Iterable[tuple[str, object]]:
    if value is None:
        return []
    if isinstance(value, dict):
        return [(str(workspace), role) for workspace, role in value.items()]
    if isinstance(value, list):
        split = [each.partition(":") for each in value if isinstance(each, str)]
        if len(split) == len(value):
            return [(workspace, role) for workspace, _, role in split]
    raise ClaimsRefused("the claim of workspaces has none of its forms")
