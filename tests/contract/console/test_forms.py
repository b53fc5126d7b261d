"""Which forms are taken: those of our own pages, of this very session."""

from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from browsing import ORIGIN, Surfer
from signing_in import PASSWORD, Accounting, SignedIn, enter
from syncline_console.people import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"


def csrf_of(surfer: Surfer, path: str = HERE) -> str:
    """Return the token in a page's form."""
    page = surfer.open(path)
    return str(page.one(".top form [name=csrf], form[action^='/sign-in'] [name=csrf]")["value"])


def sign_out(surfer: Surfer, csrf: str, **headers: str) -> bool:
    """Post the form that signs out; return whether it was taken."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    surfer.send("POST", "/sign-out", data={"csrf": csrf}, headers=given)
    return surfer.send("GET", HERE).status_code != 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ORIGIN},
        {"Sec_Fetch_Site": "same-origin"},
        {"Origin": ORIGIN, "Sec_Fetch_Site": "same-origin"},
    ],
    ids=["origin", "site", "both"],
)
def test_a_form_of_ours_is_taken(surfer: Surfer, headers: dict[str, str]) -> None:
    """The session's token, from a page of this host, does what it says."""
    assert sign_out(surfer, csrf_of(surfer), **headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8081"},
        {"Origin": ORIGIN, "Sec_Fetch_Site": "cross-site"},
        {"Origin": ORIGIN, "Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ],
    ids=["silent", "elsewhere", "null", "port", "cross-site", "sibling", "typed"],
)
def test_a_form_from_elsewhere_is_refused(surfer: Surfer, headers: dict[str, str]) -> None:
    """A browser that says another page sent it is believed, whatever token came along."""
    assert not sign_out(surfer, csrf_of(surfer), **headers)


def test_a_token_of_another_session_is_refused(signed_in: SignedIn) -> None:
    """A token is good for its own session, not for somebody else's, and none is none."""
    mia, ben = signed_in("admin", "acme"), signed_in("admin", "acme")

    for csrf in (csrf_of(ben), "", "é", csrf_of(mia)[:-1]):
        assert not sign_out(mia, csrf, Origin=ORIGIN)


def test_nobody_is_signed_in_by_another_site(console: Starlette, accounting: Accounting) -> None:
    """Signing in needs the token of a page that this browser was shown (login CSRF)."""
    accounting.put("mallory", Role.VIEWER, "acme")
    victim, attacker = Surfer(console), Surfer(console)
    form = {"name": "mallory", "password": PASSWORD}
    csrf = csrf_of(attacker, "/sign-in")
    victim.open("/sign-in")

    for stolen in (csrf, ""):
        answer = victim.send("POST", "/sign-in", data={**form, "csrf": stolen})
        assert answer.status_code == 403
        assert victim.send("GET", HERE).status_code == 303
    own = csrf_of(victim, "/sign-in")
    answer = victim.send(
        "POST", "/sign-in", data={**form, "csrf": own}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def led_to(console: Starlette, accounting: Accounting, asked: str) -> str:
    """Return where somebody is led who signs in on their way to another page."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)
    form = {"name": "mia", "password": PASSWORD, "csrf": csrf_of(surfer, "/sign-in")}

    answer = surfer.send("POST", f"/sign-in?{urlencode({'next': asked})}", data=form)

    assert answer.status_code == 303
    return str(answer.headers["location"])


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "evil.example",
        "",
        "/sign-out",
        "/oauth/callback?state=x&code=y",
        "/" + "a" * 1000,
    ],
)
def test_sign_in_sends_nobody_elsewhere(
    console: Starlette, accounting: Accounting, asked: str
) -> None:
    """What is no page of ours leads to the start (open redirect)."""
    assert led_to(console, accounting, asked) == "/"


def test_sign_in_leads_to_the_page_that_was_asked_for(
    console: Starlette, accounting: Accounting
) -> None:
    """A page of ours is gone on to, with its query."""
    asked = f"{HERE}/xero/runs?module=items"

    assert led_to(console, accounting, asked) == asked


def test_the_start_is_the_only_workspace(console: Starlette, accounting: Accounting) -> None:
    """Somebody with one workspace is there at once."""
    accounting.put("mia", Role.VIEWER, "acme")

    assert enter(Surfer(console), "mia").address == HERE


def test_the_start_shows_several_workspaces(signed_in: SignedIn) -> None:
    """They are listed with the role in each, and the header leads back to them."""
    surfer = signed_in("operator", "acme", "globex")
    start = surfer.open("/")

    assert start.words(".workspace") == ["acme Operator", "globex Operator"]
    page = surfer.open(str(start.one(".workspace:last-child a")["href"]))
    assert page.one(".person-menu a")["href"] == "/"
    assert "Operator in globex" in page.words(".person-menu")[0]
    assert surfer.open("/").words(".workspace") == ["globex Operator", "acme Operator"]


def test_somebody_of_all_workspaces_types_one(surfer: Surfer) -> None:
    """An id leads to its page, is offered again later, and what can be none is said to be none."""
    page = surfer.submit(surfer.open("/"), "main form", workspace="Globex")
    assert page.address == "/workspaces/globex/integrations"

    assert surfer.open("/").words(".workspace") == ["globex Admin"]
    page = surfer.submit(surfer.open("/"), "main form", workspace="//evil")
    assert (page.status, page.one("#workspace")["aria-invalid"]) == (400, "true")


def test_somebody_without_a_workspace_is_told_so(
    console: Starlette, accounting: Accounting
) -> None:
    """Nothing to choose is no empty page."""
    accounting.put("mia", None)

    page = enter(Surfer(console), "mia")
    assert page.words("h1") == ["No workspace yet"]
    assert "Ask an administrator" in page.text


def test_a_workspace_of_others_stays_closed(signed_in: SignedIn) -> None:
    """Typing the id of a workspace one has no role in leads nowhere."""
    page = signed_in("admin", "acme", "globex").open("/?workspace=initech")

    assert page.status == 400
    assert page.words("[role=alert]") == ["Your account has no access to that workspace."]


def test_a_form_of_a_stranger_leads_to_sign_in(console: Starlette) -> None:
    """It is not repeated afterwards: somebody else may sign in."""
    answer = Surfer(console).send("POST", "/sign-out", data={"csrf": "x"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")
