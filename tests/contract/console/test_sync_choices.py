"""More than the plain sync: options, reading everything, plans, and believing a collapsed list."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from browsing import Page, Surfer
from fake_provider import Scripts, fake_plugin
from scripted_modules import module, plugin, provider
from sync_stage import SyncStage
from syncline_sdk import Contact, Option, OptionKind, RunContext
from syncline_server.core.model import Run, RunState
from syncline_server.core.names import Connection
from syncline_server.registry import Source, catalogue
from syncline_server.storage import runs
from syncline_server.storage.database import Database
from wiring import ACME, Served, Wired, Wishes, served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OVERVIEW = "/workspaces/acme/integrations/ledger"
MORE = "#sync-contacts-form"
BOOKS = Connection("acme", "books")
HOSTILE = "<script>alert(1)</script>\u202egnp."
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = (
    Option(name="text", title="Text", kind=OptionKind.TEXT, default="usual", max_length=5),
    Option(name="deep", title="Deep", kind=OptionKind.BOOLEAN, default=True),
    Option(name="depth", title="Depth", kind=OptionKind.INTEGER, default=1),
    Option(
        name="way",
        title="Way",
        kind=OptionKind.CHOICE,
        default="A",
        choices=("A", "B"),
        choice_titles=("The near one", "The far one"),
        description="How it gets there.",
    ),
    Option(name="since", title="Since", kind=OptionKind.TIMESTAMP, default=NEW_YEAR),
    Option(name="names", title="Names", kind=OptionKind.TEXT_LIST, default=(), max_length=3),
)


@pytest.fixture
def scripts() -> Scripts:
    """What modules of the ledger do."""
    return Scripts()


@pytest.fixture
def server(database: Database, scripts: Scripts) -> Iterator[Served]:
    """A server with the ledger, and a plugin whose module has an option of each kind."""
    books = plugin(module("contacts", options=OPTIONS), providers=[provider()])
    sources = [Source("fake-provider", fake_plugin(scripts)), Source("books-plugin", books)]
    with served(Wired(database, Wishes(catalogue=catalogue(sources)))) as running:
        yield running


@pytest.fixture
def ledger(server: Served) -> Wired:
    """A workspace that the ledger can be called for, with contacts on."""
    server.wired.approve()
    server.wired.switch_on("contacts")
    return server.wired


@pytest.fixture
def books(server: Served) -> Wired:
    """A workspace with the plugin's module on."""
    server.wired.connect(BOOKS)
    server.wired.switch_on("contacts", key=BOOKS)
    return server.wired


def started(wired: Wired) -> Run:
    """Return the one run that was started."""
    (run_id,) = wired.started
    run = runs.get(wired.database, run_id)
    assert run
    return run


def planned(surfer: Surfer) -> Page:
    """Ask what contacts would do."""
    page = surfer.open(OVERVIEW)
    form = page.one(MORE)
    form["action"] = page.one("#sync-contacts-plan")["formaction"]
    return surfer.submit(page, MORE)


def test_everything_is_read_on_request(ledger: Wired, surfer: Surfer) -> None:
    """The ticked box goes along with the run."""
    page = surfer.submit(surfer.open(OVERVIEW), MORE, full_read="on")

    assert page.notices == ["Contacts was started."]
    assert started(ledger).full_read


def test_another_wish_is_another_request(ledger: Wired, surfer: Surfer) -> None:
    """Who asks for everything after a plain run began is not told that it was started."""
    page = surfer.open(OVERVIEW)
    surfer.submit(page, "#sync-contacts .sync-start form")

    (notice,) = surfer.submit(page, MORE, full_read="on").notices

    assert notice.startswith("Contacts is running already")
    assert not started(ledger).full_read


def test_form_that_nobody_touched_sends_no_options(books: Wired, surfer: Surfer) -> None:
    """What is left as the module has it stays the module's to decide."""
    surfer.submit(surfer.open("/workspaces/acme/integrations/books"), MORE)

    assert started(books).options == {}


@pytest.mark.usefixtures("books")
def test_options_are_shown_as_in_the_settings(surfer: Surfer) -> None:
    """People read the titles of choices, what an option decides, and a time that is there."""
    page = surfer.open("/workspaces/acme/integrations/books")

    assert page.words("#sync-contacts-way option") == ["The near one", "The far one"]
    assert page.words("#sync-contacts-way-help") == ["How it gets there."]
    assert page.one("#sync-contacts-since")["value"] == "2026-01-01T00:00:00"
    assert page.one("#sync-contacts-deep").has_attr("checked")


