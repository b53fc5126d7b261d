"""The cards of syncs and what they start, against a real server."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from browsing import Page, Surfer
from sync_stage import SyncStage, drawn, standing
from syncline.v1.integration_pb2 import Settings, UpdateSettingsRequest
from syncline_client import Client
from syncline_console.people import Role
from syncline_console.views.syncs import SYNCS
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.model import RunError, RunState
from syncline_server.storage import runs
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OVERVIEW = "/workspaces/acme/integrations/ledger"
START = "#sync-contacts .sync-start form"
ALL = ("contacts", "tax_rates", "items", "invoices")


@pytest.fixture
def stage(server: Served) -> SyncStage:
    """A connected workspace in which contacts alone are on, which nothing blocks."""
    server.wired.connect()
    server.wired.switch_on("contacts")
    return SyncStage(server.wired)


def card(page: Page | BeautifulSoup, module: str = "contacts") -> str:
    """Return the words of a card, without what is folded away."""
    html = page.html if isinstance(page, Page) else page
    (found,) = html.select(f"#syncs [data-module={module}]")
    for folded in found.select("details"):
        folded.extract()
    return " ".join(found.get_text(" ").split())


def button(page: Page, name: str) -> bool:
    """Return whether the one button of this name can be pressed."""
    (found,) = [
        each for each in page.html.select("button") if " ".join(each.get_text().split()) == name
    ]
    return not found.has_attr("disabled") and found.get("aria-disabled") != "true"


def test_every_module_has_a_card(stage: SyncStage, surfer: Surfer) -> None:
    """With its title, which way records move, and a button that says what it starts."""
    stage.wired.switch_on(*ALL)

    page = surfer.open(OVERVIEW)

    modules = [str(each["data-module"]) for each in page.html.select("#syncs [data-module]")]
    assert modules == ["tax_rates", "contacts", "items", "invoice_push", "invoice_pull"]
    assert "Ledger → Orderverse" in card(page, "invoice_pull")
    assert "Orderverse → Ledger" in card(page, "invoice_push")
    assert button(page, "Sync Tax Rates now")
    assert not button(page, "Sync Invoice Push now")


def test_start_queues_one_run(stage: SyncStage, surfer: Surfer) -> None:
    """The button starts the module, says so, and the card shows that it waits to start."""
    page = surfer.submit(surfer.open(OVERVIEW), START)

    assert page.notices == ["Contacts was started."]
    assert len(stage.wired.started) == 1
    assert "Waiting to start" in card(page)
    assert not button(page, "Sync Contacts now")
    assert not page.one("#sync-contacts-start").has_attr("disabled")  # the focus stays on it


def test_form_that_is_sent_twice_starts_one_run(stage: SyncStage, surfer: Surfer) -> None:
    """A double click, a second tab and a form resent after the end find the run of the first."""
    page, other_tab = surfer.open(OVERVIEW), surfer.open(OVERVIEW)

    surfer.submit(page, START)
    assert surfer.submit(page, START).notices == ["Contacts was started."]
    surfer.submit(other_tab, START)
    (run_id,) = stage.wired.started
    stage.end(stage.wired.begin(run_id))
    late = surfer.submit(page, START)

    assert len(stage.wired.started) == 1
    assert late.notices == [
        "Contacts has just run. This page was out of date; start it again if you want another run."
    ]


def test_next_run_has_another_request(stage: SyncStage, surfer: Surfer, client: Client) -> None:
    """After a run has ended a new page starts a new one; until then it stays the same."""
    before = drawn(SYNCS, standing(client), Role.ADMIN)
    same = drawn(SYNCS, standing(client), Role.ADMIN)
    stage.succeed("contacts")
    stage.wired.clock.advance(seconds=60)

    surfer.submit(surfer.open(OVERVIEW), START)

    after = drawn(SYNCS, standing(client), Role.ADMIN)
    ids = [
        UUID(str(each.select("#sync-contacts [name=request_id]")[0]["value"]))
        for each in (before, same, after)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert len(stage.wired.started) == 2


def test_blocked_module_says_what_to_do_in_order(stage: SyncStage, surfer: Surfer) -> None:
    """Every blocker is beside the disabled button, each with a link to where it is mended."""
    stage.wired.switch_on("contacts", "tax_rates", "items")
    stage.succeed("tax_rates")
    stage.read_rates(2)

    page = surfer.open(OVERVIEW)

    links = {each.get_text(): each["href"] for each in page.html.select("#sync-items-holds a")}
    assert links == {"Map 2 open tax rates.": f"{OVERVIEW}/tax-mapping"}
    push = page.words("#sync-invoice_push-holds li")
    assert push == [
        "Turn Sync Invoices on.",
        "Map 2 open tax rates.",
        "Sync Contacts first.",
        "Sync Items first.",
    ]
    described = str(page.one("#sync-items-start")["aria-describedby"]).split()
    assert all(page.html.select(f"#{each}") for each in described)
    assert "sync-items-holds" in described


def test_refusal_names_everything_that_is_missing(stage: SyncStage, surfer: Surfer) -> None:
    """Who posts a form from before is told what to do first."""
    page = surfer.open(OVERVIEW)
    stage.wired.switch_on("contacts", "tax_rates")

    (notice,) = surfer.submit(page, START).notices

    assert notice == ("Contacts cannot start yet. Sync Tax Rates first. Complete Tax Mapping.")


def test_cooldown_is_counted_by_the_servers_clock(stage: SyncStage, surfer: Surfer) -> None:
    """The card carries when it ends and how long that is; a trigger within it is told the same."""
    stage.succeed("contacts")
    at_first = card(surfer.open(OVERVIEW))
    stage.wired.clock.advance(seconds=17)

    page = surfer.open(OVERVIEW)

    (end,) = page.html.select("#sync-contacts [data-ends]")
    expected = stage.wired.clock() + timedelta(seconds=43)
    assert (end.get_text(), int(str(end["data-ends"]))) == ("43 s", expected.timestamp() * 1000)
    assert "Again in 1 min 0 s" in at_first
    assert "Again in 43 s" in card(page)
    assert not button(page, "Sync Contacts now")
    assert surfer.submit(page, START).notices == [
        "Contacts was started a moment ago. Try again in 43 seconds."
    ]


def test_active_run_is_named_when_another_is_asked_for(stage: SyncStage, surfer: Surfer) -> None:
    """The second person with another wish is told which run is under way."""
    page = surfer.open(OVERVIEW)
    run = stage.queue("contacts")

    (notice,) = surfer.submit(page, START, full_read="on").notices

    assert notice == (
        f"Contacts is running already (run {run.id}). Wait until it has ended, or cancel it."
    )


def test_running_card_shows_progress_and_a_way_to_cancel(stage: SyncStage, surfer: Surfer) -> None:
    """Counts in words and a bar; cancel posts to the run's own address."""
    run = stage.begin("contacts")
    unknown = surfer.open(OVERVIEW)
    stage.handle(run, fetched=1200, total=20000)
    stage.spoil(run)

    page = surfer.open(OVERVIEW)

    assert not unknown.one("#sync-contacts progress").has_attr("value")
    bar = page.one("#sync-contacts progress")
    assert (bar["value"], bar["max"]) == ("60", "1000")
    assert "1,200 of 20,000 read, 1 failed" in card(page)
    assert button(page, "Cancel Contacts")
    form = page.one("#sync-contacts .sync-run form")
    assert form["action"] == f"{OVERVIEW}/runs/{run.id}/cancel"


