"""Signing in at the company's identity provider."""

import logging
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from starlette.applications import Starlette

from browsing import ORIGIN, Page, Surfer
from clockwork import Clockwork
from identity_provider import ISSUER
from sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider
from signing_in import KEY, Accounting, company_of, enter
from syncline_console.admission import Admission
from syncline_console.people import Role
from syncline_console.session_cookie import LOCAL_NAME
from syncline_console.session_keys import SessionKeys

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"
LINK = "a[href^='/sign-in/company']"


@pytest.fixture
def provider(session_clock: Clockwork) -> SignInProvider:
    """The identity provider."""
    return SignInProvider(session_clock)


@pytest.fixture
def admission(
    accounting: Accounting, session_clock: Clockwork, provider: SignInProvider
) -> Admission:
    """How people get in: both ways."""
    return accounting.admission(session_clock, company_of(provider, session_clock))


def begin(surfer: Surfer, path: str = HERE) -> str:
    """Click on the link; return the address of the provider's page."""
    link = surfer.open(path).one(LINK)
    return surfer.send("GET", str(link["href"])).headers["location"]


def come_back(surfer: Surfer, address: str) -> Page:
    """Open the address the provider leads back to."""
    return surfer.open(address.removeprefix(ORIGIN))


def is_in(surfer: Surfer) -> bool:
    """Return whether somebody is signed in."""
    return surfer.send("GET", HERE).status_code == 200


def test_somebody_comes_back_signed_in(console: Starlette, provider: SignInProvider) -> None:
    """They are where they wanted to be, with name and role from the provider."""
    surfer = Surfer(console)
    link = surfer.open(HERE).one(LINK)
    assert link.get_text() == "Sign in with Acme ID"

    page = come_back(
        surfer, provider.approve(begin(surfer), {"acme": "operator"}, name="Mia Pātel")
    )

    assert (page.status, page.address) == (200, HERE)
    assert page.words(".person-name") == ["Mia Pātel"]
    assert "Operator in acme" in page.words(".person-menu")[0]


@pytest.mark.parametrize(
    ("claim", "statuses"),
    [
        ({"acme": "admin"}, (200, 403)),
        (["globex:viewer"], (403, 200)),
        (["acme:viewer", "acme:admin", "globex:SERVICE"], (200, 200)),
        ({}, (403, 403)),
        (None, (403, 403)),
    ],
    ids=["map", "list", "several", "empty", "none"],
)
def test_the_claim_has_the_roles(
    console: Starlette, provider: SignInProvider, claim: object, statuses: tuple[int, int]
) -> None:
    """It has the forms that the server takes, and opens what it names alone."""
    surfer = Surfer(console)
    come_back(surfer, provider.approve(begin(surfer), claim))

    pages = (HERE, "/workspaces/globex/integrations")
    assert tuple(surfer.send("GET", each).status_code for each in pages) == statuses


@pytest.mark.parametrize("claim", [{"acme": "owner"}, {"A C": "admin"}, "acme:admin", [1]], ids=str)
def test_a_claim_that_cannot_be_read_lets_nobody_in(
    console: Starlette, provider: SignInProvider, claim: object
) -> None:
    """Nobody gets what was perhaps meant."""
    surfer = Surfer(console)

    assert come_back(surfer, provider.approve(begin(surfer), claim)).status == 403
    assert not is_in(surfer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT_ID},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"]},
        {"azp": "another-client"},
        {"exp": 1},
        {"exp": None},
        {"iat": 10**11},
        {"sub": None},
    ],
    ids=lambda wrong: "-".join(f"{name}-{type(value).__name__}" for name, value in wrong.items()),
)
def test_a_token_that_is_not_for_this_start_is_refused(
    console: Starlette, provider: SignInProvider, wrong: dict[str, Any]
) -> None:
    """Issuer, audience, times, subject and nonce all have to fit."""
    provider.wrong = wrong
    surfer = Surfer(console)

    page = come_back(surfer, provider.approve(begin(surfer), {"acme": "admin"}))

    assert page.status == 403
    assert "could not be trusted" in page.words("[role=alert]")[0]
    assert not is_in(surfer)


def test_a_token_that_somebody_else_signed_is_refused(
    console: Starlette, provider: SignInProvider, session_clock: Clockwork
) -> None:
    """A signature of an unknown key, a shared secret or none is no signature."""
    stranger = SignInProvider(session_clock)
    unsigned = "eyJhbGciOiJub25lIn0"

    def with_none(payload: bytes) -> str:
        return f"{unsigned}.{provider.signed(payload).split('.')[1]}."

    for sign in (stranger.signed, with_none):
        provider.token_of = sign  # type: ignore[assignment]
        surfer = Surfer(console)
        page = come_back(surfer, provider.approve(begin(surfer), {"acme": "admin"}))
        assert (page.status, is_in(surfer)) == (403, False)


