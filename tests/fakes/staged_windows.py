"""Windows of a real browser before a staged console."""

import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from chromium import PATIENCE
from staged_console import HOME, StagedConsole

PART = '<section id="part"><h2>{}</h2>{}</section>'
FORM = (
    '<form id="form" method="post" action="' + HOME + '/save"><label for="name">Name</label>'
    '<input id="name" name="name"><button id="save">Save</button></form>'
)


def opened(windows: BrowserContext, console: StagedConsole) -> Page:
    """Return a new window once it follows, or has been told how things stand."""
    page = windows.new_page()
    with page.expect_response(lambda answer: "/live" in answer.url):
        page.goto(console.address)
    return page


def reload(page: Page, console: StagedConsole) -> None:
    """Load the only window anew, and return once it follows: as itself, no more as it was."""
    before = console.followed
    page.reload()
    soon(lambda: console.followed > before and console.open_streams == 1, page)


def soon(happened: Callable[[], bool], page: Page) -> None:
    """Return once something has happened outside of the browser."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
