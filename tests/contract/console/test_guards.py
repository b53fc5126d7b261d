"""Every page and action there is: who gets in, and who is stopped by the console already."""

from functools import partial
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from browsing import Surfer
from dumps import dump
from fake_provider import FAKE
from invoicing import complete_chain, confirmed, stock, stored_run
from signing_in import SignedIn
from syncline_console.people import Role
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNGUARDED = {
    ("GET", "/"): "shows the person's own workspaces alone",
    ("POST", "/sign-out"): "ends the person's own session alone",
    ("GET", "/sign-in"): "for people who are not signed in yet",
    ("POST", "/sign-in"): "for people who are not signed in yet; checks its own form",
    ("GET", "/sign-in/company"): "for people who are not signed in yet",
    ("GET", "/sign-in/company/back"): "for people who are not signed in yet; checks its state",
    ("GET", "/signed-out"): "for people who are not signed in any more",
    ("GET", "/oauth/callback"): "bound to the browser; the server asks for the role",
    ("POST", "/webhooks/{provider}"): "from providers, who sign what they send",
    ("GET", "/healthz"): "tells nothing",
    ("GET", "/static"): "the same files for everybody",
}
"""What asks for no role in a workspace, and why."""


class Guarded:
    """A page or action that asks for a role, at an address in acme.

    :param values: what stands in an address for a parameter; any word where it says nothing.
    """

    def __init__(self, route: Route, values: dict[str, str]) -> None:
        (self.method,) = (route.methods or set()) - {"HEAD"}
        self.needs = needed(route)
        filled = {name: values.get(name, "contacts") for name in route.param_convertors}
        self.path = route.path_format.format_map(filled)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def is_above(self, role: Role) -> bool:
        """Return whether it needs more than a role."""
        return self.needs is not None and not role.includes(self.needs)


def needed(route: Route | Mount) -> Role | None:
    """Return the role that a route asks for."""
    found = [each for each in arguments(route) if isinstance(each, Role)]
    return found[0] if found else None


def arguments(route: Route | Mount) -> tuple[Any, ...]:
    """Return what a route's endpoint was made with."""
    endpoint = getattr(route, "endpoint", None)
    return endpoint.args if isinstance(endpoint, partial) else ()


@pytest.fixture
def routes(console: Starlette) -> list[Route | Mount]:
    """Everything the console answers."""
    assert all(isinstance(each, Route | Mount) for each in console.routes)
    return [each for each in console.routes if isinstance(each, Route | Mount)]


@pytest.fixture
def guarded(server: Served, routes: list[Route | Mount]) -> list[Guarded]:
    """Every page and action that asks for a role, in a workspace where each could do something."""
    wired = server.wired
    complete_chain(wired)
    stock(wired)
    confirmed(wired, "one")
    run = stored_run(wired)
    values = {"workspace": "acme", "provider": FAKE, "run": run.id, "invoice": "one"}
    return [Guarded(each, values) for each in routes if isinstance(each, Route) and needed(each)]


def csrf_of(surfer: Surfer) -> str:
    """Return the token of somebody's forms."""
    return str(surfer.open("/").one(".top form [name=csrf]")["value"])


def ask(surfer: Surfer, what: Guarded, csrf: str) -> httpx.Response:
    """Open a page, or post a form that is in order."""
    if what.method == "GET":
        return surfer.send("GET", what.path)
    form = {"csrf": csrf, "wanted": "off", "was.options.phone_field": ""}
    return surfer.send("POST", what.path, data=form)


def is_forbidden(answer: httpx.Response) -> bool:
    """Return whether an answer is the page that says so: another one tells of a stale form."""
    heading = BeautifulSoup(answer.text, "html.parser").select("h1")
    words = [each.get_text() for each in heading]
    return answer.status_code == 403 and words == ["You may not see this"]


def test_what_asks_for_no_role_has_a_reason(routes: list[Route | Mount]) -> None:
    """Whoever adds a page without ``needs`` says here why; all others are in a workspace."""
    free, rest = set(), []
    for route in routes:
        methods = (route.methods or set()) - {"HEAD"} if isinstance(route, Route) else {"GET"}
        if needed(route) is None:
            free |= {(method, route.path) for method in methods}
        else:
            rest.append(route.path)

    assert free == set(UNGUARDED)
    assert [each for each in rest if not each.startswith("/workspaces/{workspace}/")] == []


def test_every_action_needs_more_than_looking(guarded: list[Guarded]) -> None:
    """Whatever is posted changes something, or is about to."""
    actions = [each for each in guarded if each.method == "POST"]

    assert actions
    assert [str(each) for each in actions if not each.is_above(Role.VIEWER)] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_what_needs_more_is_refused(
    server: Served, guarded: list[Guarded], signed_in: SignedIn, role: Role
) -> None:
    """Pages and actions above somebody's role are refused by the console, and nothing changes."""
    person = signed_in(role, "acme")
    csrf = csrf_of(person)
    above = [each for each in guarded if each.is_above(role)]
    before = dump(server.wired.database)

    assert {each.method for each in above} == {"GET", "POST"}
    assert [str(each) for each in above if not is_forbidden(ask(person, each, csrf))] == []
    assert dump(server.wired.database) == before


@pytest.mark.parametrize("role", list(Role))
def test_what_needs_no_more_is_not_refused(
    guarded: list[Guarded], signed_in: SignedIn, role: Role
) -> None:
    """The same requests of somebody who has the role: it was that, not the form or the address."""
    person = signed_in(role, "acme")
    csrf = csrf_of(person)
    within = [each for each in guarded if not each.is_above(role)]
    within = [each for each in within if not each.path.endswith("/live")]  # goes on and on

    assert within
    assert [str(each) for each in within if ask(person, each, csrf).status_code == 403] == []


@pytest.mark.parametrize(
    ("role", "workspaces"),
    [(Role.ADMIN, ("globex",)), (Role.ADMIN, ("globex", "initech")), (None, ())],
    ids=["another", "others", "none"],
)
def test_a_workspace_of_others_is_closed(
    server: Served,
    guarded: list[Guarded],
    signed_in: SignedIn,
    role: Role | None,
    workspaces: tuple[str, ...],
) -> None:
    """No page of a workspace opens and no action is taken without a role in it."""
    stranger = signed_in(role, *workspaces)
    csrf = csrf_of(stranger)
    before = dump(server.wired.database)

    assert [str(each) for each in guarded if not is_forbidden(ask(stranger, each, csrf))] == []
    assert dump(server.wired.database) == before


def test_who_is_not_signed_in_is_led_to_that(
    server: Served, console: Starlette, guarded: list[Guarded]
) -> None:
    """Pages and actions tell strangers nothing, not even whether something is there."""
    stranger = Surfer(console)
    before = dump(server.wired.database)
    led = [stranger.send(each.method, each.path) for each in guarded]

    targets = {each.headers["location"].partition("?")[0] for each in led}
    assert ({each.status_code for each in led}, targets) == ({303}, {"/sign-in"})
    assert dump(server.wired.database) == before
