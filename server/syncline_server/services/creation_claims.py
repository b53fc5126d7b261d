"""What a pull reads of records that somebody creates here at this moment."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from syncline_sdk import Contact, Item
from syncline_server.core.creation import Creation, NewCustomer

R = TypeVar("R", Contact, Item)


def claims(
    under_way: Iterable[Creation], records: Sequence[R]
) -> tuple[list[tuple[Creation, R]], list[R]]:
    """Return those records that creations under way made, each with its creation, and the others.

    Each creation made one of them at most.
    """
    waiting = list(under_way)
    claimed, left = [], []
    for record in records:
        creation = next((each for each in waiting if _made(each, record)), None)
        if creation is None:
            left.append(record)
        else:
            waiting.remove(creation)
            claimed.append((creation, record))
    return claimed, left


def _made(creation: Creation, record: Contact | Item) -> bool:
    content = creation.content
    if isinstance(content, NewCustomer):
        return isinstance(record, Contact) and content.draft.is_met_by(record)
    return isinstance(record, Item) and content.draft.is_met_by(record)
