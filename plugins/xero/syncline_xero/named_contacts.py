"""Reading a few contacts by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import ListDecoder
from syncline_xero.paging import Page, Place

BATCH_SIZE: Final = 40
"""How many ids one call may name; 40 ids keep the address below 2,000 characters."""


def named_contacts(
    client: XeroClient, decoder: ListDecoder[wire.Contact], ids: Sequence[str], place: Place
) -> Iterator[Page[wire.Contact]]:
    """Yield the contacts with these ids, whole and archived ones too, from a batch on.

    An id this organisation does not know is left out silently.

    :param place: counts batches as it counts pages elsewhere; the ids are the same each time.
    """
    for number in range(place.page, -(-len(ids) // BATCH_SIZE) + 1):
        batch = ids[(number - 1) * BATCH_SIZE : number * BATCH_SIZE]
        # Only paged lists are whole; one page holds more than the ids can bring.
        params = {
            "IDs": ",".join(batch),
            "includeArchived": "true",
            "page": "1",
            "pageSize": str(BATCH_SIZE),
        }
        answer = client.read("Contacts", decoder, params=params)
        yield Page(answer=answer, next=Place(page=number + 1))
