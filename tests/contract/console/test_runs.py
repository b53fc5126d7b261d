"""Runs: what they do, did and could not do."""

from datetime import timedelta

import pytest

from browsing import Page, Surfer
from invoicing import complete_chain, meet, settle, stored_run
from syncline_sdk import Issue, RecordKind, Trigger
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.model import Run, RunError, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.storage import runs
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOME = "/workspaces/acme/integrations/ledger"
TWO_FIT = Issue(
    code="CONTACT_AMBIGUOUS",
    message="Two customers fit.",
    action="Choose one.",
    kind=RecordKind.CONTACT,
    record_id="contact-1",
    record_name="Kauri <b>Ltd</b>",
)


def shown(surfer: Surfer, run: Run) -> Page:
    """Open the page of a run."""
    return surfer.open(f"{HOME}/runs/{run.id}")


def facts(page: Page) -> dict[str, str]:
    """Return the facts of a run by their names."""
    names, values = page.words("#run-facts dt"), page.words("#run-facts dd")
    return dict(zip(names, values, strict=True))


def titles(page: Page) -> list[str]:
    """Return the names of the runs in the list, as it has them."""
    return page.words("tbody th a")


def test_nothing_ran_yet_says_what_comes_here(surfer: Surfer) -> None:
    """An empty list says what will be in it and leads to the syncs."""
    page = surfer.open(f"{HOME}/runs")

    assert page.words(".empty h2") == ["Nothing has run yet"]
    assert page.one(".empty a")["href"] == HOME


def test_runs_are_listed_newest_first_with_what_they_did(server: Served, surfer: Surfer) -> None:
    """Each says module, outcome, counts in words, open issues and who asked."""
    first = stored_run(server.wired, "contacts", requested_by="Mia Patel (console)")
    server.wired.database.execute("UPDATE runs SET fetched = 2500, created = 2499, failed = 1")
    meet(server.wired, first, TWO_FIT)
    server.wired.end(first, RunState.PARTIAL)
    stored_run(server.wired, "items", trigger=Trigger.AUTOMATIC)

    page = surfer.open(f"{HOME}/runs")

    assert titles(page) == ["Items", "Contacts"]
    newest, oldest = page.words("tbody tr")
    assert "Running" in newest
    assert "Automatic interval" in newest
    assert "With issues 2,500 read, 2,499 new, 1 failed 1 open" in oldest
    assert "Mia Patel (console)" in oldest


def test_runs_are_filtered_by_module_and_outcome(server: Served, surfer: Surfer) -> None:
    """What is chosen narrows the list and stays chosen; nothing that fits says so."""
    stored_run(server.wired, "contacts", RunState.FAILED)
    stored_run(server.wired, "items", RunState.FAILED)
    stored_run(server.wired, "items", RunState.SUCCEEDED)

    page = surfer.open(f"{HOME}/runs")
    page = surfer.submit(page, "form.filters", module="items", outcome="failed")
    none = surfer.submit(page, "form.filters", module="contacts", outcome="active")

    assert titles(page) == ["Items"]
    assert page.words("tbody .badge") == ["Failed"]
    assert [each["value"] for each in page.html.select("option[selected]")] == ["items", "failed"]
    assert none.words(".empty h2") == ["No such run"]


def test_runs_of_other_connections_are_left_out(server: Served, surfer: Surfer) -> None:
    """Each connection's page lists its own runs."""
    stored_run(server.wired, "items", RunState.QUEUED)
    other = Scope(Connection("acme", "books"), "contacts")
    stored_run(server.wired, "contacts", RunState.QUEUED, scope=other)

    assert titles(surfer.open(f"{HOME}/runs")) == ["Items"]


def test_pages_of_runs_keep_what_was_chosen(server: Served, surfer: Surfer) -> None:
    """Pages together are all runs that fit, each once."""
    for _ in range(30):
        stored_run(server.wired, "items", RunState.SUCCEEDED)
        stored_run(server.wired, "contacts", RunState.SUCCEEDED)

    first = surfer.open(f"{HOME}/runs?module=items")
    older = surfer.open(f"{HOME}/runs{first.one('.pager a')['href']}")

    links = [str(each["href"]) for page in (first, older) for each in page.html.select("tbody a")]
    assert (len(links), len(set(links))) == (30, 30)
    assert titles(older) == ["Items"] * 5
    assert older.words(".pager a") == ["First page"]


