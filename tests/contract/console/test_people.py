"""The person goes along with every call, and the server guards what they may."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

import signing_in
from auditing import entries
from browsing import Surfer
from clockwork import START, Clockwork
from ledger import REDIRECT
from signing_in import KEY, Accounting, SignedIn
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from syncline_console.admission import Admission
from syncline_console.easel import Easel
from syncline_console.people import Role
from syncline_console.routing import action, page
from syncline_console.session_cookie import LOCAL_NAME
from syncline_console.session_keys import SessionKeys
from syncline_console.sessions import good_until
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.visit import House, View, Visit
from wiring import GLOBEX, ORGANISATION, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"
BINDING = "a-secret-of-one-browser-alone"
Also = Callable[..., None]


@pytest.fixture
def also(console: Starlette, client: Client) -> Also:
    """Gives the console another page or action, as a mistake in it would."""
    templates, hub = environment(Statics()), console.state.hub
    house = House(client=client, templates=templates, hub=hub, easel=Easel(templates, ()))

    def add(path: str, view: View, *, posts: bool) -> None:
        make = action(path, view, needs=None, back="/") if posts else page(path, view, needs=None)
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


def way_back(server: Served, client: Client) -> str:
    """Start a consent in a browser and approve it; return where the provider leads back to."""
    request = pb.StartConnectionRequest(
        parent="workspaces/acme",
        provider="ledger",
        redirect_uri=REDIRECT,
        browser_binding=BINDING,
    )
    started = client.integrations.StartConnection(request)
    code = server.wired.ledger.consent(started.authorization_url, "mia", ORGANISATION)
    return f"/oauth/callback?state={started.state}&code={code}"


def test_a_consent_is_completed_by_whoever_is_signed_in(
    server: Served, client: Client, surfer: Surfer
) -> None:
    """The trail names the person who came back."""
    surfer.cookies.set("syncline-consent", BINDING)

    surfer.send("GET", way_back(server, client))

    done = [each for each in entries(server.wired.database) if each.method == "CompleteConnection"]
    assert {each.actor.person_id for each in done} == {"mia"}
    assert done[-1].code == "OK"


def test_a_consent_is_completed_by_no_viewer(
    server: Served, client: Client, signed_in: SignedIn
) -> None:
    """Somebody else who sits down at the browser and may not connect does not complete it."""
    viewer = signed_in("viewer", "acme")
    viewer.cookies.set("syncline-consent", BINDING)

    answer = viewer.send("GET", way_back(server, client))

    assert answer.status_code == 403
    assert "Only an administrator of the workspace may connect it" in answer.text
    connection = client.integrations.GetConnection(
        pb.GetConnectionRequest(name="workspaces/acme/connections/ledger")
    ).connection
    assert connection.state != pb.Connection.STATE_CONNECTED


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
    also("/workspaces/{workspace}/live", lambda _visit: PlainTextResponse("ok"), posts=False)
    session_clock.advance(seconds=1800)
    assert surfer.send("GET", "/workspaces/acme/live").status_code == 200
    session_clock.advance(seconds=1800)

    assert surfer.send("GET", HERE).status_code == 303
