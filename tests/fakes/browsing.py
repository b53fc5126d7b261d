"""Somebody who uses the console: opens pages, and posts their forms as a browser would."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag
from starlette.types import ASGIApp

ORIGIN = "http://localhost:8080"


@dataclass(frozen=True)
class Page:
    """What a browser shows."""

    address: str
    """Path and query."""
    status: int
    html: BeautifulSoup

    @property
    def text(self) -> str:
        """All of its words, blanks run together."""
        return " ".join(self.html.get_text(" ").split())

    def one(self, selector: str) -> Tag:
        """Return the one element a CSS selector finds."""
        (found,) = self.html.select(selector)
        return found

    def words(self, selector: str) -> list[str]:
        """Return the words of each element that a CSS selector finds."""
        return [" ".join(each.get_text(" ").split()) for each in self.html.select(selector)]

    @property
    def notices(self) -> list[str]:
        """What it says on top about what was done, without the word for how it is meant."""
        texts = (each.select("p, li") for each in self.html.select("#notices .notice"))
        return [" ".join(_seen(part) for part in parts) for parts in texts]


class Surfer:
    """A browser with cookies, without scripts: what works for it works when scripts are slow.

    :param app: the console, or what stands in front of it.
    :param origin: scheme and host it is found at.
    """

    def __init__(self, app: ASGIApp, origin: str = ORIGIN) -> None:
        self._app = app
        self._origin = origin
        self.cookies = httpx.Cookies()

    def send(self, method: str, path: str, **sent: object) -> httpx.Response:
        """Send one request and follow no redirect; a form says which page it is from."""
        if method != "GET":
            sent.setdefault("headers", {"Origin": self._origin})

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url=self._origin, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **sent)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def open(self, path: str) -> Page:
        """Open a page, and whatever it leads to."""
        return self._shown(self.send("GET", path))

    def submit(self, page: Page, selector: str, **changed: str | list[str]) -> Page:
        """Post the one form a CSS selector finds, with what it holds and what somebody changed.

        A button's name and value are given like any other field.
        """
        form = page.one(selector)
        fields = {**_filled(form), **changed}
        action = urljoin(page.address, str(form.get("action", page.address)))
        if str(form.get("method", "get")).lower() == "get":
            return self._shown(self.send("GET", action, params=fields))
        return self._shown(self.send("POST", action, data=fields))

    def _shown(self, answer: httpx.Response) -> Page:
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            answer = self.send("GET", target)
        url = urlsplit(str(answer.url))
        address = f"{url.path}?{url.query}" if url.query else url.path
        return Page(address, answer.status_code, BeautifulSoup(answer.text, "html.parser"))


def _seen(part: Tag) -> str:
    """Return the words of a part that are seen, not only read out."""
    hidden = {id(text) for each in part.select(".sr-only") for text in each.find_all(string=True)}
    words = (text for text in part.find_all(string=True) if id(text) not in hidden)
    return " ".join(" ".join(words).split())


def _filled(form: Tag) -> dict[str, str | list[str]]:
    """Return what a browser would send of a form that nobody touched."""
    found: dict[str, str | list[str]] = {}
    for field in form.select("input[name]:not([disabled])"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.get("type") != "submit":
            _add(found, str(field["name"]), str(field.get("value", "on")))
    for area in form.select("textarea[name]:not([disabled])"):
        _add(found, str(area["name"]), area.get_text())
    for choice in form.select("select[name]:not([disabled])"):
        chosen = choice.select("option[selected]") or choice.select("option")[:1]
        for each in chosen:
            _add(found, str(choice["name"]), str(each.get("value", each.get_text())))
    return found


def _add(found: dict[str, str | list[str]], name: str, value: str) -> None:
    known = found.get(name)
    if known is None:
        found[name] = value
    else:
        found[name] = [*known, value] if isinstance(known, list) else [known, value]
