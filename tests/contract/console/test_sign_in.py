"""Signing in and out with a local account."""

import logging

import pytest
from starlette.applications import Starlette

import signing_in
from browsing import ORIGIN, Surfer
from clockwork import Clockwork
from proxying import behind_proxy
from signing_in import KEY, PASSWORD, Accounting, SignedIn, enter
from syncline_client import Client
from syncline_console.admission import Admission
from syncline_console.app import build_app
from syncline_console.people import Role
from syncline_console.session_cookie import LOCAL_NAME, SECURE_NAME
from syncline_console.session_keys import SessionKeys

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"
HOUR = 3600


def cookie_of(surfer: Surfer) -> str:
    """Return the session a browser holds."""
    return surfer.cookies.get(LOCAL_NAME, "")


def is_in(surfer: Surfer) -> bool:
    """Return whether somebody is signed in."""
    return surfer.send("GET", HERE).status_code == 200


def test_a_page_leads_to_sign_in_and_back(console: Starlette, accounting: Accounting) -> None:
    """Who opens a page without a session signs in and is where they wanted to be."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)
    page = surfer.open(f"{HERE}?a=1&b=2")
    assert page.address.startswith("/sign-in?next=")

    page = surfer.submit(page, "form[action^='/sign-in']", name="mia", password=PASSWORD)

    assert (page.status, page.address) == (200, f"{HERE}?a=1&b=2")


def test_name_is_taken_in_any_case(console: Starlette, accounting: Accounting) -> None:
    """A phone that begins with a capital letter keeps nobody out."""
    accounting.put("mia", Role.VIEWER, "acme")

    assert enter(Surfer(console), " Mia ").address == HERE


@pytest.mark.parametrize(
    ("name", "password"),
    [("mia", "wrong horse battery staple"), ("nobody", PASSWORD), ("mia", ""), ("MÏA", PASSWORD)],
    ids=["password", "name", "empty", "odd-name"],
)
def test_wrong_name_or_password_is_refused(
    console: Starlette, accounting: Accounting, name: str, password: str
) -> None:
    """All of them read the same, and nobody is signed in."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)

    page = enter(surfer, name, password)

    assert page.status == 403
    assert page.words("[role=alert]") == ["Name and password do not belong together. Try again."]
    assert not is_in(surfer)
    assert page.one("#password").get("value") is None
    assert page.one("#name")["value"] == name.lower()


def test_sign_in_makes_a_new_session(console: Starlette, accounting: Accounting) -> None:
    """What a browser held before is worth nothing afterwards: id and token are new."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)
    surfer.open("/sign-in")
    before = SessionKeys([KEY]).read(cookie_of(surfer)) or {}
    planted = cookie_of(surfer)

    enter(surfer, "mia")

    after = SessionKeys([KEY]).read(cookie_of(surfer)) or {}
    assert {before["id"], before["csrf"]}.isdisjoint({after["id"], after["csrf"]})
    thief = Surfer(console)
    thief.cookies.set(LOCAL_NAME, planted)
    assert not is_in(thief)


def test_sign_out_ends_the_session(surfer: Surfer) -> None:
    """The cookie is gone, copies of it are worth nothing, and pages lead to sign-in again."""
    page, copied = surfer.open(HERE), cookie_of(surfer)

    gone = surfer.submit(page, "form[action='/sign-out']")

    assert gone.words("h1") == ["You are signed out"]
    assert not cookie_of(surfer)
    assert not is_in(surfer)
    surfer.cookies.set(LOCAL_NAME, copied)
    assert not is_in(surfer)


def test_sign_out_takes_a_consent_away(surfer: Surfer) -> None:
    """Who has the browser next cannot complete what somebody before began in it."""
    csrf = surfer.open(HERE).one("form[action='/sign-out'] [name=csrf]")["value"]
    answer = surfer.send("POST", "/sign-out", data={"csrf": csrf})

    told = answer.headers.get_list("set-cookie")
    assert any(each.startswith('syncline-consent=""') for each in told)


def test_a_link_does_not_sign_out(surfer: Surfer) -> None:
    """Nothing changes by an address that somebody is lured to."""
    assert surfer.send("GET", "/sign-out").status_code == 405
    assert is_in(surfer)


@pytest.mark.parametrize(
    ("passes", "good"),
    [(HOUR - 1, True), (HOUR, False)],
    ids=["in-time", "idle"],
)
def test_a_session_ends_without_use(
    surfer: Surfer, session_clock: Clockwork, passes: int, *, good: bool
) -> None:
    """After an hour in which nothing was opened somebody has to sign in again."""
    session_clock.advance(seconds=passes)

    assert is_in(surfer) is good


def test_a_session_ends_although_it_is_used(surfer: Surfer, session_clock: Clockwork) -> None:
    """After eight hours it is over, however busy it was."""
    for _ in range(15):
        session_clock.advance(seconds=HOUR / 2)
        assert is_in(surfer)
    session_clock.advance(seconds=HOUR / 2)

    assert not is_in(surfer)


def test_a_removed_account_is_out_at_once(console: Starlette, accounting: Accounting) -> None:
    """Its sessions end with it, also when the name is given to somebody else later."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = signing_in.signed_in(console, "mia")

    accounting.remove("mia")
    assert not is_in(surfer)
    accounting.put("mia", Role.VIEWER, "acme", title="Another Mia")
    assert not is_in(surfer)


