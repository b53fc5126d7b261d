"""One request of a signed-in person: who asks for what, and the ways to answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import grpc
import jinja2
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from syncline.v1.integration_pb2 import GetConnectionRequest, ListModulesRequest
from syncline_client import (
    Client,
    DeadlineExceeded,
    PermissionDenied,
    SynclineError,
    Unavailable,
    on_behalf_of,
)
from syncline_client.errors import Explanation
from syncline_console.easel import Easel
from syncline_console.fragments import Fragment, Looker
from syncline_console.headers import PAGE_HEADERS, PEEK
from syncline_console.hub import Hub
from syncline_console.notices import Notice, restored
from syncline_console.people import Person
from syncline_console.rates import Rates
from syncline_console.session_cookie import NOTICES
from syncline_console.standing import Standing
from syncline_console.threads import FOR_PAGES, FOR_STRANGERS, Threads

Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answered_co = TypeVar("Answered_co", covariant=True)
_NODES = 100
"""More than any provider has; a larger page would count as several calls."""
_NO_ROLE = Explanation(
    code=grpc.StatusCode.PERMISSION_DENIED,
    message="The person has no role in the workspace.",
    reason="PERMISSION_DENIED",
    metadata={},
)


class Method(Protocol[Asked_contra, Answered_co]):
    """A method of a generated stub."""

    def __call__(
        self,
        request: Asked_contra,
        /,
        timeout: float | None = None,
        metadata: tuple[tuple[str, str | bytes], ...] | None = None,
    ) -> Answered_co:
        """Call it; raises :class:`syncline_client.SynclineError`."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What every visit shares."""

    client: Client
    templates: jinja2.Environment
    hub: Hub
    easel: Easel
    public_url: str = "http://localhost:8080"
    """Scheme and host by which people and providers reach the console."""
    titles: dict[str, str] = field(default_factory=dict)
    """What people call each provider, as far as the API has said; it is the same for everybody."""
    rates: Rates = field(default_factory=lambda: Rates(time.monotonic))
    threads: Threads = field(default_factory=lambda: Threads(FOR_PAGES))
    stranger_threads: Threads = field(default_factory=lambda: Threads(FOR_STRANGERS))


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request, on a thread of its own."""

    house: House
    request: Request
    person: Person
    form: FormData
    """What was sent with a POST, every value a text; empty otherwise."""
    drawn: list[str] = field(default_factory=list)
    """Ids of the live parts on the page, as they are drawn."""

    @property
    def client(self) -> Client:
        """The API; call it through :meth:`ask`."""
        return self.house.client

    @property
    def workspace(self) -> str:
        """Id of the workspace in the address; empty where there is none."""
        return str(self.request.path_params.get("workspace", ""))

    @property
    def provider(self) -> str:
        """Id of the provider in the address; empty where there is none."""
        return str(self.request.path_params.get("provider", ""))

    @property
    def provider_title(self) -> str:
        """What people call the provider; its id where that cannot be found out now."""
        try:
            return self.find_title()
        except SynclineError:
            return self.provider

    def find_title(self) -> str:
        """Return what people call the provider; the API is asked where nobody has asked before.

        :raises SynclineError: there is no such provider, or that cannot be found out now.
        """
        titles = self.house.titles
        if self.provider not in titles:
            request = GetConnectionRequest(name=self.connection)
            found = self.ask(self.client.integrations.GetConnection, request).connection
            titles[self.provider] = found.provider_title
        return titles[self.provider]

    @property
    def parent(self) -> str:
        """Resource name of the workspace."""
        return f"workspaces/{self.workspace}"

    @property
    def connection(self) -> str:
        """Resource name of the connection."""
        return f"{self.parent}/connections/{self.provider}"

    @property
    def looker(self) -> Looker:
        """For whom fragments are drawn."""
        role = self.person.role_in(self.workspace)
        return Looker(workspace=self.workspace, provider=self.provider, role=role)

    def may(self, role: str) -> bool:
        """Return whether the person may do what this role may, in the workspace of the address."""
        return self.looker.may(role)

    def asked(self, name: str) -> str:
        """Return a query parameter, without blanks around it; empty when it was not given."""
        return self.request.query_params.get(name, "").strip()

    def sent(self, name: str) -> str:
        """Return a field of the form, without blanks around it; empty when it was not sent."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def all_sent(self, name: str) -> list[str]:
        """Return every value of a field that may be sent more than once."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def ask(
        self,
        method: Method[Asked_contra, Answered_co],
        request: Asked_contra,
        *,
        timeout: float | None = None,
    ) -> Answered_co:
        """Call the API on behalf of the person, with no more rights than theirs in the workspace.

        :param method: of :attr:`client`, for example ``visit.client.runs.GetRun``.
        :param timeout: seconds; None is what the client usually allows.
        :raises SynclineError: as the call does; whoever serves the visit shows it to the person.
        """
        role = self.looker.role
        if role is None:
            raise PermissionDenied(_NO_ROLE)
        person = on_behalf_of(
            self.person.id, self.person.title, role=role.lower(), workspace=self.workspace
        )
        try:
            return method(request, timeout=timeout, metadata=person)
        except (DeadlineExceeded, Unavailable):
            self.house.hub.doubt(self.connection)  # its watch may not have noticed yet
            raise

    def standing(self) -> Standing:
        """Return how the connection of the address stands; what is watched is not asked again."""
        watched = self.house.hub.fresh(self.connection)
        if watched is not None:
            return watched
        integrations = self.client.integrations
        found = self.ask(integrations.GetConnection, GetConnectionRequest(name=self.connection))
        chain = self.ask(
            integrations.ListModules, ListModulesRequest(parent=self.connection, page_size=_NODES)
        )
        asked = Standing(connection=found.connection, modules=chain.modules, toggles=chain.toggles)
        self.house.hub.clock.hear(asked)
        return asked

    @property
    def only_looks(self) -> bool:
        """Whether no person sees the answer as it is: a preview, or an open page by itself."""
        return self.request.method == "HEAD" or PEEK in self.request.headers

    @property
    def server_time(self) -> int:
        """The server's time, in milliseconds since the epoch: what pages count down by."""
        return self.house.hub.clock.milliseconds

    def path(self, *parts: str) -> str:
        """Return the address of a page of the connection: ``path("runs", run_id)``."""
        return self.looker.path(*parts)

    def draw(self, fragment: Fragment, standing: Standing) -> Markup:
        """Return a live part as it is now; the page will follow it."""
        self.drawn.append(fragment.id)
        return fragment.render(self.house.templates, standing, self.looker, self.csrf)

    def render(self, template: str, **values: Any) -> Markup:
        """Return a template as HTML. It sees ``visit`` and ``csrf`` beside the values."""
        found = self.house.templates.get_template(template)
        return Markup(found.render(visit=self, csrf=self.csrf, **values))  # noqa: S704 - it is escaped

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Answer with a page; notices that wait are shown on it, and not again."""
        waiting = [] if self.only_looks else self.request.session.pop(NOTICES, [])
        notices = [restored(each) for each in waiting]
        body = self.render(template, notices=notices, **values)
        return HTMLResponse(body, status_code=status, headers=PAGE_HEADERS)

    def go(self, path: str, *notices: Notice) -> Response:
        """Answer a POST: have the browser get another page, with notices on top of it."""
        waiting = self.request.session.get(NOTICES, [])
        if notices:
            self.request.session[NOTICES] = [*waiting, *(each.stored() for each in notices)]
        return RedirectResponse(path, status_code=303, headers=PAGE_HEADERS)

    @property
    def csrf(self) -> str:
        """What every form sends back in its field ``csrf``, so that no other site can post it."""
        return str(self.request.state.csrf)


View = Callable[[Visit], Response]
"""Answers a visit. Runs on a thread, so it may block; raises what a call raises."""
