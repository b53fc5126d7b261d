"""Pushing and refreshing invoices."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from browsing import Page, Surfer
from invoicing import complete_chain, confirmed, linked, stock, stored_run
from syncline_server.core.model import Run, RunState
from syncline_server.storage import runs
from wiring import Served, Wired

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOME = "/workspaces/acme/integrations/ledger"
INVOICES = f"{HOME}/invoices"
LINKED = f"{INVOICES}?list=linked"


@pytest.fixture
def ready(server: Served) -> Served:
    """A server whose chain is complete, with three invoices to push and one that is linked."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "one", "two", "three")
    linked(server.wired, "sent", total=Decimal("13.50"))
    return server


def started(wired: Wired) -> Run:
    """Return the one run that was started."""
    (id_,) = wired.started
    run = runs.get(wired.database, id_)
    if run is None:
        raise AssertionError(id_)
    return run


def push(surfer: Surfer, *chosen: str, which: str = "chosen") -> Page:
    """Choose invoices and push them."""
    page = surfer.open(INVOICES)
    return surfer.submit(page, "form#push", invoice=list(chosen), which=which)


def test_chosen_invoices_are_pushed(ready: Served, surfer: Surfer) -> None:
    """The run takes those alone, and the person is led to it."""
    after = push(surfer, "one", "three")

    run = started(ready.wired)
    assert (run.scope.module, run.options["invoices"]) == ("invoice_push", ("one", "three"))
    assert after.address == f"{HOME}/runs/{run.id}"
    assert after.notices == ["Started. This page follows it."]


def test_all_eligible_invoices_are_pushed(ready: Served, surfer: Surfer) -> None:
    """Without a choice the run takes every one, whatever was checked."""
    push(surfer, "one", which="all")

    assert "invoices" not in started(ready.wired).options


def test_double_submit_starts_one_run(ready: Served, surfer: Surfer) -> None:
    """The same form sent twice leads to the same run, with a word about it once that went on."""
    page = surfer.open(INVOICES)
    first = surfer.submit(page, "form#push", invoice="one", which="chosen")
    second = surfer.submit(page, "form#push", invoice="one", which="chosen")
    ready.wired.end(ready.wired.begin(started(ready.wired).id))
    third = surfer.submit(page, "form#push", invoice="one", which="chosen")

    assert first.address == second.address == third.address
    assert third.notices == [
        "That form had started this run before. Nothing was started a second time."
    ]
    assert started(ready.wired).options["invoices"] == ("one",)


def test_other_choice_of_the_same_form_is_another_push(ready: Served, surfer: Surfer) -> None:
    """Who goes back and chooses otherwise is not answered with the run of before."""
    page = surfer.open(INVOICES)
    surfer.submit(page, "form#push", invoice="one", which="chosen")
    ready.wired.end(ready.wired.begin(started(ready.wired).id))
    ready.wired.clock.advance(seconds=6)

    surfer.submit(page, "form#push", invoice="two", which="chosen")

    second = runs.get(ready.wired.database, ready.wired.started[-1])
    assert second is not None
    assert second.options["invoices"] == ("two",)


@pytest.mark.parametrize("drawn", ["", "x"])
def test_form_without_its_id_starts_nothing(ready: Served, surfer: Surfer, drawn: str) -> None:
    """A form that was cut short is to be started again."""
    page = surfer.open(INVOICES)
    after = surfer.submit(page, "form#push", invoice="one", which="chosen", request_id=drawn)

    assert after.notices == ["That form was not complete. Start it again here."]
    assert ready.wired.started == []


def test_nothing_chosen_is_said(ready: Served, surfer: Surfer) -> None:
    """An empty choice starts nothing and never means all."""
    after = push(surfer)

    assert after.address == INVOICES
    assert after.notices == ["Choose at least one invoice to push."]
    assert ready.wired.started == []


@pytest.mark.parametrize(
    ("path", "form", "verb"),
    [(INVOICES, "#push", "push"), (LINKED, "#pull-chosen", "refresh")],
    ids=["push", "refresh"],
)
def test_more_than_fifty_are_refused(
    ready: Served, surfer: Surfer, path: str, form: str, verb: str
) -> None:
    """A page lets nobody choose so many; somebody who does is told the limit."""
    page = surfer.open(path)
    after = surfer.submit(page, form, invoice=[f"i{number}" for number in range(51)], which="")

    assert after.notices == [
        f"You chose 51 invoices. One {verb} takes at most 50: choose fewer, or {verb} all of them."
    ]
    assert ready.wired.started == []


def test_cooldown_says_how_long(ready: Served, surfer: Surfer) -> None:
    """Within the cooldown the time left is told, and the page counts it down."""
    push(surfer, "one")
    ready.wired.end(ready.wired.begin(started(ready.wired).id))

    page = surfer.open(INVOICES)
    after = push(surfer, "two")

    ends = ready.wired.clock().timestamp() + 5
    assert page.one("#push [data-ends]")["data-ends"] == str(int(ends * 1000))
    assert page.words("#push [data-ends]") == ["5 seconds"]
    assert after.address == INVOICES
    assert after.notices == ["Invoice Push was started a moment ago. Try again in 5 seconds."]
    assert len(ready.wired.started) == 1


