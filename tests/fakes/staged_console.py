"""Pages with the console's own frame and scripts, whose content and stream a test decides."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from ports import own_ports
from syncline_console.events import event
from syncline_console.headers import PAGE_HEADERS, PEEK
from syncline_console.people import Person, Role
from syncline_console.statics import Statics
from syncline_console.streaming import EventStream
from syncline_console.templates import environment

HOME = "/workspaces/acme/integrations/xero"
_MILLI = 1000


class StagedVisit:
    """What the frame of a page asks of a visit."""

    workspace = "acme"
    provider = "xero"
    person = Person(id="mia", title="Mia", everywhere=Role.ADMIN)

    def __init__(self, server_time: int, drawn: list[str]) -> None:
        self.server_time = server_time
        self.drawn = drawn

    def path(self, *parts: str) -> str:
        """Return an address."""
        return "/".join((HOME, *parts))

    def may(self, _role: str) -> bool:
        """Return whether they may."""
        return True


class StagedConsole:
    """Answers on a port of its own. Use :meth:`start` and :meth:`stop` as often as you like."""

    followed = 0
    """How many streams there have ever been."""
    leads_to = HOME
    """Where a form leads that is not answered with a page."""
    _is_over = False

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        """What is on each page, by its path behind the connection's."""
        self.parts: dict[str, str] = {}
        """The live parts on the first page."""
        self.piece = ""
        """What a page is answered that asks again and again."""
        self.piece_status = 200
        self.answers: dict[str, tuple[str, str]] = {}
        """What a form that is posted to a path is answered with, where that is no way back: the
        title, and what is on the page."""
        self.posted: list[dict[str, str]] = []
        self.notices: list[str] = []
        """What the next page says on top, once."""
        self.peeks = 0
        """How often a page was asked for by an open one."""
        self.ahead = 0.0
        """Seconds that the server's clock is ahead of this machine's."""
        self.held = threading.Event()
        self.held.set()
        """While it is clear, posts get no answer."""
        self._statics = Statics()
        self._templates: jinja2.Environment = environment(self._statics)
        self._streams: set[asyncio.Queue[bytes | None]] = set()
        (self._port,) = own_ports(1)
        self.address = f"http://localhost:{self._port}{HOME}"

    @property
    def now(self) -> int:
        """The server's time, in milliseconds since the epoch."""
        return round((time.time() + self.ahead) * _MILLI)

    @property
    def open_streams(self) -> int:
        """How many pages follow."""
        return len(self._streams)

    def start(self) -> None:
        """Answer from now on."""
        self._is_over = False
        self._loop = asyncio.new_event_loop()
        listener = socket.create_server(("127.0.0.1", self._port))
        config = uvicorn.Config(self._app(), log_config=None, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        serving = self._server.serve(sockets=[listener])
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(serving,))
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; every stream breaks, those that come while it ends as well."""
        self._is_over = True
        self._tell_all(None)
        self._server.should_exit = True
        self._thread.join()
        self._loop.close()

    def tell(self, kind: str, data: str | int = "", turn: int | None = None) -> None:
        """Send an event to every page that follows."""
        self._tell_all(event(kind, data, turn=turn))

    def change(self, part: str, html: str) -> None:
        """Have a live part be another, on every page that follows."""
        self.parts[part] = html
        self.tell("part", html)

    def _tell_all(self, what: bytes | None) -> None:
        def put() -> None:
            for stream in self._streams:
                stream.put_nowait(what)

        self._loop.call_soon_threadsafe(put)

    def _app(self) -> Starlette:
        page = Route(HOME + "{rest:path}", self._show, methods=["GET"])
        piece = Route(f"{HOME}/piece", lambda _: HTMLResponse(self.piece, self.piece_status))
        post = Route(HOME + "{rest:path}", self._take, methods=["POST"])
        live = Route(f"{HOME}/live", self._follow)
        return Starlette(routes=[live, piece, page, post, Mount("/static", self._statics)])

    def _show(self, request: Request) -> Response:
        rest = request.path_params["rest"]
        drawn = list(self.parts) if not rest else []
        content = self.pages.get(rest, "") + ("".join(self.parts.values()) if not rest else "")
        if request.method == "POST":
            (rest, content), drawn = self.answers[rest], []
        template = self._templates.from_string(
            '{% extends "layout.html" %}{% block title %}{{ rest or "home" }}{% endblock %}'
            "{% block content %}{{ content | safe }}{% endblock %}"
        )
        is_peek = PEEK in request.headers
        self.peeks += is_peek
        told = [] if is_peek else self.notices
        notices = [{"tone": "done", "text": text, "details": []} for text in told]
        told.clear()
        values: dict[str, Any] = {"content": content, "rest": rest, "notices": notices}
        visit = StagedVisit(self.now, drawn)
        html = template.render(visit=visit, csrf="token", **values)
        return HTMLResponse(html, headers=PAGE_HEADERS)

    async def _take(self, request: Request) -> Response:
        form = await request.form()
        self.posted.append({name: str(value) for name, value in form.items()})
        await asyncio.get_running_loop().run_in_executor(None, self.held.wait)
        if request.path_params["rest"] in self.answers:
            return self._show(request)
        self.notices.append("Saved.")
        return RedirectResponse(self.leads_to, status_code=303, headers=PAGE_HEADERS)

    async def _follow(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response()
        return EventStream(self._events(once="once" in request.query_params))

    async def _events(self, *, once: bool) -> AsyncGenerator[bytes, None]:
        now = event("clock", self.now) + b"".join(map(partial(event, "part"), self.parts.values()))
        if once:
            yield now + event("over")
            return
        told: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._streams.add(told)
        self.followed += 1
        try:
            yield now
            while not self._is_over and (each := await told.get()) is not None:
                yield each
        finally:
            self._streams.discard(told)
