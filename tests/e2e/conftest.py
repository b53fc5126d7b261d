"""Stacks of real processes, each with a data folder and ports of its own; staged consoles."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import chromium as browsers
from databases import PostgresqlServer
from local_stack import LocalStack, local_environment
from staged_console import StagedConsole
from staged_windows import FORM, PART, opened, soon

StartStack = Callable[..., LocalStack]


@pytest.fixture
def start_stack(tmp_path: Path) -> Iterator[StartStack]:
    """Start a stack with these variables; it is stopped when the test ends."""
    started: list[LocalStack] = []

    def start(**variables: str) -> LocalStack:
        stack = LocalStack(local_environment(tmp_path / f"data{len(started)}", **variables))
        started.append(stack)
        stack.start("simulator", "server", "console")
        return stack

    yield start
    for stack in started:
        stack.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest, start_stack: StartStack) -> LocalStack:
    """A running stack, on each kind of database in turn."""
    if request.param == "sqlite":
        return start_stack()
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return start_stack(
        SYNCLINE_DATABASE_URL=server.empty(),
        # What a killed server leaves is taken over by its next start no sooner.
        SYNCLINE_TAKEOVER_SECONDS="4",
    )


@pytest.fixture(scope="session")
def grpcurl() -> str:
    """Where grpcurl is: on the path, or where ``go install`` puts it."""
    usual = Path(os.environ.get("GOBIN") or Path.home() / "go" / "bin") / "grpcurl"
    found = shutil.which("grpcurl") or (str(usual) if usual.exists() else None)
    if found is None:
        pytest.skip(
            "grpcurl is not installed: go install"
            " github.com/fullstorydev/grpcurl/cmd/grpcurl@latest"
        )
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium. Not for longer than a file: its event loop is in other tests' way."""
    where = browsers.executable()
    if where is None:
        pytest.skip("there is no Chromium; SYNCLINE_TEST_CHROMIUM names one")
    with sync_playwright() as playwright:
        browser = browsers.launched(playwright.chromium, where)
        yield browser
        browser.close()


@pytest.fixture
def windows(chromium: Browser) -> Iterator[BrowserContext]:
    """Windows of one person; whatever a page's policy forbids or a script throws fails the test."""
    context = chromium.new_context(timezone_id="Pacific/Auckland", locale="en-NZ")
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "console",
        lambda told: wrong.append(told.text) if "Content Security Policy" in told.text else None,
    )
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def console() -> Iterator[StagedConsole]:
    """A console with a part that can be changed, and a form."""
    staged = StagedConsole()
    staged.pages[""] = FORM
    staged.parts["part"] = PART.format("One", "")
    staged.start()
    yield staged
    staged.held.set()
    staged.stop()


@pytest.fixture
def page(windows: BrowserContext, console: StagedConsole) -> Page:
    """A page that follows."""
    page = opened(windows, console)
    soon(lambda: console.open_streams == 1, page)
    return page
