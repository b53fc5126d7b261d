"""Contacts that a full read did not meet: read by id, and gone only if they are not there."""

from datetime import UTC, datetime

import httpx
import pytest

from syncline_sdk import RunStopped
from syncline_sdk.testing import FakeRunContext, Script, Step
from xero_answers import contact, listed, module, run_context

NOTHING = listed("Contacts", [])


def by_ids(request: httpx.Request) -> httpx.Response:
    """Answer a read by ids with the contacts asked for."""
    numbers = [id_.rpartition("-")[2] for id_ in request.url.params["IDs"].split(",")]
    rows = [contact(int(number)) for number in numbers]
    return httpx.Response(200, json={"Contacts": rows})


def context(known: int, *steps: Step) -> FakeRunContext:
    """Return a context without a watermark that knows so many contacts."""
    ctx = run_context("contacts", Script(*steps))
    ctx.contacts.known = [f"contact-{place}" for place in range(known)]
    return ctx


def pull(ctx: FakeRunContext) -> list[httpx.Request]:
    """Run the pull; return the requests it made."""
    module("contacts").run(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)
    assert script.unplayed == 0
    return script.requests


def test_what_no_page_held_is_read_by_id_and_stored() -> None:
    """A page that left somebody out makes nobody vanish; forty are asked for at a time."""
    ctx = context(50, listed("Contacts", [contact(0)]), by_ids, by_ids)

    requests = pull(ctx)

    assert [len(r.url.params["IDs"].split(",")) for r in requests[1:]] == [40, 9]
    assert all(r.url.params["includeArchived"] == "true" for r in requests)
    assert all(r.url.params["page"] == "1" for r in requests)
    assert all(len(str(r.url)) < 2000 for r in requests)
    assert {record.id for record in ctx.contacts.records} == set(ctx.contacts.known)
    assert ctx.contacts.gone == []


def test_what_is_not_there_when_asked_for_twice_has_vanished() -> None:
    """Those of a batch that Xero has are stored, the other one is gone."""
    some = listed("Contacts", [contact(1)])
    ctx = context(3, listed("Contacts", [contact(0)]), some, NOTHING)

    pull(ctx)

    assert ctx.contacts.gone == ["contact-2"]
    assert [record.id for record in ctx.contacts.records] == ["contact-0", "contact-1"]


def test_one_empty_answer_makes_nobody_vanish() -> None:
    """Whoever is there the second time is there."""
    ctx = context(2, listed("Contacts", [contact(0)]), NOTHING, by_ids)

    pull(ctx)

    assert ctx.contacts.gone == []


def test_an_unreadable_contact_has_not_vanished() -> None:
    """It is there, and an issue says that it cannot be read."""
    bad = listed("Contacts", [contact(1, Phones="none")])
    ctx = context(2, listed("Contacts", [contact(0)]), bad)

    pull(ctx)

    assert ctx.contacts.gone == []
    assert [issue.record_id for issue in ctx.issues] == ["contact-1"]


def test_a_run_with_a_watermark_looks_for_nobody() -> None:
    """What has not changed is in no page, and that means nothing."""
    ctx = context(2, NOTHING)
    ctx.watermark = datetime(2026, 10, 1, tzinfo=UTC)

    pull(ctx)

    assert ctx.contacts.gone == []


def test_looking_goes_on_where_an_execution_stopped() -> None:
    """Behind the last page an empty one ends the list, and only the rest is asked for."""
    ctx = context(80, NOTHING, by_ids, by_ids)
    ctx.stop_at(5)
    with pytest.raises(RunStopped):
        pull(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)
    before = len(script.requests)

    again = ctx.taken_up_again()
    script.then(NOTHING, by_ids)
    requests = pull(again)[before:]

    assert requests[0].url.params["page"] == "2"
    assert [len(r.url.params["IDs"].split(",")) for r in requests[1:]] == [40]
    assert len({record.id for record in again.contacts.records}) == 80
