"""What somebody sees of runs and invoices who may look only."""

from collections.abc import Callable, Mapping
from functools import partial

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.routing import Route

from invoicing import complete_chain, confirmed, linked, stock, stored_run
from syncline_console.people import Person, Role
from syncline_console.views import invoice_syncs, invoices, runs
from syncline_console.visit import House, View, Visit
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Look = Callable[..., BeautifulSoup]


@pytest.fixture
def house(console: Starlette) -> House:
    """What every visit of the console shares."""
    routes = (each for each in console.routes if isinstance(each, Route))
    return next(each.endpoint.args[0] for each in routes if isinstance(each.endpoint, partial))


@pytest.fixture
def look(house: House) -> Look:
    """Shows a page to a viewer."""

    def show(view: View, query: str = "", **named: str) -> BeautifulSoup:
        answer = view(a_visit(house, query, {"workspace": "acme", "provider": "ledger", **named}))
        return BeautifulSoup(bytes(answer.body), "html.parser")

    return show


def a_visit(house: House, query: str, named: Mapping[str, str]) -> Visit:
    """Return a viewer's visit of an address."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": query.encode(),
        "headers": [],
        "path_params": dict(named),
        "session": {},
    }
    request = Request(scope)
    request.state.csrf = "csrf"
    person = Person(id="vera", title="Vera", roles={"acme": Role.VIEWER})
    return Visit(house=house, request=request, person=person, form=FormData())


def test_viewer_sees_everything_and_no_buttons(server: Served, look: Look) -> None:
    """Runs, invoices and their numbers are shown; nothing there posts anything."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "one")
    linked(server.wired, "sent")
    run = stored_run(server.wired)

    pages = [
        look(runs.show_one, run=run.id),
        look(invoices.show),
        look(invoices.show, "list=linked"),
    ]

    texts = [" ".join(page.get_text(" ").split()) for page in pages]
    assert ["Running" in texts[0], "N-one" in texts[1], "N-sent" in texts[2]] == [True] * 3
    assert "Operators of the workspace can push these" in texts[1]
    for page in pages:
        assert not page.select(
            "main form[method=post] button, main input[type=checkbox][name=invoice]"
        )


def test_acting_is_for_operators(house: House) -> None:
    """Every action on runs and invoices is refused to a viewer by the console already."""
    made = [make(house) for make in (*runs.ROUTES, *invoice_syncs.ROUTES)]

    actions = [each for each in made if each.methods == {"POST"}]
    assert len(actions) == 3
    assert all(Role.OPERATOR in each.endpoint.args for each in actions)