def test_paused_run_says_why_and_until_when(stage: SyncStage, surfer: Surfer) -> None:
    """A run that waits says what for, and that it goes on by itself."""
    stage.park(stage.begin("contacts"), "Ledger's daily limit is used up.")

    words = card(surfer.open(OVERVIEW))

    assert "Paused" in words
    assert "Ledger's daily limit is used up. It goes on by itself" in words


def test_run_that_is_being_cancelled_says_so(stage: SyncStage, surfer: Surfer) -> None:
    """It stays until it has reached a safe place, and cannot be cancelled twice."""
    run = stage.begin("contacts")
    stage.wired.runs.cancel("acme", run.id)

    page = surfer.open(OVERVIEW)

    assert "Stopping" in card(page)
    assert "ends as soon as it reaches a safe place" in card(page)
    assert page.html.select("#sync-contacts-cancel") == []


def test_run_that_was_taken_up_again_says_so(stage: SyncStage, surfer: Surfer) -> None:
    """After a restart the card tells the attempt."""
    run = stage.begin("contacts")
    stage.wired.database.execute("UPDATE runs SET state = 'QUEUED' WHERE id = ?", (run.id,))
    queued = card(surfer.open(OVERVIEW))
    stage.wired.begin(run.id)

    assert "It goes on in a moment." in queued
    assert "taken up again (attempt 2)" in card(surfer.open(OVERVIEW))


def test_result_stays_on_the_card(stage: SyncStage, surfer: Surfer) -> None:
    """Counts, and issues with a link to the run that met them."""
    run = stage.begin("contacts")
    stage.handle(run, fetched=120, created=100, total=120)
    stage.spoil(run)
    stage.end(run, RunState.PARTIAL)

    page = surfer.open(OVERVIEW)

    assert "With issues" in card(page)
    assert "100 new, 1 failed" in card(page)
    link = page.one("#sync-contacts-run")
    assert (link.get_text(), link["href"]) == (
        "1\N{NO-BREAK SPACE}issue of Contacts",
        f"{OVERVIEW}/runs/{run.id}",
    )


