"""Refusals that say the same of every kind of record."""

from syncline_server.core import names
from syncline_server.core.errors import (
    AlreadyExists,
    Blocker,
    FailedPrecondition,
    NotFound,
    Reason,
)


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


def mapped_elsewhere(mapping: str, noun: str) -> FailedPrecondition:
    """Return the refusal for a record of ours that another of the provider's records has.

    :param mapping: resource name of that record's mapping.
    :param noun: what ours is.
    """
    blocker = Blocker(
        reason=Reason.RECORD_MAPPED_ELSEWHERE,
        subject=mapping,
        title=mapping.rpartition("/")[2],
        description=f"Remove that mapping first, or choose another {noun}.",
    )
    return FailedPrecondition(f"{mapping} has this {noun}.", [blocker])


def vanished(mapping: str, title: str) -> FailedPrecondition:
    """Return the refusal for a provider's record that the provider has no more.

    :param mapping: its resource name.
    :param title: what the provider called it.
    """
    blocker = Blocker(
        reason=Reason.RECORD_VANISHED,
        subject=mapping,
        title=title,
        description="Restore it at the provider and sync, or choose another.",
    )
    return FailedPrecondition(f"{title} is gone at the provider.", [blocker])