def test_active_run_shows_how_far_it_is_and_is_followed(server: Served, surfer: Surfer) -> None:
    """There is a bar with counts, and the page asks again for the part that changes."""
    run = stored_run(server.wired)
    server.wired.database.execute("UPDATE runs SET total = 2500, fetched = 1200, created = 1200")

    page = shown(surfer, run)
    poll = page.one("#run-poll")
    again = surfer.open(str(poll["data-poll"]))

    bar = page.one("progress")
    assert (bar["max"], bar["value"]) == ("1000", "480")
    assert "1,200 of 2,500 read" in page.text
    assert page.words("#run-state") == ["Running"]
    assert again.words("#run-facts #run-state") == ["Running"]
    assert again.one("#run-poll")["data-poll"] == page.one("#run-poll")["data-poll"]
    assert page.words("title") == [str(again.one("#run-facts")["data-title"])]
    assert not again.html.select("main, #issues")
    assert poll.has_attr("hidden")  # or it would take the room of a part


def test_issues_of_an_active_run_are_counted_and_come_at_its_end(
    server: Served, surfer: Surfer
) -> None:
    """What is asked for again and again says how many there are; with the end come all of them."""
    run = stored_run(server.wired)
    page = shown(surfer, run)
    meet(server.wired, run, TWO_FIT)
    again = f"{HOME}/runs/{run.id}/now"

    assert "None when this page was opened." in page.text
    assert facts(surfer.open(again))["Issues"] == "1 issue so far. Show them"
    server.wired.end(run, RunState.PARTIAL)
    assert surfer.open(again).words("#run #issues .issue-name") == ["Kauri <b>Ltd</b>"]


def test_run_that_ended_is_not_asked_for_again(server: Served, surfer: Surfer) -> None:
    """Nothing more will change, so there is nothing to ask, and nothing to cancel."""
    page = shown(surfer, stored_run(server.wired, "contacts", RunState.SUCCEEDED))

    assert page.words("#run-state") == ["Succeeded"]
    assert not page.html.select("#run-poll, form#run-cancel, progress")
    assert "every record that it met was processed" in page.text


def test_asking_again_leaves_notices_to_the_next_page(server: Served, surfer: Surfer) -> None:
    """What the page asks for by itself takes no notice away that a person has not seen."""
    run = stored_run(server.wired)
    page = shown(surfer, run)
    form = {"csrf": str(page.one("#run-cancel input")["value"])}
    surfer.send("POST", f"{HOME}/runs/{run.id}/cancel", data=form)

    surfer.send("GET", f"{HOME}/runs/{run.id}/now")

    assert shown(surfer, run).notices


def test_queued_run_is_cancelled_at_once(server: Served, surfer: Surfer) -> None:
    """Cancelling says what it means before, and leads back to the run that is CANCELLED."""
    page = shown(surfer, stored_run(server.wired, state=RunState.QUEUED))
    (means,) = page.words(f"#{page.one('#run-cancel button')['aria-describedby']}")

    after = surfer.submit(page, "#run-cancel")

    assert "What it has stored or sent stays" in means
    assert after.address == page.address
    assert after.words("#run-state") == ["Cancelled"]
    assert after.notices == ["Cancelled. What it had stored stays."]


def test_running_run_says_that_it_is_stopping(server: Served, surfer: Surfer) -> None:
    """It is asked to end, says so, and cannot be asked twice."""
    after = surfer.submit(shown(surfer, stored_run(server.wired)), "#run-cancel")

    assert after.words("#run-state") == ["Stopping"]
    assert "safe place" in after.notices[0]
    assert not after.html.select("#run-cancel")


def test_run_that_ended_before_it_was_cancelled_says_so(server: Served, surfer: Surfer) -> None:
    """Somebody was too late; that is no error."""
    run = stored_run(server.wired)
    page = shown(surfer, run)
    server.wired.end(run)

    after = surfer.submit(page, "#run-cancel")

    assert after.notices == ["It had ended before it could be cancelled."]
    assert after.words("#run-state") == ["Succeeded"]


def test_waiting_run_says_for_what_and_until_when(server: Served, surfer: Surfer) -> None:
    """The reason and the time at which it goes on are told."""
    wired = server.wired
    run = stored_run(wired)
    wake = wired.clock() + timedelta(hours=2)
    runs.park(wired.database, run, wake, "The daily limit is used up.", wired.clock())

    page = shown(surfer, run)

    assert page.words("#run-state") == ["Paused"]
    assert "The daily limit is used up." in page.text
    assert page.words("#run-facts > p time") == ["1 Oct 2026, 14:00 UTC"]


