"""What people of any role are shown, without signing in."""

from bs4 import BeautifulSoup
from starlette.datastructures import FormData
from starlette.requests import Request

from browsing import ORIGIN, Page
from syncline_client import Client
from syncline_console.people import Person, Role
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.views import connection, disconnect, integrations, organisation
from syncline_console.visit import House, View, Visit

_VIEWS: dict[str, View] = {
    "": connection.show,
    "organisation": organisation.show,
    "disconnect": disconnect.ask,
}


def visited(client: Client, path: str, role: str) -> Page:
    """Return what somebody with a role in every workspace sees at an address of a connection."""
    visit = visiting(client, path, role)
    name = path.rpartition("/")[2] if path.count("/") > 4 else ""
    view = _VIEWS[name] if visit.provider else integrations.show
    answer = view(visit)
    return Page(path, answer.status_code, BeautifulSoup(bytes(answer.body), "html.parser"))


def visiting(client: Client, path: str, role: str, *, public_url: str = ORIGIN) -> Visit:
    """Return the visit of somebody with a role in every workspace.

    :param path: of a workspace's integrations, or below.
    """
    _, _, workspace, _, provider, *_ = [*path.split("/"), ""]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "session": {},
        "state": {"csrf": "c"},
        "path_params": {"workspace": workspace, "provider": provider},
    }
    house = House(client=client, templates=environment(Statics()), public_url=public_url)
    person = Person(id="mia", title="Mia", everywhere=Role(role))
    return Visit(house=house, request=Request(scope), person=person, form=FormData())
