"""Connecting: from the button to the provider and back, in one browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import Tag
from starlette.applications import Starlette

from approving import HOME, Approver, way_back
from browsing import Surfer
from ledger import REDIRECT
from proxying import behind_proxy
from signing_in import Accounting, signed_in
from syncline.v1.integration_pb2 import (
    Connection,
    GetConnectionRequest,
    StartConnectionRequest,
)
from syncline_client import Client
from syncline_console.admission import Admission
from syncline_console.app import build_app
from syncline_console.people import Role
from syncline_console.session_cookie import SECURE_NAME
from wiring import ACME, GLOBEX, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def approver(surfer: Surfer, server: Served) -> Approver:
    """An administrator who is about to connect."""
    return Approver(surfer, server)


def connection(client: Client) -> Connection:
    """Return the connection as the server has it."""
    return client.integrations.GetConnection(GetConnectionRequest(name=str(ACME))).connection


@pytest.mark.parametrize("start", ["/workspaces/acme/integrations", HOME], ids=["list", "page"])
def test_approval_leads_back_connected(approver: Approver, start: str) -> None:
    """Whoever connects and approves comes back to the connection's page, which names what it is."""
    page = approver.back(approver.begin(start), "kauri")

    assert page.address == HOME
    assert page.notices == ["Connected to Kauri"]
    assert page.words("#connection .badge") == ["Connected"]
    assert page.words("#connection bdi") == ["Kauri"]


def test_provider_is_reached_by_page_and_by_link(approver: Approver) -> None:
    """Scripts or none, the page leads on by itself, and its link leads to the same address."""
    surfer = approver.surfer
    page = surfer.submit(surfer.open(HOME), 'form[action$="/connect"]')

    refresh = page.one('meta[http-equiv="refresh"]')
    link = page.one("main a.primary")
    assert page.words("h1") == ["Taking you to Ledger…"]
    assert link.get_text() == "Continue to Ledger"
    assert refresh["content"] == f"0;url={link['href']}"
    asked = parse_qs(urlsplit(str(link["href"])).query)
    assert asked["redirect_uri"] == [REDIRECT]


def test_cookie_of_the_consent_is_the_browsers_alone(surfer: Surfer) -> None:
    """Each consent has a secret of its own, which no script reads, for ten minutes."""
    csrf = str(surfer.open(HOME).one('form[action$="/connect"] [name="csrf"]')["value"])
    form = {"csrf": csrf}
    answers = [surfer.send("POST", f"{HOME}/connect", data=form) for _ in range(2)]

    cookies = [
        each
        for answer in answers
        for each in answer.headers.get_list("set-cookie")
        if each.startswith("syncline-consent=")
    ]
    secrets = {each.partition(";")[0] for each in cookies}
    assert len(secrets) == 2
    assert all(re.fullmatch(r"syncline-consent=[\w-]{43}", each) for each in secrets)
    for each in cookies:
        flags = {flag.strip().lower() for flag in each.split(";")[1:]}
        assert flags == {"httponly", "max-age=600", "path=/", "samesite=lax"}


def test_approval_in_another_browser_is_not_taken(
    console: Starlette, approver: Approver, client: Client
) -> None:
    """Somebody who is lured to another person's way back connects nothing, and spoils nothing."""
    address = approver.begin()
    code = approver.server.wired.ledger.consent(address, "mia", "kauri")
    lured = Surfer(console).open(way_back(address, code=code))

    assert lured.status == 409
    assert "does not belong to a connection that was started here" in lured.text
    assert connection(client).state == Connection.STATE_NOT_CONNECTED
    assert approver.answered(address, code=code).notices == ["Connected to Kauri"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"error": "access_denied"}, "Access was not approved"),
        ({"error": "server_error"}, "did not complete the approval"),
        ({"code": "made-up"}, "did not complete the approval"),
    ],
    ids=["denied", "failed", "made-up"],
)
def test_refusal_is_told_where_one_can_connect_again(
    approver: Approver, answer: dict[str, str], told: str
) -> None:
    """Who started here reads on the connection's page why nothing came of it."""
    page = approver.answered(approver.begin(), **answer)

    assert page.address == HOME
    assert told in page.notices[0]
    assert page.notices[0].endswith("Connect again.")
    assert page.words("#connection button") == ["Connect Ledger"]


def test_approval_that_took_too_long_is_told(approver: Approver) -> None:
    """After ten minutes the person reads so, and can connect again."""
    address = approver.begin()
    approver.server.wired.clock.advance(seconds=601)

    assert "longer than ten minutes" in approver.back(address, "kauri").notices[0]
    assert approver.connect("kauri").notices == ["Connected to Kauri"]