def test_options_of_every_kind_reach_the_run(books: Wired, surfer: Surfer) -> None:
    """A plugin's own options are fields, and arrive as what they declare."""
    filled = {
        "option-text": "other",
        "option-deep": "",
        "option-depth": "7",
        "option-way": "B",
        "option-since": "2026-03-04T05:06",
        "option-names": "one\n\n two \n",
    }

    surfer.submit(surfer.open("/workspaces/acme/integrations/books"), MORE, **filled)

    assert started(books).options == {
        "text": "other",
        "deep": False,
        "depth": 7,
        "way": "B",
        "since": datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        "names": ("one", "two"),
    }


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("option-depth", "many", "Depth: Give a whole number, such as 10."),
        ("option-depth", "9" * 400, "Depth: Give a whole number, such as 10."),
        ("option-since", "tomorrow", "Since: Give a date and a time, such as"),
        ("option-text", "x" * 6, "Module contacts was not started. Text: "),
        ("option-way", "C", "Module contacts was not started. Way: "),
        ("option-names", "a\nb\nc\nd", "Module contacts was not started. Names: "),
    ],
    ids=["integer", "endless", "time", "text", "choice", "list"],
)
def test_option_that_does_not_fit_is_told_by_its_title(
    books: Wired, surfer: Surfer, field: str, value: str, told: str
) -> None:
    """Nothing starts, and the notice names the field as the page does."""
    page = surfer.open("/workspaces/acme/integrations/books")

    (notice,) = surfer.submit(page, MORE, **{field: value}).notices

    assert notice.startswith(told)
    assert books.started == []


def test_plan_shows_counts_and_names(ledger: Wired, surfer: Surfer, scripts: Scripts) -> None:
    """What a run would make is counted and listed, and nothing is there afterwards."""
    scripts.work["contacts"] = lambda ctx: ctx.contacts.store(
        [Contact(id="c1", name=HOSTILE), Contact(id="c2", name="Kauri Ltd")], cursor="1"
    )

    page = planned(surfer)

    assert page.status == 200
    assert page.words("h1") == ["What Contacts would do now"]
    assert page.words(".plan-groups li") == ["2 New would be made here"]
    assert page.words("tbody th") == [HOSTILE, "Kauri Ltd"]
    assert page.html.select("main script") == []
    assert ledger.started == []
    assert ledger.database.rows("SELECT id FROM customers") == []


@pytest.mark.usefixtures("ledger")
def test_plan_of_nothing_says_so(surfer: Surfer) -> None:
    """Where nothing would happen the page is not just empty."""
    assert "Nothing has changed since the last time." in planned(surfer).text


def test_plan_of_a_push_counts_invoices(ledger: Wired, surfer: Surfer) -> None:
    """A push reads nothing; its page leads to each invoice."""
    stage = SyncStage(ledger)
    ledger.switch_on("contacts", "tax_rates", "items", "invoices")
    stage.succeed("tax_rates", "contacts", "items")
    page = surfer.open(OVERVIEW)
    form = page.one("#sync-invoice_push-form")
    form["action"] = page.one("#sync-invoice_push-plan")["formaction"]

    page = surfer.submit(page, "#sync-invoice_push-form")

    assert "0 invoices would be sent" in page.text
    assert page.html.select(f'main a[href="{OVERVIEW}/invoices"]')


def write(ctx: RunContext) -> None:
    """Write at the provider, which a plan must not."""
    ctx.http.post("seen").raise_for_status()


@pytest.mark.usefixtures("ledger")
def test_what_cannot_be_planned_is_told(surfer: Surfer, scripts: Scripts) -> None:
    """A module that writes is started without a look ahead."""
    scripts.work["contacts"] = write

    (notice,) = planned(surfer).notices

    assert notice == (
        "What Contacts would do cannot be shown: it writes at the provider as it runs."
        " Start it to see what it does."
    )


def test_plan_is_refused_as_the_start_is(ledger: Wired, surfer: Surfer) -> None:
    """A page from before the cooldown began is told the time left."""
    page = surfer.open(OVERVIEW)
    SyncStage(ledger).succeed("contacts")
    page.one(MORE)["action"] = f"{OVERVIEW}/syncs/contacts/plan"

    (notice,) = surfer.submit(page, MORE).notices

    assert notice == "Contacts was started a moment ago. Try again in 60 seconds."


def test_collapsed_list_is_believed_on_a_page_of_its_own(ledger: Wired, surfer: Surfer) -> None:
    """Only after such a run it is asked, in the run's words, and then the run believes it."""
    stage = SyncStage(ledger)
    before = surfer.open(OVERVIEW)
    run = stage.begin("contacts")
    stage.spoil(run, "LEDGER_LIST_COLLAPSED")
    stage.end(run, RunState.PARTIAL)
    ledger.clock.advance(seconds=60)
    (link,) = surfer.open(OVERVIEW).html.select('#sync-contacts a[href$="/believe"]')

    page = surfer.submit(surfer.open(str(link["href"])), "main form[action*=syncs]")

    assert before.html.select('a[href$="/believe"]') == []
    assert page.notices == ["Contacts was started."]
    believed = runs.get(ledger.database, ledger.started[-1])
    assert believed
    assert (believed.accept_collapse, believed.full_read) == (True, False)


@pytest.mark.parametrize("module", ["contacts", "weather"])
def test_nothing_is_asked_where_nothing_collapsed(
    ledger: Wired, surfer: Surfer, module: str
) -> None:
    """An address from before leads to a page that has nothing to confirm."""
    stage = SyncStage(ledger, ACME)
    run = stage.begin("contacts")
    stage.spoil(run)
    stage.end(run, RunState.PARTIAL)

    page = surfer.open(f"{OVERVIEW}/syncs/{module}/believe")

    assert page.words("h1") == ["There is nothing to confirm"]
    assert page.html.select("main form") == []
