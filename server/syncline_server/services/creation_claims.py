"""What a pull reads of records that somebody creates here at this moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from syncline_sdk import Contact, Item, RecordKind
from syncline_server.core.creation import Creation, NewCustomer
from syncline_server.core.identifiers import MakeId
from syncline_server.core.organisations import Organisation
from syncline_server.services.creation_hand import settle
from syncline_server.storage import creations
from syncline_server.storage.database import Database

R = TypeVar("R", Contact, Item)


def unclaimed(
    database: Database,
    organisation: Organisation,
    records: Sequence[R],
    make_id: MakeId,
    now: datetime,
) -> list[R]:
    """Store those records that creations under way made, each under its own id; return the others.

    In the caller's transaction, which has waited for its turn.
    """
    if not records:
        return []
    kind = RecordKind.CONTACT if isinstance(records[0], Contact) else RecordKind.ITEM
    waiting = creations.under_way(database, organisation, kind)
    left = []
    for record in records:
        creation = next((each for each in waiting if _made(each, record)), None)
        if creation is None:
            left.append(record)
        else:
            waiting.remove(creation)
            settle(database, creation, record, make_id, now)
    return left


def _made(creation: Creation, record: Contact | Item) -> bool:
    content = creation.content
    if isinstance(content, NewCustomer):
        return isinstance(record, Contact) and content.draft.is_met_by(record)
    return isinstance(record, Item) and content.draft.is_met_by(record)