def test_way_back_that_is_loaded_twice_breaks_nothing(approver: Approver) -> None:
    """A reload, or Back and once more, says that it was used, on a page that says Connected."""
    address = approver.begin()
    code = approver.server.wired.ledger.consent(address, "mia", "kauri")
    approver.answered(address, code=code)

    page = approver.answered(address, code=code)
    assert "was used already" in page.notices[0]
    assert page.words("#connection .badge") == ["Connected"]


def test_newest_of_two_tabs_counts(approver: Approver) -> None:
    """The first of two that were begun in one browser is told about the second, which works."""
    first, second = approver.begin(), approver.begin()

    assert "the newest counts" in approver.back(first, "kauri").notices[0]
    assert approver.back(second, "kauri").notices == ["Connected to Kauri"]


def test_organisation_of_another_workspace_is_refused(approver: Approver) -> None:
    """The person reads what to do, and not whose it is."""
    approver.server.wired.approve(GLOBEX)

    page = approver.connect("kauri")
    assert "Another workspace is connected to this organisation" in page.notices[0]
    assert "approve another organisation" in page.notices[0]
    assert "globex" not in page.text


def test_consent_that_the_api_started_lands_on_a_page_of_its_own(
    surfer: Surfer, client: Client
) -> None:
    """Nobody knows where its person came from, so nobody is led anywhere."""
    request = StartConnectionRequest(
        parent="workspaces/acme", provider=ACME.provider, redirect_uri=REDIRECT
    )
    address = client.integrations.StartConnection(request).authorization_url

    page = surfer.open(way_back(address, error="access_denied"))
    assert page.status == 409
    assert page.words("h1") == ["Not connected"]
    assert "Go back to where you started" in page.text


def test_address_that_the_server_does_not_allow_is_named(
    client: Client, admission: Admission, accounting: Accounting
) -> None:
    """An operator reads which address is missing in which variable."""
    complete, deliver = client.integrations.CompleteConnection, client.webhooks.DeliverWebhook
    elsewhere = "https://books.example"
    console = build_app(client, complete, deliver, admission, public_url=elsewhere)
    accounting.put("mia", Role.ADMIN)
    surfer = signed_in(behind_proxy(console), "mia", elsewhere)

    page = surfer.submit(surfer.open(HOME), 'form[action$="/connect"]')
    assert page.address == HOME
    assert f"{elsewhere}/oauth/callback" in page.notices[0]
    assert "SYNCLINE_REDIRECT_URIS" in page.notices[0]
    assert list(surfer.cookies) == [SECURE_NAME]


def test_lost_access_is_told_and_mended(approver: Approver) -> None:
    """Reconnecting to the same organisation takes the reason away and keeps the settings."""
    approver.connect("kauri")
    wired = approver.server.wired
    wired.switch_on("tax_rates")
    row = wired.connections.get(ACME)
    wired.connections.mark_reconnect_required(ACME, row.generation, "Access ended <over> there.")

    lost = approver.surfer.open(HOME)
    assert lost.words("#connection .badge") == ["Reconnect required"]
    assert "Access ended <over> there." in lost.one("#connection .inset").get_text()
    assert lost.words("#connection button") == ["Reconnect Ledger"]
    listed = approver.surfer.open("/workspaces/acme/integrations")
    assert listed.words("#integration-ledger .inset") == ["Access ended <over> there."]
    mended = approver.connect("kauri")
    assert mended.words("#connection .badge") == ["Connected"]
    assert not mended.html.select("#connection .inset")
    assert connection(approver.server.client()).organisation.id == "kauri"


NAMES = {
    "markup": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{7*7}}{% raw %}",
    "right-to-left": "\u202eabc\u202c ש",
    "emoji": "🧾 & sons",
    "long": "n" * 90,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_hostile_names_are_words(approver: Approver, name: str) -> None:
    """Whatever an organisation is called, every page shows it as text."""
    choice = approver.connect(name, "rimu")
    surfer = approver.surfer
    pages = [
        choice,
        surfer.submit(choice, "main form", organisation=name),
        surfer.open(f"{HOME}/disconnect"),
        surfer.open("/workspaces/acme/integrations"),
    ]

    shown = name.title()
    assert all(shown in each.html.get_text() for each in pages)
    assert all(not _is_odd(tag) for each in pages for tag in each.html.select("*"))


def _is_odd(tag: Tag) -> bool:
    """Return whether a tag runs or loads what we did not write."""
    loads = not str(tag.get("src", "/static/")).startswith("/static/")
    return loads or any(each.startswith("on") for each in tag.attrs)