def test_changed_roles_end_sessions(console: Starlette, accounting: Accounting) -> None:
    """Whoever may do something else than before signs in again."""
    accounting.put("mia", Role.ADMIN, "acme")
    surfer = signing_in.signed_in(console, "mia")
    accounting.put("mia", Role.VIEWER, "acme")

    assert not is_in(surfer)


def test_a_file_that_breaks_lets_nobody_in(surfer: Surfer, accounting: Accounting) -> None:
    """What cannot be read has no accounts, rather than those of before."""
    accounting.file.write_text("{")

    assert not is_in(surfer)


def test_an_altered_cookie_is_worthless(surfer: Surfer, console: Starlette) -> None:
    """A session that nobody of ours signed is none."""
    held = cookie_of(surfer)
    data, _, signature = held.rpartition(".")
    forged = SessionKeys(["another-key-of-thirty-two-characters"]).sign(
        SessionKeys([KEY]).read(held) or {}
    )
    for wrong in (f"{data.swapcase()}.{signature}", f"{data}.", data, forged, "x" * 5000, "é"):
        thief = Surfer(console)
        answer = thief.send("GET", HERE, headers={"Cookie": f"{LOCAL_NAME}={wrong}".encode()})
        assert answer.status_code == 303, wrong
        assert answer.headers["location"].startswith("/sign-in")


