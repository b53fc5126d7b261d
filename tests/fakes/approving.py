"""A person who connects: from the button to the provider, and back with an answer."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from browsing import Page, Surfer
from wiring import ACME, Served

HOME = f"/workspaces/{ACME.workspace}/integrations/{ACME.provider}"


@dataclass(frozen=True)
class Approver:
    """Somebody with a browser, and an account at the provider."""

    surfer: Surfer
    server: Served

    def begin(self, path: str = HOME) -> str:
        """Press the button on a page; return the address at the provider."""
        button = 'form[action$="/connect"]'
        page = self.surfer.submit(self.surfer.open(path), button)
        return str(page.one("main a.primary")["href"])

    def back(self, address: str, *organisations: str) -> Page:
        """Approve organisations at an address, and follow the way back."""
        code = self.server.wired.ledger.consent(address, "mia", *organisations)
        return self.answered(address, code=code)

    def answered(self, address: str, **answer: str) -> Page:
        """Follow the way back from an address with whatever the provider answered."""
        return self.surfer.open(way_back(address, **answer))

    def connect(self, *organisations: str) -> Page:
        """Connect the whole way."""
        return self.back(self.begin(), *organisations)


def way_back(address: str, **answer: str) -> str:
    """Return the console's address to which a provider sends its answer."""
    state = parse_qs(urlsplit(address).query)["state"][0]
    return f"/oauth/callback?{urlencode({'state': state, **answer})}"
