"""What a census of each module asks Xero, and what it makes of the answers."""

from datetime import UTC, datetime

import httpx

from syncline_sdk import Census
from syncline_sdk.testing import Script, Step, answer, census_context
from xero_answers import contact, invoice, listed, module

LAST_RUN = datetime(2026, 10, 1, 12, tzinfo=UTC)
NOTHING = listed("Contacts", [])


def taken(name: str, *steps: Step, sample: tuple[str, ...] = ()) -> tuple[Census, Script]:
    """Take a module's census; return it with what it asked."""
    script, spec = Script(*steps), module(name)
    assert spec.census is not None
    census = spec.census(census_context(spec, script, *sample, since=LAST_RUN))
    assert script.unplayed == 0
    return census, script


def active(count: int) -> Step:
    """Return a step that tells how many contacts are active."""
    return listed("Contacts", [contact(1)], page=1, pageSize=1, pageCount=count, itemCount=count)


def by_ids(request: httpx.Request) -> httpx.Response:
    """Answer a read by ids with the contacts asked for."""
    numbers = [id_.rpartition("-")[2] for id_ in request.url.params["IDs"].split(",")]
    return httpx.Response(200, json={"Contacts": [contact(int(number)) for number in numbers]})


def test_contacts_are_counted_and_looked_at() -> None:
    """What changed, how many are active, and the sample in batches of forty."""
    sample = tuple(f"contact-{place}" for place in range(50))
    changed = listed("Contacts", [contact(3)], page=1, pageSize=1000, pageCount=1, itemCount=1)

    census, script = taken("contacts", changed, active(190), by_ids, by_ids, sample=sample)

    first, second, *rest = script.requests
    assert first.headers["If-Modified-Since"] == "2026-10-01T11:55:00"
    assert first.url.params["includeArchived"] == "true"
    assert dict(second.url.params) == {
        "where": 'ContactStatus=="ACTIVE"',
        "page": "1",
        "pageSize": "1",
    }
    assert [len(each.url.params["IDs"].split(",")) for each in rest] == [40, 10]
    assert (census.active, census.changed, census.changed_count) == (190, {"contact-3"}, 1)
    assert len(census.records) == 50
    assert not census.complete


def test_a_count_that_xero_refuses_is_left_out() -> None:
    """Xero does not filter more than 100,000 contacts; the sample is looked at all the same."""
    census, _ = taken("contacts", NOTHING, answer(400, json={}), by_ids, sample=("contact-1",))

    assert census.active is None
    assert len(census.records) == 1


def test_more_changes_than_a_page_tells_compare_nothing() -> None:
    """Nobody knows which of the sample changed."""
    many = listed("Contacts", [contact(1)], page=1, pageSize=1000, pageCount=9, itemCount=9000)

    census, _ = taken("contacts", many, active(190), sample=("contact-7",))

    assert census.unreadable == {"contact-7"}
    assert census.changed_count == 9000
    assert census.records == ()


def test_contacts_that_cannot_be_read_are_named() -> None:
    """They are there, so they are not missing."""
    rows = [contact(1, Name=" "), contact(2, Phones="none"), contact(3)]
    sample = ("contact-1", "contact-2", "contact-3")

    census, _ = taken("contacts", NOTHING, active(3), listed("Contacts", rows), sample=sample)

    assert census.unreadable == {"contact-1", "contact-2"}
    assert len(census.records) == 1


def test_items_are_told_as_a_whole() -> None:
    """Sold ones, with those that changed or cannot be read beside them."""
    rows = [
        {"ItemID": "a", "Code": "A", "Name": "Cup", "UpdatedDateUTC": "/Date(1)/"},
        {"ItemID": "b", "Code": "B", "Name": "Mug", "UpdatedDateUTC": "/Date(1790856000000)/"},
        {"ItemID": "c", "Code": "", "Name": "Jug"},
        {"ItemID": "d", "Code": "D", "Name": 7},
        {"ItemID": "e", "Code": "E", "Name": "Box", "IsSold": False},
    ]

    census, script = taken("items", listed("Items", rows))

    assert dict(script.requests[0].url.params) == {"unitdp": "4"}
    assert [item.id for item in census.records] == ["a", "b"]  # type: ignore[union-attr]  # items
    assert census.complete
    assert census.unreadable == {"c", "d"}
    assert census.changed == {"b"}


def test_tax_rates_are_told_as_a_whole() -> None:
    """As a run would bring them."""
    rows = [
        {"TaxType": "OUTPUT2", "Name": "GST", "Status": "ACTIVE", "EffectiveRate": "15"},
        {"TaxType": "ODD", "Name": "Odd", "Status": "ACTIVE"},
    ]

    census, _ = taken("tax_rates", listed("TaxRates", rows))

    assert [rate.name for rate in census.records] == ["GST"]  # type: ignore[union-attr]  # rates
    assert census.complete
    assert census.unreadable == {"ODD"}


def test_invoices_tell_themselves_when_they_changed() -> None:
    """Those saved since the last run, or a little before it, are the next run's."""
    rows = [
        invoice(InvoiceID="old", UpdatedDateUTC="/Date(1)/"),
        invoice(InvoiceID="new", UpdatedDateUTC="/Date(1790856000000)/"),
        invoice(InvoiceID="bad", Status=None),
    ]

    census, script = taken(
        "invoice_pull", listed("Invoices", rows), sample=("old", "new", "bad", "gone")
    )

    assert script.requests[0].url.params["IDs"] == "old,new,bad,gone"
    assert census.changed == {"new"}
    assert census.unreadable == {"bad"}
    assert len(census.records) == 2


def test_nothing_linked_is_asked_about_nothing() -> None:
    """Without a sample there is no call."""
    census, script = taken("invoice_pull")

    assert census == Census()
    assert script.requests == []
