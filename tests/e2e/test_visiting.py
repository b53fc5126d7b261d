"""Going from page to page with the console's scripts: what stays, what goes, and what is said."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from chromium import answering
from staged_console import HOME, StagedConsole
from staged_windows import FORM, reload, soon

TALL = "<p>line</p>" * 100
CHOICES = (
    '<input id="tick" type="checkbox"><textarea id="area"></textarea>'
    '<select id="one"><option id="a">a</option><option id="b">b</option></select>'
    f'<form action="{HOME}"><input id="q" name="q"><button id="find">Search</button></form>'
    f'<a id="all" href="{HOME}?all=1">Show all</a>'
)
ELSEWHERE = f'<a id="elsewhere" href="{HOME}/other">Other</a>'


def choose(page: Page) -> None:
    """Change everything that can be changed."""
    page.locator("#tick").check()
    page.locator("#area").fill("typed")
    page.locator("#one").select_option("b")
    page.locator("#q").fill("zzzz")


def chosen(page: Page) -> list[object]:
    """Return how everything that can be changed is."""
    found: list[object] = page.evaluate(
        "[tick.checked, ...[area, one, q].map((each) => each.value)].map(String)"
    )
    return found


@pytest.mark.parametrize(
    "ask",
    [lambda page: page.locator("#all").click(), lambda page: page.locator("#find").click()],
    ids=["link", "search"],
)
def test_who_asks_for_a_page_sees_it_as_the_server_has_it(
    page: Page, console: StagedConsole, ask: Callable[[Page], None]
) -> None:
    """Neither a link, nor a search, nor the way back shows what was typed before on that path."""
    console.pages[""] = CHOICES
    page.reload()
    fresh = chosen(page)
    choose(page)
    with page.expect_response(lambda answer: "?" in answer.url and "live" not in answer.url):
        ask(page)
    soon(lambda: chosen(page) == fresh, page)
    choose(page)
    page.go_back()
    soon(lambda: chosen(page) == fresh, page)


def test_what_is_typed_outlives_live_changes_and_other_forms(
    page: Page, console: StagedConsole
) -> None:
    """Neither the answer to another form nor a change of a live part takes it away."""
    console.pages[""] = FORM + CHOICES
    page.reload()
    choose(page)
    typed = chosen(page)
    page.locator("#save").click()
    expect(page.locator("#notices")).to_have_text("Saved.")
    console.change("part", '<section id="part"><h2>Two</h2></section>')
    expect(page.locator("#part h2")).to_have_text("Two")
    assert chosen(page) == typed


@pytest.mark.parametrize("filled", ["", "yes"], ids=["typed", "filled-in"])
def test_unsaved_choices_are_not_left_without_asking(
    page: Page, console: StagedConsole, filled: str
) -> None:
    """Where choices are collected before they are saved, a link asks before it leaves them."""
    unsaved = FORM.replace('id="form"', f'id="form" data-unsaved="{filled}"')
    console.pages[""] = unsaved + ELSEWHERE
    console.pages["/other"] = "<h1>Other</h1>"
    page.reload()
    if not filled:
        page.locator("#name").fill("typed")
    told = answering(page, "stay", "go")
    page.locator("#elsewhere").click()
    soon(lambda: bool(told), page)
    assert "not saved yet" in told[0]
    expect(page.locator("#name")).to_have_value("" if filled else "typed")
    page.locator("#elsewhere").click()
    expect(page.locator("h1")).to_have_text("Other")


def test_unsaved_choices_are_not_gone_back_from_without_asking(
    page: Page, console: StagedConsole
) -> None:
    """Whoever stays is where they were, however far the way led; whoever goes is gone."""
    unsaved = FORM.replace('id="form"', 'id="form" data-unsaved=""')
    console.pages[""] = f'<a id="in" href="#name">Name</a>{unsaved}{ELSEWHERE}'
    console.pages["/other"] = f'<h1>Other</h1><a id="on" href="{HOME}">On</a>'
    page.goto(f"{console.address}/other")
    for way in ("on", "in", "elsewhere", "on"):
        page.locator(f"#{way}").click()
    page.locator("#name").fill("typed")
    place = page.evaluate("history.state.entry")
    told = answering(page, "stay", "stay", "go")
    for number, entries in enumerate((-1, -4), start=1):
        page.evaluate(f"history.go({entries})")
        soon(lambda number=number: len(told) == number, page)
        soon(lambda: page.evaluate("history.state.entry") == place, page)
        expect(page.locator("#name")).to_have_value("typed")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Other")
    assert len(told) == 3


UNSAVED = FORM.replace('id="form"', 'id="form" data-unsaved=""') + ELSEWHERE


def typing(page: Page, console: StagedConsole) -> None:
    """Type into a form that must not be left without a question."""
    console.pages[""] = UNSAVED
    console.pages["/other"] = "<h1>Other</h1>"
    page.reload()
    page.locator("#name").fill("typed")


def test_whoever_agreed_to_go_is_not_asked_again(page: Page, console: StagedConsole) -> None:
    """While the next page is on its way, another click leads on without a question."""
    typing(page, console)
    told, held = answering(page, "go", "stay"), list[Route]()
    page.route("**/other", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it gets an attribute
    page.locator("#elsewhere").click()
    soon(lambda: bool(held), page)
    page.locator("#elsewhere").click()
    expect(page.locator("h1")).to_have_text("Other")
    assert len(told) == 1


def test_form_without_a_proper_answer_says_so_to_who_stays(
    page: Page, console: StagedConsole
) -> None:
    """Where the answer is no page of ours, what is typed stays with a word of what happened."""
    typing(page, console)
    page.route("**/save", lambda route: route.fulfill(status=502, body="Bad gateway"))
    told = answering(page, "stay")
    page.locator("#save").click()
    soon(lambda: bool(told), page)
    expect(page.locator("#notices")).to_contain_text("may not be saved")
    expect(page.locator("#name")).to_have_value("typed")


def test_form_that_was_taken_leads_on_without_a_question(
    page: Page, console: StagedConsole
) -> None:
    """What it leads to may be a page that the browser loads as a whole: all is saved by then."""
    typing(page, console)
    console.leads_to, console.piece = f"{HOME}/piece", "<h1>Plain</h1>"
    told = answering(page, "stay")
    page.locator("#save").click()
    expect(page.locator("h1")).to_have_text("Plain")
    assert told == []


def test_page_that_answers_a_form_has_a_way_back(page: Page, console: StagedConsole) -> None:
    """Back from it leads to the page with the form; a place on it is a place, and loads nothing."""
    console.pages["/other"] = f'<h1>Other</h1><a id="on" href="{HOME}">On</a>'
    console.pages[""] = TALL + FORM
    console.answers["/save"] = (
        "Plan",
        f'<h1>Plan</h1><a id="in" href="#end">End</a>{TALL}<p id="end">',
    )
    page.goto(f"{console.address}/other")
    page.locator("#on").click()
    page.locator("#save").click()
    expect(page.locator("h1")).to_have_text("Plan")
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("h1")).to_be_in_viewport()
    page.locator("#in").click()
    expect(page.locator("#end")).to_be_in_viewport()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Plan")
    page.go_back()
    expect(page.locator("#form")).to_be_in_viewport()
    expect(page.locator("h1")).to_have_count(0)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Other")


def test_form_that_is_shown_again_is_no_page_to_go_back_from(
    page: Page, console: StagedConsole
) -> None:
    """It stays where it is, with what is wrong with it in sight; Back leaves it."""
    wrong = '<div role="alert" id="wrong">Wrong</div>'
    console.pages["/other"] = f'<h1>Other</h1><a id="on" href="{HOME}">On</a>'
    console.pages[""] = TALL + FORM
    console.answers["/save"] = ("home", wrong + TALL + FORM)
    page.goto(f"{console.address}/other")
    page.locator("#on").click()
    page.locator("#save").click()
    expect(page.locator("#wrong")).to_be_in_viewport()
    expect(page.locator("#save")).to_be_focused()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Other")


def test_answer_is_in_sight_wherever_the_form_is(page: Page, console: StagedConsole) -> None:
    """What became of a form is told in sight, and the form with its focus stays in sight, too."""
    console.pages[""] = TALL + FORM + TALL
    page.reload()
    page.locator("#save").click()
    expect(page.locator("#notices")).to_have_text("Saved.")
    expect(page.locator("#notices")).to_be_in_viewport()
    expect(page.locator("#save")).to_be_in_viewport()
    expect(page.locator("#save")).to_be_focused()


def test_menu_closes_on_the_next_page(page: Page, console: StagedConsole) -> None:
    """The person's menu does not cover the page that somebody goes on to."""
    console.pages[""] = ELSEWHERE
    console.pages["/other"] = "<h1>Other</h1>"
    page.reload()
    page.locator(".top-person summary").click()
    page.locator("#elsewhere").dispatch_event("click")
    expect(page.locator("h1")).to_have_text("Other")
    expect(page.locator(".person-menu")).to_be_hidden()


