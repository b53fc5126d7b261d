"""Configuration → Integrations."""

import pytest

from browsing import Surfer
from signing_in import SignedIn
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIST = "/workspaces/acme/integrations"


def test_every_provider_leads_to_its_page(surfer: Surfer) -> None:
    """The list has a card for each installed provider, with a link to its own page."""
    page = surfer.open(LIST)

    links = [str(each["href"]) for each in page.html.select("main .card a")]
    assert links
    for link in links:
        assert surfer.open(link).status == 200


def test_card_says_how_it_stands_and_what_to_do(surfer: Surfer, server: Served) -> None:
    """Before connecting there is the button; after it, the organisation."""
    before = surfer.open(LIST)
    assert before.words("main .badge") == ["Not connected"]
    assert before.words("main .card button") == ["Connect Ledger"]

    server.wired.connect()
    after = surfer.open(LIST)
    assert after.words("main .badge") == ["Connected"]
    assert after.words("main .card bdi") == ["Kauri"]
    assert not after.html.select("main .card button")


def test_pages_name_the_provider_as_the_api_does(surfer: Surfer) -> None:
    """The way back up the page reads like the product, not like an id."""
    page = surfer.open(f"{LIST}/ledger/disconnect")

    assert page.words(".crumbs li") == ["Configuration", "Integrations", "Ledger", "Disconnect"]
    assert [str(each["href"]) for each in page.html.select(".crumbs a")] == [LIST, f"{LIST}/ledger"]


@pytest.mark.parametrize(
    "path",
    ["nothing", "%C3%A9", "%00", "ledger/runs/nothing", "ledger/runs/%C3%A9", "x/invoices/%C3%A9"],
)
def test_what_is_not_there_is_said_to_be_missing(surfer: Surfer, path: str) -> None:
    """A mistyped address leads back to what is there, also where no name can be like that."""
    page = surfer.open(f"{LIST}/{path}")

    assert (page.status, page.words("h1")) == (404, ["This is not there"])
    assert str(page.one("main a.button")["href"]) == LIST


def test_calls_left_are_told_while_connected(surfer: Surfer, server: Served) -> None:
    """And not where nothing is connected."""
    assert surfer.open(f"{LIST}/ledger").html.select("#calls[hidden]")

    server.wired.connect()
    assert surfer.open(f"{LIST}/ledger").words("#calls dd") == ["60"]


def test_viewer_looks_and_connects_nothing(signed_in: SignedIn) -> None:
    """The list leads to the page, which says who can connect."""
    page = signed_in("VIEWER", "acme").open(LIST)

    assert page.words("main .card a") == ["Ledger", "Open Ledger"]
    assert not page.html.select("main form")


def test_form_of_an_earlier_session_changes_nothing(surfer: Surfer) -> None:
    """It says so, and leads to the page as it is now."""
    page = surfer.submit(surfer.open(LIST), "main form", csrf="of-an-earlier-session")

    assert (page.status, page.words("h1")) == (403, ["Nothing was changed"])
    assert str(page.one("main a.button")["href"]) == f"{LIST}/ledger"
