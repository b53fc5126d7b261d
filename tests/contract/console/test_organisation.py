"""The choice among several organisations that a person approved."""

import pytest

from approving import HOME, Approver
from browsing import Surfer
from signing_in import SignedIn
from wiring import GLOBEX, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHOICE = f"{HOME}/organisation"


@pytest.fixture
def approver(surfer: Surfer, server: Served) -> Approver:
    """An administrator who is about to connect."""
    return Approver(surfer, server)


def test_person_chooses_one_of_several(approver: Approver) -> None:
    """Several that were approved lead to a choice, and the choice leads to Connected."""
    page = approver.connect("kauri", "rimu")
    assert page.address == CHOICE
    assert page.words("h1") == ["Choose an organisation"]
    assert page.words("label") == ["Kauri", "Rimu"]

    chosen = approver.surfer.submit(page, "main form", organisation="rimu")
    assert (chosen.address, chosen.notices) == (HOME, ["Connected to Rimu"])
    assert chosen.words("#connection .badge") == ["Connected"]


def test_choice_that_waits_is_told_where_one_looks(approver: Approver) -> None:
    """The list and the connection's page say that a choice is open, until when, and lead to it."""
    approver.connect("kauri", "rimu")

    page = approver.surfer.open(HOME)
    assert "2 organisations were approved" in page.text
    assert "The choice ends 1 Oct 2026, 12:10 UTC" in page.text
    assert str(page.one("#connection .inset a")["href"]) == CHOICE
    listed = approver.surfer.open("/workspaces/acme/integrations")
    assert "Choose an organisation" in listed.words("#integration-ledger a")


def test_nothing_chosen_is_told(approver: Approver) -> None:
    """Without a choice the page stays, and says what is missing."""
    page = approver.connect("kauri", "rimu")

    again = approver.surfer.submit(page, "main form")
    assert (again.address, again.words("h1")) == (CHOICE, ["Choose an organisation"])
    assert again.notices == ["Choose one of the organisations first."]


def test_choice_that_is_over_is_told(approver: Approver) -> None:
    """After ten minutes neither the page nor its form connects; both lead to connecting again."""
    page = approver.connect("kauri", "rimu")
    approver.server.wired.clock.advance(seconds=601)

    sent = approver.surfer.submit(page, "main form", organisation="kauri")
    assert sent.address == HOME
    assert "ten minutes to choose are over" in sent.notices[0]
    assert sent.words("#connection button") == ["Connect Ledger"]
    late = approver.surfer.open(CHOICE)
    assert late.words("h1") == ["There is nothing to choose any more"]
    assert late.words("main button") == ["Connect Ledger"]


def test_choice_somebody_else_made_is_told(approver: Approver) -> None:
    """The slower of two people reads what is connected now."""
    page = approver.connect("kauri", "rimu")
    approver.surfer.submit(page, "main form", organisation="rimu")

    sent = approver.surfer.submit(page, "main form", organisation="kauri")
    assert sent.notices == ["There is no choice to make. Connected is Rimu"]
    assert approver.surfer.open(CHOICE).words("h1") == ["There is nothing to choose"]


def test_organisation_that_another_workspace_took_is_refused(approver: Approver) -> None:
    """The choice stays open for the others."""
    page = approver.connect("kauri", "rimu")
    approver.server.wired.approve(GLOBEX, "kauri")

    sent = approver.surfer.submit(page, "main form", organisation="kauri")
    assert sent.address == CHOICE
    assert "Another workspace is connected to this organisation" in sent.notices[0]
    chosen = approver.surfer.submit(sent, "main form", organisation="rimu")
    assert chosen.notices == ["Connected to Rimu"]


def test_organisation_that_is_none_of_them_is_refused(approver: Approver) -> None:
    """A form that somebody made up leads back to the choice."""
    page = approver.connect("kauri", "rimu")

    sent = approver.surfer.submit(page, "main form", organisation="matai")
    assert "not among those to choose from" in sent.notices[0]
    assert sent.words("label") == ["Kauri", "Rimu"]


def test_viewer_reads_the_choice_and_makes_none(approver: Approver, signed_in: SignedIn) -> None:
    """Who may not choose sees the names, and who does."""
    approver.connect("kauri", "rimu")

    viewer = signed_in("VIEWER", "acme")
    page = viewer.open(CHOICE)
    assert page.words("main li bdi") == ["Kauri", "Rimu"]
    assert "An administrator of this workspace chooses" in page.text
    assert not page.html.select("main form, main button, main input")
    listed = viewer.open("/workspaces/acme/integrations")
    assert listed.words("main .card a") == ["Ledger", "Open Ledger"]