def test_menu_is_above_what_is_told(page: Page, console: StagedConsole) -> None:
    """A notice does not cover the person's menu, so that each way out of it can be taken."""
    console.notices.append("Saved. " * 99)
    page.reload()
    page.locator(".top-person summary").click()
    for way in page.locator(".person-menu :is(a, button)").all():
        way.click(trial=True)


def test_what_a_notice_says_is_not_said_again(page: Page, console: StagedConsole) -> None:
    """A change that somebody made is told in the answer to the form, and not by the stream."""
    console.held.clear()
    page.locator("#save").click()
    console.tell("say", "Saved")
    console.tell("say", "Somebody else came")
    console.change("part", '<section id="part"><h2>Two</h2></section>')
    expect(page.locator("#part h2")).to_have_text("Two")
    console.held.set()
    expect(page.locator("#notices")).to_have_text("Saved.")
    expect(page.locator("#announcements")).to_have_text("Somebody else came.")


def test_next_page_hears_no_old_news(page: Page, console: StagedConsole) -> None:
    """A page that is gone to does not ask for what happened while another was open."""
    console.pages[""] = f'<a id="again" href="{HOME}?again=1">Again</a>'
    reload(page, console)
    console.tell("say", "Something", turn=7)
    expect(page.locator("#announcements")).to_have_text("Something.")
    with page.expect_request(lambda request: "/live" in request.url) as asked:
        page.locator("#again").click()
    assert "turn=" not in asked.value.url