def test_behind_https_the_secure_cookie_alone_is_believed(
    client: Client, accounting: Accounting, session_clock: Clockwork, surfer: Surfer
) -> None:
    """The name without https counts on this machine alone: elsewhere others could set it."""
    held = cookie_of(surfer)
    app = _app(client, accounting.admission(session_clock), "https://console.example")

    for name, status in ((LOCAL_NAME, 303), (SECURE_NAME, 200)):
        headers = {"Cookie": f"{name}={held}"}
        assert Surfer(app).send("GET", HERE, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("public_url", "start"),
    [
        ("http://localhost:8080", f"{LOCAL_NAME}="),
        ("https://console.example", f"{SECURE_NAME}="),
        ("https://localhost", f"{SECURE_NAME}="),
    ],
    ids=["here", "https", "https-here"],
)
@pytest.mark.parametrize("url", ["http://localhost:8080", "http://console"], ids=["local", "named"])
def test_cookie_keeps_to_itself(client: Client, public_url: str, start: str, url: str) -> None:
    """No script reads it, no other site sends it, and it goes over https alone but on loopback."""
    app = _app(client, Admission(), public_url)
    sent = Surfer(app).send("GET", f"{url}/sign-in").headers["set-cookie"]

    assert sent.startswith(start)
    parts = {each.strip().lower() for each in sent.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert ("secure" in parts) is (SECURE_NAME in start)
    assert not any(each.startswith("domain") for each in parts)


def test_keys_rotate_without_signing_anybody_out(
    client: Client, accounting: Accounting, session_clock: Clockwork
) -> None:
    """The first key signs, all verify; without its key a session is over."""
    accounting.put("mia", Role.VIEWER, "acme")
    new = "a-newer-planted-key-of-enough-characters"
    admission = accounting.admission(session_clock)
    surfer = signing_in.signed_in(_app(client, admission), "mia")
    session_clock.advance(seconds=120)

    def is_in_with(*keys: str) -> bool:
        rotated = type(admission)(
            accounts=admission.accounts, keys=SessionKeys(keys), clock=session_clock
        )
        surfer._app = _app(client, rotated)
        return is_in(surfer)

    assert is_in_with(new, KEY)
    assert is_in_with(new)
    assert not is_in_with(KEY)


def _app(client: Client, admission: Admission, public_url: str = ORIGIN) -> Starlette:
    complete, deliver = client.integrations.CompleteConnection, client.webhooks.DeliverWebhook
    return build_app(client, complete, deliver, admission, public_url=public_url)


@pytest.mark.parametrize("host", ["console:8080", "localhost:8080", "127.0.0.1:8080"])
def test_a_proxy_may_call_the_console_by_any_name(
    client: Client, accounting: Accounting, session_clock: Clockwork, host: str
) -> None:
    """People sign in and out at the address they see, whatever host the console hears of."""
    accounting.put("mia", Role.VIEWER, "acme")
    public_url = "https://books.example"
    app = _app(client, accounting.admission(session_clock), public_url)
    surfer = signing_in.signed_in(behind_proxy(app, host), "mia", public_url)
    assert is_in(surfer)

    surfer.submit(surfer.open(HERE), "form[action='/sign-out']")
    assert not is_in(surfer)


def test_a_form_of_another_address_is_told_the_right_one(
    client: Client, accounting: Accounting, session_clock: Clockwork
) -> None:
    """Whoever came by a name that the console is not told of reads where to sign in."""
    app = _app(client, accounting.admission(session_clock), "https://books.example")

    page = enter(Surfer(app), "mia")
    assert page.status == 403
    assert page.words("[role=alert]") == [
        "People sign in at https://books.example. Try again there."
    ]


def test_signing_in_anew_ends_what_was_before(surfer: Surfer) -> None:
    """A copy of the session that somebody signed in over is worth nothing."""
    csrf, copied = surfer.open(HERE).html.select("[name=csrf]")[0]["value"], cookie_of(surfer)
    form = {"csrf": csrf, "name": "mia", "password": PASSWORD}
    assert surfer.send("POST", "/sign-in", data=form).headers["location"] == "/"

    assert is_in(surfer)
    surfer.cookies.set(LOCAL_NAME, copied)
    assert not is_in(surfer)


def test_guessing_is_slowed(
    console: Starlette, accounting: Accounting, session_clock: Clockwork
) -> None:
    """After some wrong passwords there is a wait, which is told, and is over by itself."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)
    for _ in range(10):
        assert enter(surfer, "mia", "wrong horse battery").status == 403

    page = enter(surfer, "mia")
    assert page.status == 429
    assert page.words("[role=alert]") == [
        "There were too many tries. Wait 30 seconds, then try again."
    ]
    session_clock.advance(seconds=30)
    assert enter(surfer, "mia").address == HERE


def test_nothing_configured_lets_nobody_in(client: Client) -> None:
    """Pages are refused and say what to set; the process is well, and takes webhooks."""
    integrations, webhooks = client.integrations, client.webhooks
    app = build_app(client, integrations.CompleteConnection, webhooks.DeliverWebhook)
    surfer = Surfer(app)

    page = surfer.open(HERE)

    assert page.status == 503
    assert "SYNCLINE_CONSOLE_ACCOUNTS_FILE" in page.text
    assert "SYNCLINE_CONSOLE_OIDC_ISSUER" in page.text
    assert surfer.send("GET", "/healthz").status_code == 200
    assert surfer.send("POST", "/webhooks/ledger", content=b"{}").status_code == 401


def test_no_accounts_yet_says_how_to_add_one(console: Starlette) -> None:
    """Whoever runs it is told the command."""
    assert "accounts add" in Surfer(console).open("/sign-in").text


def test_no_secret_is_shown_or_logged(
    console: Starlette, accounting: Accounting, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither password nor hash nor key is on a page, in a log line, in a cookie or in a repr."""
    caplog.set_level(logging.DEBUG)
    account = accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)
    pages = [enter(surfer, "mia", "a wrong secret password"), enter(surfer, "mia")]
    cookie = str(SessionKeys([KEY]).read(cookie_of(surfer)))
    shown = [str(each.html) for each in pages] + [caplog.text, cookie, repr(account)]
    shown += [repr(console.state.admission), repr(console.state.admission.keys)]

    for each in shown:
        for secret in (PASSWORD, "a wrong secret password", account.password_hash, KEY):
            assert secret not in each


def test_roles_differ_by_workspace(signed_in: SignedIn) -> None:
    """Two people see their own workspaces, and no other."""
    mia, ben = signed_in("admin", "acme"), signed_in("viewer", "globex")

    assert mia.send("GET", HERE).status_code == 200
    assert ben.send("GET", HERE).status_code == 403
    assert ben.send("GET", "/workspaces/globex/integrations").status_code == 200
    assert mia.send("GET", "/workspaces/globex/integrations").status_code == 403


def test_a_signed_in_person_needs_no_sign_in_page(surfer: Surfer) -> None:
    """The page leads on to where somebody wanted to go."""
    answer = surfer.send("GET", f"/sign-in?next={HERE}", headers={"Origin": ORIGIN})

    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
