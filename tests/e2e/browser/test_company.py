"""Signing in on the company's own page, in a browser: there, back, and out again."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from judging import assert_accessible
from local_stack import LocalStack
from sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider, signing_people_in

pytestmark = pytest.mark.slow
NewPerson = Callable[..., Person]
_TITLE = "Acme ID"
_PEOPLE = {"Mia": {"acme": "admin"}, "Noa": {}}
"""What the company says of each: somebody new has no role yet."""


@pytest.fixture(scope="module")
def provider() -> Iterator[SignInProvider]:
    """The company's identity provider."""
    with signing_people_in(lambda: datetime.now(UTC), _PEOPLE) as running:
        yield running


@pytest.fixture(scope="module")
def variables(
    provider: SignInProvider, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """Where the console's people sign in: there alone, as it has no local accounts then."""
    secret = tmp_path_factory.mktemp("company") / "client.secret"
    secret.touch(mode=0o600)
    secret.write_text(CLIENT_SECRET)
    return {
        "SYNCLINE_CONSOLE_OIDC_ISSUER": provider.issuer,
        "SYNCLINE_CONSOLE_OIDC_CLIENT_ID": CLIENT_ID,
        "SYNCLINE_CONSOLE_OIDC_CLIENT_SECRET_FILE": str(secret),
        "SYNCLINE_CONSOLE_OIDC_TITLE": _TITLE,
    }


def test_somebody_signs_in_lands_and_signs_out(new_person: NewPerson, stack: LocalStack) -> None:
    """They are led to the page they asked for, with their role; after leaving it is shut again."""
    person = new_person(stack)
    page, wanted = person.page, f"{person.origin}/workspaces/acme/integrations"
    page.goto(wanted)
    assert_accessible(page)
    _sign_in(page, "Mia")
    expect(page).to_have_url(wanted)
    expect(page.get_by_role("heading", level=1)).to_have_text("Integrations")
    page.locator("summary").get_by_text("Mia").click()
    expect(page.locator(".person-menu")).to_contain_text("Admin in acme")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed out at the provider")
    page.goto(wanted)
    expect(page.get_by_role("link", name=f"Sign in with {_TITLE}")).to_be_visible()


def test_somebody_without_a_role_is_told_whom_to_ask(
    new_person: NewPerson, stack: LocalStack
) -> None:
    """They are signed in, see why there is nothing for them, and no workspace opens."""
    person = new_person(stack)
    page = person.page
    page.goto(person.origin)
    _sign_in(page, "Noa")
    expect(page.get_by_role("heading", level=1)).to_have_text("No workspace yet")
    expect(page.locator("main")).to_contain_text("You are signed in as Noa")
    expect(page.locator("main")).to_contain_text("Ask an administrator")
    assert_accessible(page)

    with person.tolerating(re.compile("status of 403")):
        page.goto(f"{person.origin}/workspaces/acme/integrations")
        expect(page.get_by_role("heading", level=1)).to_have_text("You may not see this")


def _sign_in(page: Page, name: str) -> None:
    page.get_by_role("link", name=f"Sign in with {_TITLE}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who are you?")
    page.get_by_role("button", name=name).click()
