"""Refusals that say the same of every kind of record."""

from syncline_server.core import names
from syncline_server.core.errors import AlreadyExists, NotFound, Reason


def missing(workspace: str, collection: str, identifier: str) -> NotFound:
    """Return the refusal for a record that is not there."""
    return NotFound(names.record(workspace, collection, identifier))


def taken(workspace: str, collection: str, identifier: str, key: str) -> AlreadyExists:
    """Return the refusal for a record that would repeat another's key.

    :param identifier: of the record that has it.
    :param key: what people call the key.
    """
    name = names.record(workspace, collection, identifier)
    return AlreadyExists(Reason.ALREADY_EXISTS, f"{name} has this {key}.", name)