def test_a_new_key_is_found(
    console: Starlette, provider: SignInProvider, session_clock: Clockwork
) -> None:
    """Keys that are rotated at the provider sign people in without a restart."""
    come_back(Surfer(console), provider.approve(begin(Surfer(console)), {}))
    provider.rotate("second")
    session_clock.advance(seconds=31)
    surfer = Surfer(console)

    come_back(surfer, provider.approve(begin(surfer), {"acme": "viewer"}))

    assert is_in(surfer)


def test_an_answer_belongs_to_the_browser_that_asked(
    console: Starlette, provider: SignInProvider
) -> None:
    """Nobody is signed in as somebody else by an address they are lured to (login CSRF)."""
    attacker, victim = Surfer(console), Surfer(console)
    address = provider.approve(begin(attacker), {"acme": "admin"})
    begin(victim)

    for browser in (victim, Surfer(console)):
        page = come_back(browser, address)
        assert "not started in this browser" in page.words("[role=alert]")[0]
        assert not is_in(browser)
    assert provider.refused == []


def test_a_code_works_once(console: Starlette, provider: SignInProvider) -> None:
    """A way back that is opened again signs nobody in, even with the cookie of before."""
    surfer, thief = Surfer(console), Surfer(console)
    approved = provider.approve(begin(surfer), {"acme": "admin"})
    thief.cookies.set(LOCAL_NAME, surfer.cookies[LOCAL_NAME])
    assert come_back(surfer, approved).status == 200
    surfer.submit(surfer.open(HERE), "form[action='/sign-out']")

    for browser in (surfer, thief):
        assert come_back(browser, approved).status == 403
        assert not is_in(browser)
    assert provider.refused == ["code"]


def test_a_start_is_answered_once(console: Starlette, provider: SignInProvider) -> None:
    """Codes cannot be tried one after the other with the same state."""
    surfer = Surfer(console)
    approved = provider.approve(begin(surfer), {"acme": "admin"})
    assert come_back(surfer, approved.replace("code=", "code=x")).status == 403

    assert come_back(surfer, approved).status == 403
    assert len(provider.codes) == 1


def test_a_code_of_another_start_buys_nothing(console: Starlette, provider: SignInProvider) -> None:
    """A code that is put into one's own way back does not fit the verifier (PKCE)."""
    mia, mallory = Surfer(console), Surfer(console)
    stolen = provider.approve(begin(mia), {"acme": "admin"}).partition("code=")[2].split("&")[0]
    own = provider.approve(begin(mallory), {})
    code = own.partition("code=")[2].split("&")[0]

    page = come_back(mallory, own.replace(code, stolen))

    assert (page.status, is_in(mallory)) == (403, False)
    assert provider.refused == ["verifier"]


@pytest.mark.parametrize(
    "change",
    [
        lambda back: back.partition("&iss=")[0] + "&iss=https%3A%2F%2Fevil.example",
        lambda back: back + "&state=another",
        lambda back: back.replace("state=", "state=x"),
        lambda back: back.replace("code=", "error=access_denied&c="),
        lambda back: back.partition("?")[0],
    ],
    ids=["issuer", "two-states", "state", "refused", "nothing"],
)
def test_an_odd_way_back_signs_nobody_in(
    console: Starlette, provider: SignInProvider, change: Callable[[str], str]
) -> None:
    """What is not the answer of the provider that was asked is refused, with what to do."""
    surfer = Surfer(console)
    page = come_back(surfer, change(provider.approve(begin(surfer), {"acme": "admin"})))

    assert (page.status, is_in(surfer)) == (403, False)
    assert "Try again" in page.words("[role=alert]")[0]


def test_a_start_ends_after_ten_minutes(
    console: Starlette, provider: SignInProvider, session_clock: Clockwork
) -> None:
    """A sign-in that was left open is begun anew."""
    surfer = Surfer(console)
    address = begin(surfer)
    session_clock.advance(seconds=600)

    assert come_back(surfer, provider.approve(address, {"acme": "admin"})).status == 403


def test_next_stays_here(console: Starlette, provider: SignInProvider) -> None:
    """Nobody is led elsewhere by way of the provider."""
    surfer = Surfer(console)
    start = surfer.send("GET", "/sign-in/company?next=https%3A%2F%2Fevil.example")

    page = come_back(surfer, provider.approve(start.headers["location"], {"acme": "viewer"}))

    assert page.address == HERE


def test_a_provider_that_is_away_is_said(console: Starlette, provider: SignInProvider) -> None:
    """The page says so and lets people sign in otherwise."""
    provider.down = True
    page = Surfer(console).open("/sign-in/company")

    assert page.status == 503
    assert page.words("[role=alert]") == [
        "Acme ID does not answer at the moment. Try again in a minute."
    ]
    assert page.html.select("#password")


