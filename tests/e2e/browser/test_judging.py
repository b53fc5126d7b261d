"""What fails a test of a page does fail it: these pages are bad on purpose."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from chromium import Person
from judging import NARROW, assert_accessible, look, too_wide, weighty
from local_stack import LocalStack

pytestmark = pytest.mark.slow
_POLICY = {"Content-Security-Policy": "default-src 'none'; script-src 'self' 'nonce-ours'"}


@pytest.fixture
def shown(new_person: Callable[..., Person], stack: LocalStack) -> Callable[[str], Person]:
    """Shows somebody a page with this body, at an address of the console's."""

    def show(body: str) -> Person:
        person = new_person(stack)
        html = f"<!doctype html><html lang='en'><title>Bad</title><body><main>{body}</main>"

        def answer(route: Route) -> None:
            route.fulfill(body=html, content_type="text/html", headers=_POLICY)

        person.page.route(f"{person.origin}/bad", answer)
        person.page.goto(f"{person.origin}/bad")
        return person

    return show


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>alert(1)</script>", "Content Security Policy"),
        ("<h1 onclick='x()'>Hm</h1><img src='x' onerror='x()'>", "Content Security Policy"),
        ("<script nonce='ours'>throw new Error('oh')</script>", "script: .*oh"),
        ("<script nonce='ours'>console.error('oh')</script>", "console: oh"),
        ("<script nonce='ours' src='/static/none.js'></script>", "status of 404"),
    ],
    ids=["inline-script", "inline-handler", "error", "said", "missing"],
)
def test_complaints_of_a_page_are_heard(
    shown: Callable[[str], Person], body: str, complaint: str
) -> None:
    """A broken policy, an error and what does not load are troubles of whoever sees the page."""
    person = shown(body)
    person.page.evaluate("new Promise((done) => setTimeout(done))")

    assert re.search(complaint, "\n".join(person.troubles)), person.troubles
    person.troubles.clear()


def test_what_is_not_for_everybody_is_found(shown: Callable[[str], Person]) -> None:
    """A control without a name is found by axe, and what is wider than the window by its width."""
    page = shown("<h1>Bad</h1><select></select><pre>" + "wide" * 500 + "</pre>").page

    assert "select-name" in weighty(page)[0]
    assert weighty(page, "dark") == []
    look(page, NARROW, "light")
    assert too_wide(page)[0] == "the page"
    assert "<pre>" in "".join(too_wide(page))
    with pytest.raises(AssertionError, match="at 390 px, light"):
        assert_accessible(page)


def test_faint_words_are_found_in_the_dark(shown: Callable[[str], Person]) -> None:
    """What cannot be read in one of the schemes is found there."""
    page = shown("<h1>Bad</h1><p><font color='#888888'>Faint</font></p>").page

    assert "color-contrast" in weighty(page, "dark")[0]