def test_failed_run_says_why_and_what_to_do(stage: SyncStage, surfer: Surfer) -> None:
    """The error of the run and its action are on the card."""
    run = stage.begin("contacts")
    stage.end(run, RunState.FAILED, "The ledger is <b>locked</b>.")

    page = surfer.open(OVERVIEW)

    assert page.words("#sync-contacts .sync-trouble") == ["The ledger is <b>locked</b>. Mend it."]


def test_run_whose_ground_went_away_speaks_to_people(stage: SyncStage, surfer: Surfer) -> None:
    """Card and page say that the ground went away, and what to do once."""
    run = stage.begin("contacts")
    use = "Connect Ledger."
    subject = str(ACME)
    blocker = Blocker(reason=Reason.NOT_CONNECTED, subject=subject, title="Ledger", description=use)
    error = RunError(
        code="NOT_CONNECTED", message=f"Contacts cannot run yet. {use}", blockers=(blocker,)
    )
    runs.end(stage.wired.database, run, RunState.FAILED, stage.wired.clock(), error)

    pages = [surfer.open(OVERVIEW), surfer.open(f"{OVERVIEW}/runs/{run.id}")]

    told = "When its turn came, something it needs was not there any more. Connect Ledger."
    for page in pages:
        assert told in page.text
        assert "cannot run yet" not in page.text


def test_automatic_interval_is_small_print(
    stage: SyncStage, surfer: Surfer, client: Client
) -> None:
    """How often it runs by itself, when next, and from when on the next one reads."""
    stage.succeed("contacts")
    settings = Settings(name=f"{ACME}/settings")
    settings.automatic_intervals["contacts"].FromTimedelta(timedelta(minutes=90))
    client.integrations.UpdateSettings(UpdateSettingsRequest(settings=settings))

    words = card(surfer.open(OVERVIEW))

    assert "By itself every 1 hour 30 minutes, next 1 Oct" in words
    assert "Next time reads" in words


@pytest.mark.parametrize("role", list(Role))
def test_who_may_not_start_has_nothing_to_press(
    stage: SyncStage, client: Client, role: Role
) -> None:
    """A viewer sees the same states and no enabled button; others can start and cancel."""
    stage.wired.switch_on("contacts", "tax_rates")
    stage.begin("tax_rates")

    found = drawn(SYNCS, standing(client), role)

    enabled = found.select("button:not([disabled])")
    assert bool(enabled) == (role is not Role.VIEWER)
    assert all(each.get("id") for each in found.select("a, button, summary, li.card"))
    assert all(form.select('[name="csrf"][value="csrf"]') for form in found.select("form"))
    assert ("Only operators and administrators" in card(found)) == (role is Role.VIEWER)
    assert "Running" in card(found, "tax_rates")


def test_module_that_is_gone_is_told(stage: SyncStage, surfer: Surfer) -> None:
    """A form for a module that is no longer installed, or for a step, starts nothing."""
    page = surfer.open(OVERVIEW)
    form = page.one(START)
    for module in ("weather", "tax_mapping", "%3Cscript%3E"):
        form["action"] = f"{OVERVIEW}/syncs/{module}"
        assert surfer.submit(page, START).notices == [
            "There is no such sync here. Choose one below."
        ]
    assert stage.wired.started == []


@pytest.mark.parametrize("drawn_id", ["", "no-uuid", "x" * 5000], ids=["none", "other", "long"])
def test_form_without_an_id_of_ours_starts_nothing(
    stage: SyncStage, surfer: Surfer, drawn_id: str
) -> None:
    """What no page of ours has sent could not be told from a repetition."""
    page = surfer.submit(surfer.open(OVERVIEW), START, request_id=drawn_id)

    assert page.notices == ["That form was not complete. Start it again here."]
    assert stage.wired.started == []


def test_id_of_another_modules_run_is_refused_plainly(stage: SyncStage, surfer: Surfer) -> None:
    """A request that was used elsewhere starts nothing, and the person may try again."""
    stage.wired.switch_on("contacts", "tax_rates")
    page, used = surfer.open(OVERVIEW), str(uuid4())
    surfer.submit(page, "#sync-tax_rates .sync-start form", request_id=used)
    stage.wired.switch_on("contacts")

    (notice,) = surfer.submit(page, START, request_id=used).notices

    assert notice == "This page was out of date. Nothing was started; start it again."