def test_failed_run_says_why_and_what_to_do(server: Served, surfer: Surfer) -> None:
    """Message and action of its error are shown, also of one that is our own fault."""
    run = stored_run(server.wired)
    error = RunError(code="MODULE_CRASHED", message="It stopped.", action="Start it again.")
    runs.end(server.wired.database, run, RunState.FAILED, server.wired.clock(), error)

    page = shown(surfer, run)

    assert page.words("#run-state") == ["Failed"]
    assert page.words("#run-facts .notice") == ["It stopped. Start it again."]


def test_run_whose_ground_went_away_names_what_to_mend(server: Served, surfer: Surfer) -> None:
    """Each blocker leads to where it is mended."""
    wired = server.wired
    complete_chain(wired)
    run = stored_run(wired, "invoice_push")
    blockers = tuple(
        Blocker(reason=reason, subject=subject, title=subject, description=f"Mend {subject}.")
        for reason, subject in (
            (Reason.NOT_CONNECTED, "workspaces/acme/connections/ledger"),
            (Reason.MODULE_OFF, "items"),
            (Reason.PREREQUISITE_INCOMPLETE, "contacts"),
            (Reason.PREREQUISITE_INCOMPLETE, "tax_mapping"),
        )
    )
    error = RunError(code="NOT_CONNECTED", message="It cannot run yet.", blockers=blockers)
    runs.end(wired.database, run, RunState.FAILED, wired.clock(), error)

    page = shown(surfer, run)

    links = [str(each["href"]) for each in page.html.select("#run-facts .notice a")]
    assert links == [
        f"{HOME}#connection",
        f"{HOME}#toggles",
        f"{HOME}#sync-contacts",
        f"{HOME}/tax-mapping",
    ]
    assert page.words("#run-facts .notice a")[1:3] == ["Mend items.", "Mend contacts."]
    card = surfer.open(HOME).words(f"#sync-{run.scope.module} .sync-trouble")
    assert card == page.words("#run-facts .notice")


def test_issues_of_a_run_lead_to_their_fix(server: Served, surfer: Surfer) -> None:
    """An issue says what is wrong, what to do and which records fit, and leads to the choice."""
    run = stored_run(server.wired)
    meet(server.wired, run, TWO_FIT, candidates=("kauri", "nobody"))
    server.wired.end(run, RunState.PARTIAL)

    page = shown(surfer, run)

    (words,) = page.words(".issue")
    assert words.startswith("Kauri <b>Ltd</b> Contact Two customers fit. Choose one.")
    assert page.words(".issue .candidate") == ["kauri", "nobody"]
    assert page.one(".issue a.button")["href"] == f"{HOME}/contacts/contact-1/assign"


def test_settled_issues_say_by_what_and_are_left_out(server: Served, surfer: Surfer) -> None:
    """Open issues come alone; all of them with what settled each, when somebody asks."""
    wired = server.wired
    run = stored_run(wired)
    other = Issue(**{**vars(TWO_FIT), "record_id": "contact-2", "record_name": "Rata Ltd"})
    meet(wired, run, TWO_FIT)
    meet(wired, run, other)
    settle(wired, TWO_FIT, "Assigned to customer Kauri Ltd (KAURI).")
    wired.end(run, RunState.PARTIAL)

    left = shown(surfer, run)
    every = surfer.open(f"{HOME}/runs/{run.id}?issues=all")

    assert left.words(".segments a") == ["Open (1)", "All (2)"]
    assert left.words(".issue-name") == ["Rata Ltd"]
    assert every.words(".issue-name") == ["Kauri <b>Ltd</b>", "Rata Ltd"]
    assert "Assigned to customer Kauri Ltd (KAURI). 1 Oct 2026, 12:00 UTC" in every.text


@pytest.mark.parametrize("path", ["runs/nothing", "runs/nothing/now"])
def test_unknown_run_is_no_page(surfer: Surfer, path: str) -> None:
    """A run that is not there is 404."""
    assert surfer.open(f"{HOME}/{path}").status == 404


def test_counts_are_in_words(server: Served, surfer: Surfer) -> None:
    """A push says what it took up, a pull what it read, and neither says 0."""
    run = stored_run(server.wired, "invoice_push")
    server.wired.database.execute("UPDATE runs SET fetched = 3, created = 2, skipped = 1")

    assert facts(shown(surfer, run))["Records"] == "3 taken up, 2 new, 1 left out"
