"""The console's scripts in a real browser, before pages and streams that a test decides."""

import re
import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from staged_console import HOME, StagedConsole
from staged_windows import FORM, PART, opened, reload, soon

HOUR = 3600


def countdown(page: Page) -> int:
    """Return how many seconds a page says are left."""
    return seconds(page.locator("[data-ends]").inner_text())


def end_shown(page: Page) -> float:
    """Return when a page says that its countdown ends, by the clock of this machine."""
    text, now = page.locator("[data-ends]").evaluate(
        "(each) => [each.textContent, Date.now() / 1000]"
    )
    return float(now) + seconds(text)


def seconds(text: str) -> int:
    """Return how many seconds are told."""
    words = text.split()
    sizes = {"h": HOUR, "min": 60, "s": 1}
    return sum(int(n) * sizes[unit] for n, unit in zip(words[::2], words[1::2], strict=True))


def agree(one: Page, two: Page) -> bool:
    """Return whether two pages count down to the same moment; they show whole seconds."""
    return abs(end_shown(one) - end_shown(two)) <= 1


def counting(console: StagedConsole, seconds: int) -> str:
    """Return a part that counts down from so many seconds, by the server's clock."""
    ends = console.now + seconds * 1000
    return PART.format("Wait", f'<span id="left" data-ends="{ends}">?</span>')


def test_head_is_one_row_on_a_phone(page: Page) -> None:
    """Long names are cut; who is signed in is at the edge, in line with the page below."""
    page.set_viewport_size({"width": 390, "height": 844})
    for where, name in (
        ("workspace", "harbour-goods-and-sons"),
        ("person > summary", "Mia P. " * 9),
    ):
        page.locator(f".top-{where} bdi").evaluate(
            "(found, name) => found.textContent = name", name
        )

    head, person, part = (
        page.locator(each).bounding_box() for each in (".top", ".top-person summary", "#part")
    )

    assert head
    assert person
    assert part
    assert head["height"] < 2 * person["height"]
    assert person["x"] + person["width"] == pytest.approx(part["x"] + part["width"], abs=1)


def test_change_is_merged_in(page: Page, console: StagedConsole) -> None:
    """A part that the server sends takes the place of the one before."""
    console.change("part", PART.format("Two", ""))
    expect(page.locator("#part h2")).to_have_text("Two")


def test_focus_typed_text_and_open_details_stay(page: Page, console: StagedConsole) -> None:
    """A live change leaves alone what somebody is about to do."""
    inside = (
        '<details id="more"><summary id="sum">More</summary>x</details>'
        '<input id="search" value=""><button id="go">Go</button><p>{}</p>'
    )
    console.change("part", PART.format("Two", inside.format("old")))
    page.locator("#sum").click()
    page.locator("#search").type("half-ty")
    console.change("part", PART.format("Three", inside.format("new")))
    expect(page.locator("#part p")).to_have_text("new")
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("half-ty")
    assert page.evaluate("document.getElementById('more').open")
    page.locator("#go").focus()
    console.change("part", PART.format("Four", "<p>more</p>" + inside.format("last")))
    expect(page.locator("#part h2")).to_have_text("Four")
    expect(page.locator("#go")).to_be_focused()


def test_countdown_goes_by_the_servers_clock_in_every_tab(
    windows: BrowserContext, console: StagedConsole
) -> None:
    """Seconds left are the same after a reload and in a second tab, whatever the local clock."""
    console.ahead = HOUR
    console.parts["part"] = counting(console, 300)
    one, two = opened(windows, console), opened(windows, console)
    soon(lambda: agree(one, two), one)
    assert 200 < countdown(one) <= 300
    one.reload()
    soon(lambda: agree(one, two), one)


def test_countdown_is_right_after_sleep(windows: BrowserContext, console: StagedConsole) -> None:
    """A machine that slept shows what is left as soon as it wakes up."""
    page = windows.new_page()
    page.clock.install()
    console.parts["part"] = counting(console, 300)
    page.goto(console.address)
    page.clock.run_for(1000)
    before = countdown(page)
    console.ahead = 100  # while a machine sleeps, time passes for everybody
    page.clock.fast_forward(100_000)
    assert before - countdown(page) >= 99


