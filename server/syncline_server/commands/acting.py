"""Commands as acts of the audit trail: whoever has a shell here is named by the system's user."""

import os
import platform
import pwd
from contextlib import AbstractContextManager

from syncline_server.app import now
from syncline_server.core.access import Credentials
from syncline_server.core.audit import NO_WORKSPACE, Act, Actor
from syncline_server.services.audit import Trail, acting_as
from syncline_server.storage.database import Database


def operator() -> Actor:
    """Return who types: the operating system's user, and the machine."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user may have no name
        name = str(number)
    return Actor(
        subject=f"uid:{number}",
        title=f"{name}@{platform.node()}",
        credentials=Credentials.COMMAND,
    )


def acting(
    database: Database, method: str, *names: str, workspace: str = NO_WORKSPACE
) -> AbstractContextManager[None]:
    """Have a block be one command's act; what it changes and refuses is in the trail.

    :param method: the command as it is typed, for example ``tokens create``.
    :param names: what it is about, as far as that is known before.
    :param workspace: whose trail tells of it; by default the operators' own.
    """
    act = Act(actor=operator(), method=method, workspace=workspace, names=names)
    return acting_as(Trail(database, now), act)
