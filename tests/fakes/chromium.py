"""People in front of a real Chromium: what they do, and everything that goes wrong meanwhile."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    expect,
)

from local_stack import LocalStack

PATIENCE = 120.0
"""Seconds after which something that should be on a page is not; a busy machine needs many."""
PASSWORD = "correct horse battery"
"""Of every account that a test makes."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As root there is no sandbox; /dev/shm is small in containers.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage")
_LEFT = "net::ERR_ABORTED"
"""A page that is left lets go of what it still loads, the stream of live changes above all."""
LOST = re.compile(r"net::ERR_|Failed to load resource|Failed to fetch|NetworkError")
"""What Chromium itself says while a program is down."""


def executable() -> str | None:
    """Return where Chromium is: where ``SYNCLINE_TEST_CHROMIUM`` says, else on the path."""
    named = os.environ.get("SYNCLINE_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


def launched(kind: BrowserType, where: str) -> Browser:
    """Return a running browser."""
    patience = PATIENCE * 1000
    expect.set_options(timeout=patience)
    return kind.launch(executable_path=where, args=[*_ARGUMENTS], timeout=patience)


def answering(page: Page, *wishes: str) -> list[str]:
    """Stay or go when a page asks, in this order; what it asked is in the list."""
    told: list[str] = []

    def answer(dialog: Dialog) -> None:
        told.append(dialog.message)
        if wishes[len(told) - 1] == "go":
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return told


def add_account(stack: LocalStack, name: str, *, role: str, workspace: str, title: str) -> None:
    """Give somebody an account of the console, as whoever runs it does in a terminal."""
    wanted = ("--workspace", workspace, "--role", role, "--title", title)
    _accounts(stack, "add", name, *wanted, said=PASSWORD)


def remove_account(stack: LocalStack, name: str) -> None:
    """Take somebody's account of the console away."""
    _accounts(stack, "remove", name)


def _accounts(stack: LocalStack, *arguments: str, said: str = "") -> None:
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncline_console", "accounts", *arguments],
        env=dict(stack.environment_of("console")),
        input=f"{said}\n",
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )


class Person:
    """Somebody with a browser of their own: no cookie is shared with anybody else.

    Whatever a page complains of is kept in :attr:`troubles`; a test ends with none.

    :param context: of a browser, new.
    :param stack: whose console they use.
    """

    def __init__(self, context: BrowserContext, stack: LocalStack) -> None:
        self.context = context
        self.stack = stack
        self.troubles: list[str] = []
        self._tolerated: list[re.Pattern[str]] = []
        context.set_default_timeout(PATIENCE * 1000)
        context.on("console", self._said)
        context.on("weberror", lambda error: self._trouble(f"script: {error.error}"))
        context.on("requestfailed", self._not_loaded)
        context.on("dialog", lambda dialog: self._trouble(f"dialog: {dialog.message}"))
        context.tracing.start(snapshots=True)
        self.page: Page = context.new_page()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.page and self._is_ours(message.page.url):
            self._trouble(f"console: {message.text}")

    def _not_loaded(self, request: Request) -> None:
        why = request.failure or ""
        if why != _LEFT and self._is_ours(request.url):
            self._trouble(f"not loaded: {request.url}: {why}")

    def _is_ours(self, url: str) -> bool:
        return url.startswith(self.origin)

    def _trouble(self, what: str) -> None:
        if not any(each.search(what) for each in self._tolerated):
            self.troubles.append(what)

    @property
    def origin(self) -> str:
        """Where the console is for a browser."""
        return f"http://localhost:{self.stack.settings.console.port}"

    @contextmanager
    def tolerating(self, what: re.Pattern[str]) -> Iterator[None]:
        """Let complaints pass that are right just now, such as of a server that was killed."""
        self._tolerated.append(what)
        yield
        self._hear_all()
        self._tolerated.remove(what)

    def _hear_all(self) -> None:
        """Return once everything has been heard that a page has complained of so far."""
        for page in self.context.pages:
            with suppress(Error):  # it is on its way to another page, and says no more here
                page.evaluate("() => null")  # what a page says arrives in order

    def tab(self) -> Page:
        """Open another tab beside the first."""
        return self.context.new_page()

    def sign_in(self, name: str = "") -> None:
        """Sign in on the page for it, with an account that the test made.

        :param name: empty is the administrator whom every local stack has.
        """
        self.page.goto(f"{self.origin}/sign-in")
        self.give_account(name)
        expect(self.page.get_by_role("button", name="Sign in", exact=True)).to_have_count(0)

    def give_account(self, name: str = "") -> None:
        """Fill in the form of the sign-in page, and send it."""
        admin = self.stack.admin
        self.page.get_by_label("Name", exact=True).fill(name or admin.name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD if name else admin.password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def address(self, workspace: str, *parts: str) -> str:
        """Return the address of a page of a workspace's connection to Xero."""
        return "/".join((self.origin, "workspaces", workspace, "integrations", "xero", *parts))

    def open(self, workspace: str, *parts: str) -> Page:
        """Open a page of a workspace's connection to Xero in the first tab."""
        self.page.goto(self.address(workspace, *parts))
        return self.page

    def leave(self, folder: Path | None) -> None:
        """Close the browser.

        :param folder: where to keep what happened, for whoever looks into a failure; None keeps
            nothing.
        """
        if folder is None:
            self.context.tracing.stop()
        else:
            folder.mkdir()
            self.context.tracing.stop(path=folder / "trace.zip")
            self._keep(folder)
        self.context.close()

    def _keep(self, folder: Path) -> None:
        for number, page in enumerate(self.context.pages):
            page.screenshot(path=folder / f"tab{number}.png", full_page=True)
            (folder / f"tab{number}.html").write_text(page.content())
        (folder / "troubles.txt").write_text("\n".join(self.troubles))