def test_active_run_is_where_a_second_push_leads(ready: Served, surfer: Surfer) -> None:
    """While one is running nothing else is started, and the person sees the one that runs."""
    page = surfer.open(INVOICES)
    run = stored_run(ready.wired, "invoice_push")

    after = surfer.submit(page, "form#push", invoice="one", which="chosen")
    again = surfer.open(INVOICES)

    assert after.address == f"{HOME}/runs/{run.id}"
    assert "was already going on" in after.notices[0]
    assert all(each.has_attr("disabled") for each in again.html.select("#push button"))
    assert "Invoice Push is running now" in again.text


def test_page_that_grew_stale_is_refused_with_what_to_do(ready: Served, surfer: Surfer) -> None:
    """Somebody turned invoices off meanwhile: that is said, in a person's words."""
    page = surfer.open(INVOICES)
    ready.wired.switch_on("contacts", "tax_rates", "items")

    after = surfer.submit(page, "form#push", invoice="one", which="chosen")

    assert after.address == INVOICES
    assert after.notices == ["Invoice Push cannot start yet. Turn Sync Invoices on."]
    assert ready.wired.started == []


def test_refresh_goes_back_to_the_last_one(ready: Served, surfer: Surfer) -> None:
    """That is what is chosen before anybody chooses."""
    after = surfer.submit(surfer.open(LINKED), "form#pull")

    run = started(ready.wired)
    assert (run.scope.module, run.options) == ("invoice_pull", {})
    assert after.address == f"{HOME}/runs/{run.id}"


def test_refresh_of_all_that_are_linked(ready: Served, surfer: Surfer) -> None:
    """The run reads every linked invoice, changed or not."""
    surfer.submit(surfer.open(LINKED), "form#pull", window="all_linked")

    assert started(ready.wired).options["window"] == "ALL_LINKED"


def test_refresh_of_the_chosen(ready: Served, surfer: Surfer) -> None:
    """The run reads those alone; without a choice nothing is started."""
    page = surfer.open(LINKED)
    nothing = surfer.submit(page, "form#pull-chosen")
    surfer.submit(page, "form#pull-chosen", invoice="sent")

    assert nothing.address == LINKED
    assert nothing.notices == ["Choose at least one invoice to refresh."]
    assert started(ready.wired).options["invoices"] == ("sent",)


@pytest.mark.parametrize(
    ("local", "offset", "since"),
    [
        ("2026-09-30T08:15", "0", datetime(2026, 9, 30, 8, 15, tzinfo=UTC)),
        ("2026-09-30T08:15", "-780", datetime(2026, 9, 29, 19, 15, tzinfo=UTC)),
        ("2026-09-30T08:15", "420", datetime(2026, 9, 30, 15, 15, tzinfo=UTC)),
        ("2025-10-01T12:00", "0", datetime(2025, 10, 1, 12, tzinfo=UTC)),
    ],
    ids=["utc", "auckland", "los-angeles", "a-year-ago"],
)
def test_refresh_since_a_time(
    ready: Served, surfer: Surfer, local: str, offset: str, since: datetime
) -> None:
    """The time is UTC unless a script said how far the reader's zone is from it."""
    page = surfer.open(LINKED)
    fields = {"window": "since_time", "since": local, "offset": offset}
    surfer.submit(page, "form#pull", **fields)

    options = started(ready.wired).options
    assert (options["window"], options["since"]) == ("SINCE_TIME", since)
    assert page.words("label[for=since]") == ["Since ( UTC )"]


@pytest.mark.parametrize(
    ("local", "offset", "said"),
    [
        ("", "0", "Say since when"),
        ("soon", "0", "Say since when"),
        ("2026-09-30T08:15", "90000", "Say since when"),
        ("2026-09-30T08:15", "x", "Say since when"),
        ("0001-01-01T00:00", "-600", "Say since when"),
        ("2025-10-01T11:59", "0", "at most 365 days back, and not in the future"),
        ("2026-10-01T12:01", "0", "at most 365 days back, and not in the future"),
        ("0001-01-01T00:00", "0", "at most 365 days back, and not in the future"),
    ],
    ids=["none", "text", "far-zone", "no-zone", "before-time", "too-far", "future", "first-day"],
)
def test_impossible_times_are_said(
    ready: Served, surfer: Surfer, local: str, offset: str, said: str
) -> None:
    """Nothing is started, and the limits are told."""
    fields = {"window": "since_time", "since": local, "offset": offset}
    after = surfer.submit(surfer.open(LINKED), "form#pull", **fields)

    assert after.address == LINKED
    assert said in after.notices[0]
    assert ready.wired.started == []


def test_run_that_ended_lists_what_was_left_out(ready: Served, surfer: Surfer) -> None:
    """A run that was followed to its end tells its outcome at the same address."""
    after = push(surfer, "one")
    ready.wired.end(ready.wired.begin(started(ready.wired).id), RunState.PARTIAL)

    assert surfer.open(after.address).words("#run-state") == ["With issues"]
