"""The chain on the overview, against a real server."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from browsing import Page, Surfer
from scripted_modules import installed, module, step
from sync_stage import SyncStage, drawn, standing
from syncline_client import Client
from syncline_console.people import Role
from syncline_console.statics import FOLDER
from syncline_console.views.chain import CHAIN
from syncline_server.core.model import ConnectionState, RunState
from syncline_server.core.names import Connection
from syncline_server.storage import connections
from syncline_server.storage.database import Database
from wiring import ACME, Served, Wired, Wishes, served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OVERVIEW = "/workspaces/acme/integrations/ledger"
ALL = ("contacts", "tax_rates", "items", "invoices")
HOSTILE = "<script>alert(1)</script>\u202egnp.\" onload='x' {{ 7 * 7 }}"


def states(page: Page) -> dict[str, str]:
    """Return the state of each node, in the order they are shown."""
    found = page.html.select("#chain [data-node]")
    return {str(node["data-node"]): str(node["data-state"]) for node in found}


def off(_stage: SyncStage) -> None:
    """Be connected with everything off."""
    _stage.wired.connect()


def ready(stage: SyncStage) -> None:
    """Have everything be on, and nothing done."""
    off(stage)
    stage.wired.switch_on(*ALL)


def reading(stage: SyncStage) -> None:
    """Have tax rates be read."""
    ready(stage)
    stage.handle(stage.begin("tax_rates"), fetched=1200, total=20000)


def mapping(stage: SyncStage) -> None:
    """Have three tax rates be there to map."""
    ready(stage)
    stage.succeed("tax_rates")
    stage.read_rates(3)


def mapped(stage: SyncStage) -> None:
    """Have them be mapped, and contacts be synced."""
    mapping(stage)
    stage.map_rates()
    stage.succeed("contacts")


def done(stage: SyncStage) -> None:
    """Have everything be done."""
    mapped(stage)
    stage.succeed("items", "invoice_push", "invoice_pull")


def reopened(stage: SyncStage) -> None:
    """Have a tax rate appear after everything was done."""
    done(stage)
    stage.read_rates(1)


def paused(stage: SyncStage) -> None:
    """Have the tax rates wait for an hour."""
    ready(stage)
    stage.park(stage.begin("tax_rates"), "Its limit is used up.")


def failed(stage: SyncStage) -> None:
    """Have everything be done, and the items have failed since."""
    done(stage)
    stage.wired.clock.advance(seconds=60)
    stage.end(stage.begin("items"), RunState.FAILED, "It is locked.")


def gone(stage: SyncStage) -> None:
    """Have the provider end the access after contacts were synced."""
    mapped(stage)
    database, now = stage.wired.database, stage.wired.clock()
    with database.transaction():
        row = connections.lock(database, ACME, now)
        row = replace(row, state=ConnectionState.RECONNECT_REQUIRED)
        connections.save(database, row, now)


BLOCKED_INVOICES = {"invoice_push": "blocked", "invoice_pull": "blocked"}
STORIES: dict[str, tuple[Callable[[SyncStage], None], list[str], str]] = {
    "new": (
        lambda _stage: None,
        ["off", "off", "off", "off", "off", "off"],
        "Connect Ledger first, then switch on what to sync.",
    ),
    "off": (
        off,
        ["off", "off", "off", "off", "off", "off"],
        "Nothing is switched on yet. Choose below what to sync; Tax Rates comes first.",
    ),
    "ready": (
        ready,
        ["next", "blocked", "blocked", "blocked", "blocked", "blocked"],
        "Next: start Tax Rates. Then comes Tax Mapping.",
    ),
    "reading": (
        reading,
        ["running", "blocked", "blocked", "blocked", "blocked", "blocked"],
        "Tax Rates is syncing. Then comes Tax Mapping.",
    ),
    "mapping": (
        mapping,
        ["done", "next", "blocked", "blocked", "blocked", "blocked"],
        "Next: map 3 open tax rates. Then Contacts and Items can sync.",
    ),
    "mapped": (
        mapped,
        ["done", "done", "done", "next", "blocked", "blocked"],
        "Next: start Items. Then Invoice Push and Invoice Pull can sync.",
    ),
    "done": (
        done,
        ["done", "done", "done", "done", "done", "done"],
        "Everything that is switched on has synced, and the last syncs left no issues.",
    ),
    "reopened": (
        reopened,
        ["done", "next", "blocked", "blocked", "blocked", "blocked"],
        "Next: map 1 open tax rate. Then Contacts, Items, Invoice Push and Invoice Pull can sync.",
    ),
    "paused": (
        paused,
        ["running", "blocked", "blocked", "blocked", "blocked", "blocked"],
        "Tax Rates is paused. It goes on by itself 1 Oct 2026, 13:00 UTC .",
    ),
    "failed": (
        failed,
        ["done", "done", "done", "done", "done", "done"],
        "Everything has synced before, but Items failed last time.",
    ),
    "gone": (
        gone,
        ["done", "done", "done", "blocked", "blocked", "blocked"],
        "Reconnect Ledger: nothing is synced until then.",
    ),
}
NODES = ("tax_rates", "tax_mapping", "contacts", "items", "invoice_push", "invoice_pull")


@pytest.mark.parametrize(("bring", "expected", "sentence"), STORIES.values(), ids=STORIES.keys())
def test_every_stage_of_the_chain_is_shown(
    server: Served,
    surfer: Surfer,
    bring: Callable[[SyncStage], None],
    expected: list[str],
    sentence: str,
) -> None:
    """Each node has its state, and one sentence says what to do."""
    bring(SyncStage(server.wired))

    page = surfer.open(OVERVIEW)

    assert states(page) == dict(zip(NODES, expected, strict=True))
    assert page.words("#chain-summary") == [sentence]


def test_state_is_told_in_words(server: Served, surfer: Surfer) -> None:
    """Nobody has to know the colours, and a step for a person is called one."""
    mapped(SyncStage(server.wired))
    server.wired.switch_on("contacts", "tax_rates", "items")

    page = surfer.open(OVERVIEW)

    assert page.words("#chain .chain-state") == [
        "Done",
        "Done , a step for a person",
        "Done",
        "Next",
        "Off",
        "Off",
    ]


def test_open_issues_of_all_runs_are_a_step_away(surfer: Surfer) -> None:
    """What the sentence does not know of is behind a link beside the syncs."""
    assert surfer.open(OVERVIEW).one("#syncs-issues")["href"] == f"{OVERVIEW}/issues"


def test_very_next_step_stands_out_and_leads_to_its_page(server: Served, surfer: Surfer) -> None:
    """One action is the primary one: for a step its mapping page, for a module its card."""
    stage = SyncStage(server.wired)
    mapping(stage)
    step_page = surfer.open(OVERVIEW)
    stage.map_rates()
    module_page = surfer.open(OVERVIEW)

    first = step_page.one("#chain .is-first a.primary")
    assert (first.get_text(), first["href"]) == ("Map 3 open tax rates", f"{OVERVIEW}/tax-mapping")
    first = module_page.one("#chain .is-first a.primary")
    assert (first.get_text(), first["href"]) == ("Start Contacts", f"{OVERVIEW}#sync-contacts")
    assert module_page.one("#chain-items a.button").get_text() == "Start Items"


def test_blocked_node_says_everything_that_blocks_it(server: Served, surfer: Surfer) -> None:
    """The words name what the picture leaves out, in the order to do it."""
    mapping(SyncStage(server.wired))

    page = surfer.open(OVERVIEW)

    assert page.words("#chain-invoice_push .chain-why") == [
        "Map 3 open tax rates. Sync Contacts first. Sync Items first."
    ]


def test_running_node_says_how_far_it_is(server: Served, surfer: Surfer) -> None:
    """Its bar and its words come from the run."""
    reading(SyncStage(server.wired))

    page = surfer.open(OVERVIEW)

    assert page.one("#chain-tax_rates progress")["value"] == "60"
    assert page.words("#chain-tax_rates .chain-why") == ["1,200 of 20,000 read"]


def test_node_says_that_it_waits_or_has_failed(server: Served, surfer: Surfer) -> None:
    """Running and done are not all there is to say."""
    stage = SyncStage(server.wired)
    ready(stage)
    run = stage.queue("tax_rates")
    queued = surfer.open(OVERVIEW)
    stage.park(stage.wired.begin(run.id), "Its limit is used up.")
    parked = surfer.open(OVERVIEW)
    stage.wired.runs.cancel("acme", run.id)
    stage.wired.clock.advance(seconds=60)
    stage.end(stage.begin("tax_rates"), RunState.FAILED, "It is locked.")
    ended = surfer.open(OVERVIEW)

    assert queued.words("#chain-tax_rates .chain-why") == ["Waiting to start."]
    assert parked.words("#chain-tax_rates .chain-why") == ["Paused. 0 read"]
    assert ended.words("#chain-tax_rates .chain-why") == ["The last sync failed."]


def test_lines_say_what_blocks_what(server: Served, surfer: Surfer) -> None:
    """Done lines and blocking ones differ; what only comes after is dashed."""
    mapping(SyncStage(server.wired))

    page = surfer.open(OVERVIEW)

    lines = [" ".join(line["class"]) for line in page.html.select(".chain-lines path")]
    assert sorted(lines) == [
        "line line-blocking",
        "line line-blocking",
        "line line-blocking",
        "line line-blocking",
        "line line-blocking",
        "line line-blocking line-dashed",
        "line line-done",
    ]


ASKED = {
    Role.VIEWER: ["See Tax Mapping", "See Contacts", "See Items"],
    Role.OPERATOR: ["Map 1 open tax rate", "Start Contacts", "See Items"],
    Role.ADMIN: ["Map 1 open tax rate", "Start Contacts", "Turn Sync Items on"],
}


@pytest.mark.parametrize(("role", "asked"), ASKED.items(), ids=ASKED.keys())
def test_nobody_is_asked_for_what_they_may_not_do(
    server: Served, client: Client, role: Role, asked: list[str]
) -> None:
    """Who may only look is led there to see, by no button that stands out."""
    stage = SyncStage(server.wired)
    off(stage)
    server.wired.switch_on("tax_rates", "contacts")
    stage.succeed("tax_rates")
    stage.read_rates(1)
    step_first = drawn(CHAIN, standing(client), role)
    stage.map_rates()
    module_first = drawn(CHAIN, standing(client), role)

    pairs = [(step_first, "tax_mapping"), (module_first, "contacts"), (module_first, "items")]
    texts = [page.select(f"#chain-{node}-action")[0].get_text() for page, node in pairs]
    assert texts == asked
    assert bool(step_first.select("a.primary")) is (role is not Role.VIEWER)


def test_picture_has_no_style_of_its_own(server: Served, client: Client) -> None:
    """Nothing of it needs an inline style, and every id is there once."""
    mapping(SyncStage(server.wired))

    viewer = drawn(CHAIN, standing(client), Role.VIEWER)

    assert viewer.select("[style], style, script, [onclick]") == []
    ids = [str(each["id"]) for each in viewer.select("[id]")]
    assert len(ids) == len(set(ids))


def test_hostile_titles_stay_text(database: Database) -> None:
    """A plugin's words cannot become markup, wherever the chain shows them."""
    nodes = [replace(each, title=HOSTILE) for each in (module("a"), step("b", requires=["a"]))]
    key = Connection("acme", "books")
    wired = Wired(database, Wishes(catalogue=installed(*nodes)))
    with served(wired) as server, server.client() as client:
        wired.connect(key)
        wired.switch_on("a", key=key)

        found = drawn(CHAIN, standing(client, key), Role.ADMIN)

    assert found.select("script, [onload]") == []
    assert [each.get_text() for each in found.select(".chain-name bdi")] == [HOSTILE, HOSTILE]
    assert f"Next: start {HOSTILE}." in found.select("#chain-summary")[0].get_text()


def test_wide_chain_of_a_plugin_is_drawn(database: Database) -> None:
    """Thirty nodes of another provider, each at a place of its own that the style sheet knows."""
    names = [f"m{number:02}" for number in range(30)]
    nodes = [
        module(name, requires=[names[number // 2]] if number > 1 else (), toggle="all")
        for number, name in enumerate(names)
    ]
    key = Connection("acme", "books")
    wired = Wired(database, Wishes(catalogue=installed(*nodes)))
    with served(wired) as server, server.client() as client:
        found = drawn(CHAIN, standing(client, key), Role.ADMIN)

    places = {tuple(node["class"])[1:4] for node in found.select("[data-node]")}
    style = (FOLDER / "css/chain.css").read_text()
    assert len(places) == 30
    assert all(f".{name} {{" in style for place in places for name in place)
