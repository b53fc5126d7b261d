"""Signing out at the company's identity provider, too, and coming back from it in vain."""

import pytest
from starlette.applications import Starlette

from browsing import ORIGIN, Surfer
from clockwork import Clockwork
from identity_provider import ISSUER
from sign_in_provider import CLIENT_ID, SignInProvider
from signing_in import Accounting, company_of
from syncline_console.admission import Admission
from syncline_console.session_cookie import LOCAL_NAME

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"


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


def approved(surfer: Surfer, provider: SignInProvider) -> str:
    """Sign in at the provider; return the path it leads back to."""
    begun = surfer.send("GET", f"/sign-in/company?next={HERE}").headers["location"]
    return provider.approve(begun, {"acme": "viewer"}).removeprefix(ORIGIN)


def leave(surfer: Surfer, provider: SignInProvider) -> str:
    """Sign in and out; return where the browser is led."""
    page = surfer.open(approved(surfer, provider))
    csrf = page.one("form[action='/sign-out'] [name=csrf]")["value"]
    return surfer.send("POST", "/sign-out", data={"csrf": csrf}).headers["location"]


def test_sign_out_goes_on_to_the_provider(console: Starlette, provider: SignInProvider) -> None:
    """Our session ends first; then the browser goes to where the provider signs out, once."""
    surfer = Surfer(console)
    target = leave(surfer, provider)
    assert surfer.send("GET", HERE).status_code == 303

    gone = surfer.send("GET", target)
    assert gone.headers["refresh"].startswith(f"0; url={ISSUER}/logout?client_id={CLIENT_ID}")
    assert "refresh" not in surfer.send("GET", target).headers


def test_sign_out_without_a_providers_end_stays_here(
    console: Starlette, provider: SignInProvider
) -> None:
    """Where it has no such address, ours is all that ends."""
    provider.said = {"end_session_endpoint": None}
    surfer = Surfer(console)

    assert "refresh" not in surfer.send("GET", leave(surfer, provider)).headers


@pytest.mark.parametrize("query", ["", "?from=company"])
def test_an_address_signs_nobody_out(
    console: Starlette, provider: SignInProvider, query: str
) -> None:
    """Another site that leads people there ends neither our session nor the provider's."""
    surfer = Surfer(console)
    surfer.open(approved(surfer, provider))

    assert "refresh" not in surfer.send("GET", f"/signed-out{query}").headers
    assert surfer.send("GET", HERE).status_code == 200


def test_a_code_stays_in_no_address(console: Starlette, provider: SignInProvider) -> None:
    """Whoever is not signed in is led away from it, and reads why, once; the form works there."""
    surfer = Surfer(console)
    back = approved(surfer, provider).replace("code=", "code=x")

    answer = surfer.send("GET", back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    page = surfer.open("/sign-in")
    assert (page.status, len(page.words("[role=alert]"))) == (403, 1)
    assert surfer.cookies[LOCAL_NAME]
    again = surfer.open("/sign-in")
    assert (again.status, again.words("[role=alert]")) == (200, [])