def test_end_of_a_countdown_brings_the_next_state(page: Page, console: StagedConsole) -> None:
    """Where the stream brings nothing after an end, the page looks once more by itself."""
    console.parts["part"] = PART.format("Again", "<button>Sync now</button>")
    console.tell("part", counting(console, 0))
    expect(page.locator("#part button")).to_be_visible()
    assert console.peeks == 1


def test_end_of_a_countdown_that_nothing_follows_shows_the_page_once(
    page: Page, console: StagedConsole
) -> None:
    """A page without live parts is shown anew, with what is typed on it, and never again."""
    left = f'<p>Again in <span data-ends="{console.now + 300_000}">?</span></p>'
    console.pages["/wait"] = FORM + left
    page.clock.install()
    page.goto(f"{console.address}/wait")
    page.locator("#name").fill("half-ty")
    console.notices.append("Saved")
    console.pages["/wait"] = FORM + left + "<h2>Over</h2>"
    page.clock.run_for(304_000)
    expect(page.locator("h2")).to_have_text("Over")
    page.clock.run_for(60_000)
    expect(page.locator("#name")).to_have_value("half-ty")
    assert (console.peeks, console.notices) == (1, ["Saved"])


def test_lost_server_is_shown_and_heals(page: Page, console: StagedConsole) -> None:
    """A calm line says that the server is lost; it goes once it is back, and all is drawn anew."""
    lost = page.locator("#lost")
    expect(lost).to_be_empty()
    console.tell("lost")
    expect(lost).to_contain_text("Connection to Syncline lost")
    assert lost.get_attribute("aria-live") == "polite"
    console.tell("well")
    expect(lost).to_be_empty()
    expect(page.locator("#announcements")).to_contain_text("Connected to Syncline again.")


def test_lost_console_is_shown_and_heals(page: Page, console: StagedConsole) -> None:
    """The page finds a console again that went away, and shows what has changed meanwhile."""
    console.stop()
    expect(page.locator("#lost")).to_contain_text("trying again")
    console.parts["part"] = PART.format("Two", "")
    console.start()
    expect(page.locator("#part h2")).to_have_text("Two")
    expect(page.locator("#lost")).to_be_empty()


def test_changes_are_said_in_words(page: Page, console: StagedConsole) -> None:
    """What the server says of a change is read out, as text."""
    console.tell("say", "Contacts: finished, 120 <b>updated</b>")
    said = page.locator("#announcements")
    expect(said).to_have_text("Contacts: finished, 120 <b>updated</b>.")
    assert said.get_attribute("aria-live") == "polite"


def test_hidden_window_lets_go_and_comes_back(page: Page, console: StagedConsole) -> None:
    """A window that nobody sees for long has no stream; it has one as soon as it is seen again."""
    soon(lambda: console.open_streams == 1, page)
    page.clock.install()
    reload(page, console)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    told = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide % "true" + told)
    page.clock.run_for(31_000)
    soon(lambda: console.open_streams == 0, page)
    console.parts["part"] = PART.format("Two", "")
    page.evaluate(hide % "false" + told)
    expect(page.locator("#part h2")).to_have_text("Two")


def test_many_windows_leave_connections_for_pages(
    windows: BrowserContext, console: StagedConsole
) -> None:
    """Eight windows on HTTP/1.1 all show the part; four hold a stream, and pages still load."""
    pages = [opened(windows, console) for _ in range(8)]
    assert console.open_streams <= 4
    for page in pages:
        expect(page.locator("#part h2")).to_have_text("One")
    pages[-1].reload()
    expect(pages[-1].locator("#part h2")).to_have_text("One")
    console.parts["part"] = PART.format("Two", "")
    expect(pages[-1].locator("#part h2")).to_have_text("Two")


def test_form_is_sent_once_and_its_notice_read_out(page: Page, console: StagedConsole) -> None:
    """While it is on its way a form says so and is not sent again; the page stays as it is."""
    page.evaluate("window.kept = 1")
    page.locator("#name").fill("Kauri")
    console.held.clear()
    page.locator("#save").click()
    form = page.locator("#form")
    expect(form).to_have_attribute("aria-busy", "true")
    expect(page.locator("#save")).to_have_attribute("aria-disabled", "true")
    page.locator("#save").click(force=True)
    page.locator("#name").press("Enter")
    console.held.set()
    expect(page.locator("#notices")).to_contain_text("Saved")
    expect(form).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#save")).not_to_have_attribute("aria-disabled", "true")
    assert [sent["name"] for sent in console.posted] == ["Kauri"]
    expect(page.locator("#name")).to_have_value("")
    assert page.evaluate("window.kept") == 1


