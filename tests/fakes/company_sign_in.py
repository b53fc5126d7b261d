"""People who sign in to a console under test at their company's identity provider."""

from collections.abc import Callable
from datetime import datetime

from browsing import ORIGIN, Page, Surfer
from identity_provider import ISSUER
from sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider
from signing_in import KEY, Accounting
from syncline_console.admission import Admission
from syncline_console.company import Company, Registration
from syncline_console.session_keys import SessionKeys

HERE = "/workspaces/acme/integrations"
LINK = "a[href^='/sign-in/company']"


def company_admission(
    accounting: Accounting, clock: Callable[[], datetime], provider: SignInProvider
) -> Admission:
    """Return how people get in: with local accounts and at the provider."""
    registration = Registration(
        issuer=ISSUER,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        title="Acme ID",
        public_url=ORIGIN,
    )
    company = Company(registration, SessionKeys([KEY]), clock, provider.transport)
    return accounting.admission(clock, company)


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
