"""The person goes along with every call, and the server guards what they may."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

import signing_in
from approving import Approver
from auditing import entries
from browsing import Surfer
from clockwork import START, Clockwork
from signing_in import KEY, Accounting, SignedIn
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client, on_behalf_of
from syncline_console.admission import Admission
from syncline_console.app import build_app
from syncline_console.easel import Easel
from syncline_console.people import Role
from syncline_console.routing import action, page
from syncline_console.session_cookie import LOCAL_NAME
from syncline_console.session_keys import SessionKeys
from syncline_console.sessions import good_until
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.visit import House, View, Visit
from wiring import GLOBEX, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"
Also = Callable[..., None]


@pytest.fixture
def also(console: Starlette, client: Client) -> Also:
    """Gives the console another page or action, as a mistake in it would."""
    templates, hub = environment(Statics()), console.state.hub
    house = House(client=client, templates=templates, hub=hub, easel=Easel(templates, ()))

    def add(path: str, view: View, *, posts: bool, is_use: bool = True) -> None:
        shown = page(path, view, needs=None, is_use=is_use)
        make = action(path, view, needs=None, back="/") if posts else shown
        console.router.routes.append(make(house))

    return add


def disconnect(visit: Visit) -> Response:
    """Disconnect whatever the form says: what no view should do."""
    request = pb.DisconnectRequest(name=visit.sent("name"))
    visit.ask(visit.client.integrations.Disconnect, request)
    return visit.go(HERE)


def post(surfer: Surfer, path: str, name: str) -> str:
    """Post a form with a name; return where it leads."""
    csrf = surfer.open("/").one("form[action='/sign-out'] [name=csrf]")["value"]
    return surfer.send("POST", path, data={"csrf": csrf, "name": name}).headers["location"]


def test_a_mistake_in_the_console_gives_nobody_more(
    server: Served, also: Also, signed_in: SignedIn
) -> None:
    """An action that forgot to ask for the role, or believes a form, is stopped by the server."""
    server.wired.connect()
    server.wired.connect(GLOBEX, "another")
    also("/workspaces/{workspace}/break", disconnect, posts=True)
    acme, globex = (f"workspaces/{each}/connections/ledger" for each in ("acme", "globex"))
    admin, viewer = signed_in("admin", "acme", "globex"), signed_in("viewer", "acme", "globex")

    assert post(viewer, "/workspaces/acme/break", acme) == "/"
    assert post(admin, "/workspaces/acme/break", globex) == "/"
    assert viewer.open("/").notices[0].startswith("You may not do this here.")
    assert post(admin, "/workspaces/acme/break", acme) == HERE


def test_no_role_asks_for_nothing(server: Served, also: Also, signed_in: SignedIn) -> None:
    """Somebody without a role in the workspace never gets a call through."""
    server.wired.connect()
    also("/workspaces/{workspace}/break", disconnect, posts=True)
    stranger = signed_in("admin", "globex", "initech")

    led = post(stranger, "/workspaces/acme/break", "workspaces/acme/connections/ledger")

    assert led == "/"
    assert entries(server.wired.database) == []


def test_the_trail_names_who_did_it(server: Served, also: Also, surfer: Surfer) -> None:
    """Person and credentials are in the entry."""
    server.wired.connect()
    also("/workspaces/{workspace}/break", disconnect, posts=True)
    post(surfer, "/workspaces/acme/break", "workspaces/acme/connections/ledger")

    actor = entries(server.wired.database)[-1].actor
    assert (actor.person_id, actor.person_title, actor.title) == ("mia", "Mia Patel", "local")


def completions(server: Served) -> list[tuple[str, str]]:
    """Return who completed consents, and how it went."""
    found = [each for each in entries(server.wired.database) if each.method == "CompleteConnection"]
    return [(each.actor.person_id, each.code) for each in found if each.code]


def test_a_consent_is_completed_by_whoever_began_it(server: Served, surfer: Surfer) -> None:
    """The trail names the person who came back."""
    Approver(surfer, server).connect("kauri")

    assert completions(server) == [("mia", "OK")]


def test_a_consent_is_completed_with_the_role_in_its_workspace(
    server: Served, client: Client, admission: Admission, accounting: Accounting
) -> None:
    """What somebody may do in another workspace counts for nothing."""
    said = []

    def complete(
        request: pb.CompleteConnectionRequest,
        timeout: float | None = None,
        metadata: tuple[tuple[str, str | bytes], ...] | None = None,
    ) -> pb.CompleteConnectionResponse:
        said.append(metadata)
        return client.integrations.CompleteConnection(request, timeout=timeout, metadata=metadata)

    app = build_app(client, complete, client.webhooks.DeliverWebhook, admission)
    accounting.put("mia", Role.ADMIN, "acme", "globex")
    Approver(signing_in.signed_in(app, "mia"), server).connect("kauri")

    assert said == [on_behalf_of("mia", "Mia", role="admin", workspace="acme")]


@pytest.mark.parametrize("change", ["removed", "viewer", "session-gone"])
def test_a_consent_is_completed_for_nobody_who_is_out(
    server: Served, accounting: Accounting, console: Starlette, change: str
) -> None:
    """Whoever began it may not connect any more, or is not known: the server is not asked."""
    accounting.put("mia", Role.ADMIN, "acme")
    surfer = signing_in.signed_in(console, "mia")
    approver = Approver(surfer, server)
    address = approver.begin()
    if change == "removed":
        accounting.remove("mia")
    elif change == "viewer":
        accounting.put("mia", Role.VIEWER, "acme")
    else:
        surfer.cookies.delete(LOCAL_NAME)

    page = approver.back(address, "kauri")

    assert (page.status, page.words("h1")) == (403, ["Not connected"])
    assert "Sign in again, then connect again." in page.text
    assert completions(server) == []


def test_a_consent_is_completed_by_nobody_else(
    server: Served, surfer: Surfer, signed_in: SignedIn
) -> None:
    """With the cookie alone, somebody else neither connects nor spoils it."""
    mia, other = Approver(surfer, server), signed_in("admin", "acme", "globex")
    address = mia.begin()
    other.cookies.set("syncline-consent", surfer.cookies["syncline-consent"])

    page = Approver(other, server).back(address, "kauri")

    assert page.status == 409
    assert "does not belong to a connection that was started here" in page.text
    assert completions(server) == []
    assert mia.back(address, "kauri").notices == ["Connected to Kauri"]


def test_a_consent_does_not_outlast_another_sign_in(
    console: Starlette, accounting: Accounting
) -> None:
    """Who signs in next in the same browser cannot complete what somebody before began."""
    accounting.put("mia", Role.ADMIN, "acme")
    surfer = Surfer(console)
    csrf = surfer.open("/sign-in").one("[name=csrf]")["value"]
    form = {"csrf": csrf, "name": "mia", "password": signing_in.PASSWORD}

    told = surfer.send("POST", "/sign-in", data=form).headers.get_list("set-cookie")

    assert any(each.startswith('syncline-consent=""') for each in told)


def told_until(also: Also, surfer: Surfer, before: Callable[[], None]) -> str:
    """Return what a long answer is told of its session's end, after something happened."""

    def view(visit: Visit) -> Response:
        before()
        found: datetime | None = good_until(visit.request)
        return PlainTextResponse(found.isoformat() if found else "over")

    also("/workspaces/{workspace}/until", view, posts=False)
    return surfer.send("GET", "/workspaces/acme/until").text


