"""A company's identity provider that does not answer, or answers oddly."""

from typing import Any

import pytest
from starlette.applications import Starlette

from browsing import Surfer
from clockwork import Clockwork
from company_sign_in import begin, company_admission
from identity_provider import ISSUER
from sign_in_provider import SignInProvider
from signing_in import Accounting
from syncline_console.admission import Admission

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def provider(session_clock: Clockwork) -> SignInProvider:
    """The identity provider."""
    return SignInProvider(session_clock)


@pytest.fixture
def admission(
    accounting: Accounting, session_clock: Clockwork, provider: SignInProvider
) -> Admission:
    """How people get in: both ways."""
    return company_admission(accounting, session_clock, provider)


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
