"""Stacks of real processes, each with a data folder and ports of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from databases import PostgresqlServer
from local_stack import LocalStack, local_environment

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
