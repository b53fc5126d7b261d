from bisect import insort
from itertools import count

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_sdk import RunFailed
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Element, ListDecoder
from syncline_xero.paging import PagedList, Place
from xero_answers import contact, run_context

SIZE = 5  # what this server clamps pages to


def serving(ids: list[str], joins: list[list[str]]) -> httpx.MockTransport:
    """Return a server whose list, ordered by id, grows before each page but the first."""

    def serve(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        if page > 1 and joins:
            for joined in joins.pop(0):
                insort(ids, joined)
        rows = [contact(0, ContactID=id_) for id_ in ids[(page - 1) * SIZE : page * SIZE]]
        counts = {"pageSize": SIZE, "pageCount": -(-len(ids) // SIZE), "itemCount": len(ids)}
        return httpx.Response(200, json={"Contacts": rows, "pagination": counts})

    return httpx.MockTransport(serve)


def read_all(transport: httpx.MockTransport) -> set[str | None]:
    """Return the ids a reading of the whole list came across."""
    listing = PagedList(
        path="Contacts",
        params={"order": "ContactID"},
        decoder=ListDecoder(wire.Contact, Element(id_key="ContactID", name_key="Name")),
        row_id=lambda row: row.id,
    )
    client = XeroClient(run_context("contacts", transport))
    pages = listing.pages(client, Place())
    return {row.id for page in pages for row in page.answer.rows}


IDS = st.text("abc", min_size=1, max_size=4)


@settings(deadline=None)  # the machine may be busy
@given(st.sets(IDS), st.lists(st.lists(IDS, max_size=SIZE - 1, unique=True), max_size=6))
def test_rows_that_join_while_a_list_is_read_hide_none(
    there: set[str], joining: list[list[str]]
) -> None:
    """Whatever was in the list when reading began is read, wherever others push it."""
    joins = [[id_ for id_ in batch if id_ not in there] for batch in joining]

    assert there <= read_all(serving(sorted(there), joins))


def test_a_place_survives_its_cursor() -> None:
    """What is stored with a page leads back to the place behind it."""
    place = Place(page=7, until=None)

    assert Place.at(place.cursor()) == place
    assert Place.at(None) == Place()


def test_a_list_without_end_has_one() -> None:
    """Pages that are full of new records for ever are left at the ten thousandth."""
    calls = count(1)

    def serve(_request: httpx.Request) -> httpx.Response:
        row = {"ContactID": str(next(calls)), "Name": "Kauri"}
        return httpx.Response(200, json={"Contacts": [row], "pagination": {"pageSize": 1}})

    with pytest.raises(RunFailed) as caught:
        read_all(httpx.MockTransport(serve))

    assert caught.value.code == "XERO_PAGING_BROKEN"
    assert next(calls) == 10_002