def test_a_stream_learns_when_its_session_ends(also: Also, surfer: Surfer) -> None:
    """An hour after the last use, or eight after the start."""
    expected = START + timedelta(hours=1)

    assert told_until(also, surfer, lambda: None) == expected.isoformat()


def test_a_stream_learns_that_its_session_is_over(
    also: Also, surfer: Surfer, session_clock: Clockwork
) -> None:
    """Time that passes during a stream counts."""
    assert told_until(also, surfer, lambda: session_clock.advance(seconds=3600)) == "over"


def test_a_stream_learns_that_somebody_signed_out(
    also: Also, surfer: Surfer, admission: Admission
) -> None:
    """Whoever signs out in one tab ends what another one follows."""
    held = SessionKeys([KEY]).read(surfer.cookies[LOCAL_NAME]) or {}

    assert told_until(also, surfer, lambda: admission.ended.add(held["id"])) == "over"


def test_a_stream_learns_that_its_account_is_gone(
    also: Also, surfer: Surfer, accounting: Accounting
) -> None:
    """Whoever is taken away is so at once, not at the end of the hour."""
    assert told_until(also, surfer, lambda: accounting.remove("mia")) == "over"


def test_an_open_page_is_no_use(also: Also, surfer: Surfer, session_clock: Clockwork) -> None:
    """A page that follows live changes does not keep its session alive."""
    path, ok = "/workspaces/{workspace}/live", PlainTextResponse("ok")
    also(path, lambda _visit: ok, posts=False, is_use=False)
    session_clock.advance(seconds=1800)
    assert surfer.send("GET", "/workspaces/acme/live").status_code == 200
    session_clock.advance(seconds=1800)

    assert surfer.send("GET", HERE).status_code == 303