def test_a_provider_that_goes_away_is_remembered(
    console: Starlette, provider: SignInProvider, session_clock: Clockwork
) -> None:
    """What was read before is used for a day; then nobody is sent there any more."""
    begin(Surfer(console))
    provider.down = True
    asked = len(provider.asked)
    session_clock.advance(seconds=3600)

    for _ in range(3):
        assert begin(Surfer(console)).startswith(f"{ISSUER}/authorize?")
    assert len(provider.asked) == asked + 1
    session_clock.advance(seconds=86_400)
    assert Surfer(console).send("GET", "/sign-in/company").status_code == 503


def test_a_provider_that_is_away_is_asked_now_and_then(
    console: Starlette, provider: SignInProvider, session_clock: Clockwork
) -> None:
    """Many who want in do not wait for it one after the other, and it is found when it is back."""
    provider.down = True
    for _ in range(3):
        assert Surfer(console).send("GET", "/sign-in/company").status_code == 503
    assert len(provider.asked) == 1
    provider.down = False
    session_clock.advance(seconds=5)

    assert begin(Surfer(console)).startswith(f"{ISSUER}/authorize?")


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://id.example/token"},
        {"authorization_endpoint": None},
    ],
    ids=["issuer", "plaintext", "missing"],
)
def test_a_provider_that_says_odd_things_is_not_used(
    console: Starlette, provider: SignInProvider, said: dict[str, Any]
) -> None:
    """Its addresses are its own, and over https."""
    provider.said = said

    assert Surfer(console).send("GET", "/sign-in/company").status_code == 503


def test_sign_out_goes_on_to_the_provider(console: Starlette, provider: SignInProvider) -> None:
    """Our session ends first; then the browser goes to where the provider signs out."""
    surfer = Surfer(console)
    page = come_back(surfer, provider.approve(begin(surfer), {"acme": "viewer"}))
    csrf = page.one("form[action='/sign-out'] [name=csrf]")["value"]
    answer = surfer.send("POST", "/sign-out", data={"csrf": csrf})
    assert not is_in(surfer)

    gone = surfer.send("GET", answer.headers["location"])

    assert gone.headers["refresh"].startswith(f"0; url={ISSUER}/logout?client_id={CLIENT_ID}")


def test_sign_out_without_a_providers_end_stays_here(
    console: Starlette, provider: SignInProvider
) -> None:
    """Where it has no such address, ours is all that ends."""
    provider.said = {"end_session_endpoint": None}
    surfer = Surfer(console)

    assert "refresh" not in surfer.send("GET", "/signed-out?from=company").headers


def test_both_ways_are_open(
    console: Starlette, provider: SignInProvider, accounting: Accounting
) -> None:
    """A local account does not change what somebody of the same name at the company may do."""
    accounting.put("mia", Role.VIEWER, "acme")
    surfer = Surfer(console)
    come_back(surfer, provider.approve(begin(surfer), {"globex": "viewer"}, sub="mia"))

    assert not is_in(surfer)
    assert enter(Surfer(console), "mia").address == HERE


def test_too_many_roles_are_said(console: Starlette, provider: SignInProvider) -> None:
    """What does not fit into a cookie signs nobody in with half of it."""
    many = {sha256(bytes([number])).hexdigest()[:30]: "admin" for number in range(250)}
    surfer = Surfer(console)

    page = come_back(surfer, provider.approve(begin(surfer), many))

    assert (page.status, is_in(surfer)) == (403, False)
    assert "more workspaces than the console can hold" in page.text


def test_session_and_logs_hold_no_secret(
    console: Starlette, provider: SignInProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither code, verifier, token nor client secret is in a cookie, a log line or a repr."""
    caplog.set_level(logging.DEBUG)
    surfer = Surfer(console)
    verifiers: list[str] = []
    exchange = provider._exchange

    def listen(request: Any) -> Any:
        verifiers.append(request.content.decode().partition("code_verifier=")[2].split("&")[0])
        return exchange(request)

    provider._exchange = listen  # type: ignore[method-assign]
    address = begin(surfer)
    cookies = [str(SessionKeys([KEY]).read(surfer.cookies[LOCAL_NAME]))]
    approved = provider.approve(address, {"acme": "admin"})
    come_back(surfer, approved)
    cookies.append(str(SessionKeys([KEY]).read(surfer.cookies[LOCAL_NAME])))
    code = approved.partition("code=")[2].split("&")[0]

    assert len(verifiers[0]) == 43
    ours = "".join(each.getMessage() for each in caplog.records if "syncline" in each.name)
    shown = [*cookies, ours, repr(console.state.admission.company.registration)]
    for each in shown:
        for secret in (verifiers[0], code, CLIENT_SECRET, "eyJ"):
            assert secret not in each
