"""A real stack for each file, and people who use it in a Chromium."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chromium import Person
from databases import PostgresqlServer
from local_stack import LocalStack, local_environment

NewPerson = Callable[..., Person]
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test failed, for what is kept of its browsers."""
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="module")
def variables() -> Mapping[str, str]:
    """What a file's stack is told beside what every stack is; nothing, unless the file says so."""
    return {}


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, variables: Mapping[str, str]
) -> Iterator[LocalStack]:
    """A running stack on SQLite for a whole file; each test has a workspace of its own there."""
    yield from _running(local_environment(tmp_path_factory.mktemp("stack") / "data", **variables))


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[LocalStack]:
    """A running stack on SQLite for one test alone, which may kill parts of it."""
    yield from _running(local_environment(tmp_path / "data"))


@pytest.fixture
def fleet_stack(tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[LocalStack]:
    """A running stack on PostgreSQL for one test alone."""
    yield from _running(
        local_environment(tmp_path / "data", SYNCLINE_DATABASE_URL=postgresql.empty())
    )


def _running(environ: dict[str, str]) -> Iterator[LocalStack]:
    stack = LocalStack(environ)
    try:
        stack.start("simulator", "server", "console")
        yield stack
    finally:
        stack.close()


@pytest.fixture
def new_person(
    chromium: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[NewPerson]:
    """Sit somebody down at a stack: with a browser of their own, whose complaints fail the test.

    What their tabs show is kept beside the other files of a test that fails.
    """
    people: list[Person] = []

    def come(stack: LocalStack, **settings: object) -> Person:
        context = chromium.new_context(**settings)  # type: ignore[arg-type]  # as the test says
        people.append(Person(context, stack))
        return people[-1]

    yield come
    has_failed = request.node.stash.get(_FAILED, True)
    for number, person in enumerate(people):
        person.leave(tmp_path / f"person{number}" if has_failed or person.troubles else None)
    assert [trouble for person in people for trouble in person.troubles] == []


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: the folder that ``SYNCLINE_SCREENSHOTS`` names, else a temporary one."""
    named = os.environ.get("SYNCLINE_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def admin(new_person: NewPerson, stack: LocalStack) -> Person:
    """The administrator of the file's stack, signed in."""
    person = new_person(stack)
    person.sign_in()
    return person