def test_what_cannot_be_sent_says_so(page: Page, console: StagedConsole) -> None:
    """A form that does not reach the console keeps what was typed, and can be sent again."""
    page.locator("#name").fill("Kauri")
    page.route("**/save", lambda route: route.abort())
    page.locator("#save").click()
    expect(page.locator("#notices")).to_contain_text("Not sent")
    expect(page.locator("#name")).to_have_value("Kauri")
    page.unroute("**/save")
    page.locator("#save").click()
    expect(page.locator("#notices")).to_have_text("Saved.")
    assert len(console.posted) == 1


def test_links_and_the_way_back(page: Page, console: StagedConsole) -> None:
    """Going on and back shows each page as it is now, at its place, without notices from before."""
    tall = "<p>line</p>" * 100
    console.pages[""] = f'{FORM}{tall}<a id="on" href="{HOME}/other#end">On</a>'
    console.pages["/other"] = f'<h1>Other</h1>{tall}<p id="end">End</p>'
    page.reload()
    page.evaluate("window.kept = 1")
    page.locator("#save").click()
    expect(page.locator("#notices")).to_contain_text("Saved")
    page.locator("#on").click()
    expect(page.locator("h1")).to_have_text("Other")
    expect(page).to_have_title("/other · Syncline")
    expect(page.locator("#end")).to_be_in_viewport()
    expect(page.locator("#main")).to_be_focused()
    assert page.url.endswith("/other#end")
    soon(lambda: console.open_streams == 0, page)
    page.go_back()
    expect(page.locator("#form")).to_be_attached()
    expect(page.locator("#on")).to_be_in_viewport()
    expect(page.locator("#notices")).to_be_empty()
    soon(lambda: console.open_streams == 1, page)
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Other")
    assert page.evaluate("window.kept") == 1


def test_pieces_are_asked_for_until_none_is_left(page: Page, console: StagedConsole) -> None:
    """What no stream tells of is merged in every other second, until the answer asks no more."""
    console.pages["/run"] = f'<p id="run" data-poll="{HOME}/piece">1</p>'
    console.piece = f'<p id="run" data-poll="{HOME}/piece">2</p>'
    page.goto(f"{console.address}/run")
    expect(page.locator("#run")).to_have_text("2")
    console.piece = '<p id="run">3</p>'
    expect(page.locator("#run")).to_have_text("3")
    expect(page.locator("[data-poll]")).to_have_count(0)


@pytest.mark.parametrize(
    "blocked", ["**/*.js*", "**/morph.js*", "**/idiomorph*", "**/live.js*"], ids=str
)
def test_forms_work_with_scripts_that_do_not_arrive(
    windows: BrowserContext, console: StagedConsole, blocked: str
) -> None:
    """With all, some, or a part of the scripts missing, forms are sent and answered."""
    page = windows.new_page()
    page.route(blocked, lambda route: route.abort())
    page.goto(console.address)
    page.locator("#name").fill("Kauri")
    page.locator("#save").click()
    expect(page.locator("#notices")).to_contain_text("Saved")
    assert [sent["name"] for sent in console.posted] == ["Kauri"]


def test_times_are_the_readers(page: Page, console: StagedConsole) -> None:
    """A near time is told in words, unless it has to be a date; the tooltip has all of it."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 180))
    times = f'<time id="near" datetime="{when}">?</time>'
    times += f'<time id="since" datetime="{when}" data-style="absolute">?</time>'
    times += '<time id="far" datetime="2020-01-31T22:00:00Z">?</time>'
    console.change("part", PART.format("Two", times))
    expect(page.locator("#near")).to_have_text("3 minutes ago")
    expect(page.locator("#since")).to_have_text(re.compile(r"20\d\d, \d+:\d\d [ap]m$"))
    expect(page.locator("#far")).to_have_text("1 Feb 2020, 11:00 am")
    expect(page.locator("#far")).to_have_attribute(
        "title", "Saturday, 1 February 2020 at 11:00:00 am NZDT"
    )
