"""Disconnecting: asked before, told after."""

import pytest

from approving import HOME, Approver
from browsing import Page, Surfer
from signing_in import SignedIn
from syncline.v1.integration_pb2 import (
    Connection,
    GetConnectionRequest,
    GetSettingsRequest,
    TriggerSyncRequest,
)
from syncline_client import Client
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def approver(surfer: Surfer, server: Served) -> Approver:
    """An administrator whose workspace is connected."""
    approver = Approver(surfer, server)
    approver.connect("kauri")
    return approver


def disconnect(surfer: Surfer) -> Page:
    """Go to the question, and say yes."""
    page = surfer.open(HOME)
    question = surfer.open(str(page.one("#disconnect-link")["href"]))
    return surfer.submit(question, "main form")


def test_question_says_what_goes_and_what_stays(approver: Approver) -> None:
    """Both are listed, the organisation is named, and keeping it is the first thing to press."""
    page = approver.surfer.open(f"{HOME}/disconnect")

    assert page.words("h1") == ["Disconnect Ledger?"]
    assert page.words("main bdi") == ["Kauri"]
    removed, kept = page.words("section ul")
    assert all(each in removed for each in ("stored access", "under way", "Automatic syncs"))
    assert all(each in kept for each in ("Mappings", "Linked invoices", "history", "Settings"))
    keep, confirm = page.html.select("main a.button, main button")
    assert (keep.get_text(), keep["href"]) == ("Keep it connected", HOME)
    assert confirm.get_text() == "Disconnect Ledger"


def test_disconnecting_tells_what_happened(approver: Approver, client: Client) -> None:
    """The page says so, names what was under way, and offers to connect again."""
    approver.server.wired.switch_on("tax_rates")
    client.integrations.TriggerSync(TriggerSyncRequest(connection=str(ACME), module="tax_rates"))
    question = approver.surfer.open(f"{HOME}/disconnect")
    assert "1 sync under way: Tax Rates" in question.text

    page = approver.surfer.submit(question, "main form")
    assert page.notices[0].startswith("Disconnected from Kauri")
    assert "Ended while it was under way: Tax Rates." in page.notices[0]
    assert page.words("#connection .badge") == ["Not connected"]
    found = client.integrations.GetConnection(GetConnectionRequest(name=str(ACME))).connection
    assert found.state == Connection.STATE_NOT_CONNECTED


def test_disconnecting_works_while_the_provider_is_down(approver: Approver) -> None:
    """Nobody has to wait for a provider to leave it."""
    approver.server.wired.ledger.down = True

    page = disconnect(approver.surfer)
    assert page.notices[0].startswith("Disconnected from Kauri")
    assert page.words("#connection .badge") == ["Not connected"]


def test_second_of_two_who_disconnect_reads_so(approver: Approver) -> None:
    """What is not connected any more is not disconnected again."""
    question = approver.surfer.open(f"{HOME}/disconnect")
    disconnect(approver.surfer)

    page = approver.surfer.submit(question, "main form")
    assert page.notices == ["Ledger was not connected any more."]
    late = approver.surfer.open(f"{HOME}/disconnect")
    assert late.words("h1") == ["Ledger is not connected"]
    assert not late.html.select("main form")


def test_what_was_set_up_is_there_after_connecting_again(
    approver: Approver, client: Client
) -> None:
    """Disconnecting and connecting the same organisation again keeps the settings."""
    approver.server.wired.switch_on("contacts")
    disconnect(approver.surfer)

    assert approver.connect("kauri").notices == ["Connected to Kauri"]
    request = GetSettingsRequest(name=f"{ACME}/settings")
    assert client.integrations.GetSettings(request).settings.toggles["contacts"]


@pytest.mark.parametrize("role", ["VIEWER", "OPERATOR"])
def test_who_may_not_change_it_sees_no_buttons(
    approver: Approver, signed_in: SignedIn, role: str
) -> None:
    """They read how it stands, on the page and in the list."""
    assert approver.surfer.open(HOME).html.select("#connection button")
    onlooker = signed_in(role, "acme")
    for path in (HOME, "/workspaces/acme/integrations"):
        page = onlooker.open(path)
        assert "Connected" in page.words(".badge")
        assert not page.html.select("#connection button, #connection a, .connection form")


def test_viewer_reads_who_can_connect(server: Served, signed_in: SignedIn) -> None:
    """Where nothing is connected, and where access is lost, the page says who can mend it."""
    viewer = signed_in("VIEWER", "acme")
    assert "An administrator of this workspace can connect" in viewer.open(HOME).text

    wired = server.wired
    wired.connect()
    wired.connections.mark_reconnect_required(ACME, wired.connections.get(ACME).generation, "Gone.")
    assert "until an administrator of this workspace reconnects" in viewer.open(HOME).text
