"""What people and strangers may ask of the console, and what it asks of the server for them."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from browsing import Surfer
from clockwork import Clockwork
from invoicing import complete_chain, meet, stored_run
from pulled import store_contacts
from syncline_client import Client
from syncline_console.admission import Admission
from syncline_console.app import build_app
from syncline_console.rates import OF_ONE, OF_STRANGERS
from syncline_sdk import Contact, Issue, RecordKind
from syncline_server.core.model import MappingState
from syncline_server.rpc.throttling import weight
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = "/workspaces/acme/integrations"
HOME = f"{HERE}/ledger"
CALLBACK = "/oauth/callback?state=x&code=y"
TWO_FIT = Issue(
    code="CONTACT_AMBIGUOUS",
    message="Two customers fit.",
    action="Choose one.",
    kind=RecordKind.CONTACT,
    record_id="contact-1",
    record_name="Kauri",
)


@pytest.fixture
def weights() -> list[int]:
    """For how many calls each call of the server counts, as they come."""
    return []


@pytest.fixture
def server(database: Database, weights: list[int]) -> Iterator[Served]:
    """A server that tells what each call counts for."""

    def count(_caller: object, method: str, request: object) -> None:
        weights.append(weight(method, request))  # type: ignore[arg-type]  # a message

    with served(Wired(database, Wishes(throttle=count))) as running:
        yield running


@pytest.fixture
def console(client: Client, admission: Admission) -> Starlette:
    """A console for which no time passes."""
    integrations, webhooks = client.integrations, client.webhooks
    complete, deliver = integrations.CompleteConnection, webhooks.DeliverWebhook
    return build_app(client, complete, deliver, admission, seconds=lambda: 1000.0)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (HERE, 1),
        (HOME, 2),
        (f"{HOME}/tax-mapping", 4),
        (f"{HOME}/runs", 3),
        (f"{HOME}/contacts", 7),
        (f"{HOME}/contacts/c1/assign", 4),
        (f"{HOME}/contacts/c1/remove", 3),
        (f"{HOME}/contacts/nonesuch/assign", 1),
    ],
    ids=str,
)
def test_pages_ask_little_of_the_server(
    server: Served, surfer: Surfer, weights: list[int], path: str, most: int
) -> None:
    """All people share what the server allows to one caller: 6,000 calls a minute."""
    complete_chain(server.wired)
    store_contacts(server.wired, ContactRow(Contact("c1", "Kauri"), "", MappingState.UNMAPPED))
    surfer.open(HOME)  # finds out once what the provider is called
    weights.clear()

    surfer.send("GET", path)

    assert 0 < sum(weights) <= most


def test_open_page_of_a_run_asks_little(server: Served, surfer: Surfer, weights: list[int]) -> None:
    """Every other second it asks how far the run is, and not for all that it could not do."""
    run = stored_run(server.wired)
    meet(server.wired, run, TWO_FIT, candidates=("kauri", "rata"))
    weights.clear()

    surfer.send("GET", f"{HOME}/runs/{run.id}/now")

    assert weights == [1, 1, 1]


def test_person_who_asks_too_often_is_told_to_wait(surfer: Surfer, weights: list[int]) -> None:
    """Their pages and forms are refused without a call; strangers are not held up by that."""
    for _ in range(OF_ONE.at_once):
        surfer.send("HEAD", "/")
    weights.clear()

    page, form = surfer.send("GET", HERE), surfer.send("POST", f"{HOME}/connect")

    assert (page.status_code, form.status_code, weights) == (429, 429, [])
    assert page.headers["retry-after"] == "1"
    assert "Too many requests" in page.text
    assert "Wait a minute" in page.text
    assert Surfer(surfer._app).send("POST", "/webhooks/ledger", content=b"{}").status_code == 401


def test_strangers_leave_the_server_to_people(
    console: Starlette, surfer: Surfer, weights: list[int]
) -> None:
    """Made-up webhooks and returns are refused without a call; who is signed in can connect."""
    stranger = Surfer(console)
    for _ in range(OF_STRANGERS.at_once // 2):
        stranger.send("POST", "/webhooks/ledger", content=b"{}")
        stranger.send("GET", CALLBACK)
    assert len(weights) == OF_STRANGERS.at_once
    weights.clear()

    delivery = stranger.send("POST", "/webhooks/ledger", content=b"{}")
    assert (delivery.status_code, delivery.content) == (503, b"")
    assert stranger.send("GET", CALLBACK).status_code == 429
    assert weights == []
    assert "Too many" not in surfer.open(CALLBACK).text
    assert len(weights) == 1
    assert surfer.send("GET", HERE).status_code == 200


def test_stream_of_what_is_not_there_is_no_stream(console: Starlette, surfer: Surfer) -> None:
    """A made-up provider is not watched."""
    answer = surfer.send("GET", f"{HERE}/nonesuch/live?shows=connection")

    assert answer.status_code == 404
    assert console.state.hub.watched == 0


@pytest.mark.parametrize("path", ["runs/nothing/now", "nothing"], ids=["run", "peek"])
def test_open_page_is_no_use_of_the_session(
    surfer: Surfer, session_clock: Clockwork, path: str
) -> None:
    """What an open page asks by itself does not keep its session alive."""
    for _ in range(2):
        session_clock.advance(seconds=1800)
        peek = {} if path.endswith("/now") else {"Syncline-Peek": "1"}
        surfer.send("GET", f"{HOME}/{path}" if not peek else HERE, headers=peek)

    assert surfer.send("GET", HERE).status_code == 303


def test_notices_wait_for_somebody_who_reads_them(server: Served, surfer: Surfer) -> None:
    """Neither a preview nor a page that only looks takes them away."""
    run = stored_run(server.wired)
    csrf = surfer.open(HERE).one(".top form [name=csrf]")["value"]
    surfer.send("POST", f"{HOME}/runs/{run.id}/cancel", data={"csrf": csrf})

    surfer.send("HEAD", HERE)
    surfer.send("GET", HERE, headers={"Syncline-Peek": "1"})

    assert len(surfer.open(HERE).notices) == 1
    assert not surfer.open(HERE).notices


def test_form_to_sign_in_has_little_room(console: Starlette) -> None:
    """Strangers send it."""
    surfer = Surfer(console)
    surfer.open("/sign-in")

    assert surfer.send("POST", "/sign-in", data={"name": "x" * 16_384}).status_code == 413