def polling(page: Page, console: StagedConsole) -> None:
    """Show a page that asks for a piece of it again and again."""
    console.pages["/run"] = f'<p id="run" data-poll="{HOME}/piece">1</p>{ELSEWHERE}'
    page.goto(f"{console.address}/run")


def test_late_piece_changes_no_other_page(page: Page, console: StagedConsole) -> None:
    """What was asked for by a page that is gone is let go, though the next has the same pieces."""
    console.pages["/other"] = '<p id="run">Another run</p>'
    console.piece = '<p id="run" data-title="Late">Late</p>'
    held: list[Route] = []
    page.route("**/piece", lambda route: held.append(route))  # noqa: PLW0108 - it gets an attribute
    polling(page, console)
    soon(lambda: bool(held), page)
    page.locator("#elsewhere").click()
    expect(page.locator("#run")).to_have_text("Another run")
    with page.expect_event("requestfinished", lambda request: "/piece" in request.url):
        held[0].continue_()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    expect(page.locator("#run")).to_have_text("Another run")
    expect(page).to_have_title("/other · Syncline")


def test_pieces_that_do_not_come_show_a_lost_server(page: Page, console: StagedConsole) -> None:
    """Two in a row do, until one comes; the window is called by what it brings."""
    console.piece = f'<p id="run" data-poll="{HOME}/piece" data-title="Contacts: Running">2</p>'
    console.piece_status = 503
    polling(page, console)
    lost = page.locator("#lost")
    expect(lost).to_contain_text("Connection to Syncline lost")
    expect(page.locator("#run")).to_have_text("1")
    console.piece_status = 200
    expect(lost).to_be_empty()
    expect(page.locator("#run")).to_have_text("2")
    expect(page).to_have_title("Contacts: Running")


def test_pieces_that_are_refused_load_the_page(page: Page, console: StagedConsole) -> None:
    """Who may not see it any longer is shown why."""
    console.piece_status = 403
    polling(page, console)
    console.pages["/run"] = "<h1>You cannot see this</h1>"
    expect(page.locator("h1")).to_have_text("You cannot see this")


def test_pieces_come_at_once_when_a_window_is_seen_again(
    page: Page, console: StagedConsole
) -> None:
    """A window that nobody sees asks now and then; seen again it shows how things are now."""
    console.piece = f'<p id="run" data-poll="{HOME}/piece">2</p>'
    page.clock.install()
    polling(page, console)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    told = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide % "true" + told)
    page.clock.run_for(31_000)
    expect(page.locator("#run")).to_have_text("2")
    console.piece = f'<p id="run" data-poll="{HOME}/piece">3</p>'
    page.evaluate(hide % "false" + told)
    page.clock.run_for(10)
    expect(page.locator("#run")).to_have_text("3")


ORGANISED = '<section id="part" data-organisation="{}">Here</section>'


def test_what_no_stream_tells_is_of_the_organisation_that_is_connected(
    page: Page, console: StagedConsole
) -> None:
    """A page that hears of another organisation looks once at what only the page itself tells."""
    console.parts["part"] = ORGANISED.format("kauri")
    console.parts["calls"] = '<section id="calls" class="calls">3 left</section>'
    reload(page, console)
    console.parts["calls"] = '<section id="calls" class="calls">60 left</section>'
    console.change("part", ORGANISED.format("kauri"))
    console.change("part", ORGANISED.format("rimu"))
    expect(page.locator("#calls")).to_have_text("60 left")
    assert console.peeks == 1


def test_what_no_stream_tells_is_looked_for_until_it_comes(
    page: Page, console: StagedConsole
) -> None:
    """It is hidden while it is not there yet; no page, or one without it, is not the last word."""
    console.parts["part"] = ORGANISED.format("kauri")
    console.parts["calls"] = '<section id="calls" class="calls">3 left</section>'
    reload(page, console)
    lost: list[Route] = []
    page.route(console.address, lambda route: lost.append(route), times=1)  # noqa: PLW0108 - it gets an attribute
    console.parts["calls"] = '<section id="calls" hidden></section>'
    console.change("part", ORGANISED.format("rimu"))
    expect(page.locator("#calls")).to_be_hidden()
    soon(lambda: bool(lost), page)
    lost[0].abort()
    soon(lambda: console.peeks == 1, page)
    console.parts["calls"] = '<section id="calls" class="calls">60 left</section>'
    expect(page.locator("#calls")).to_have_text("60 left")
