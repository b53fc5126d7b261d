"""A stack that wants credentials."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import syncline_client
from local_stack import PATIENCE, LocalStack, local_environment
from syncline.v1.integration_pb2 import Connection
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow


def made_token(stack: LocalStack, *arguments: str) -> str:
    """Make a token as an operator does, and return its secret."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncline_server", "tokens", "create", *arguments],
        env=dict(stack.environment_of("server")),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("secret:")]
    return line.removeprefix("secret:").strip()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[LocalStack]:
    """A running stack whose console and client share an admin's token for one workspace."""
    environ = local_environment(tmp_path / "data")
    bare = LocalStack(environ)
    token = made_token(bare, "--role", "admin", "--workspace", "acme")
    bare.close()
    stack = LocalStack({**environ, "SYNCLINE_CONSOLE_TOKEN": token, "SYNCLINE_DEMO_TOKEN": token})
    stack.start("simulator", "server", "console")
    yield stack
    stack.close()


def test_a_person_connects_where_tokens_are_wanted(guarded: LocalStack) -> None:
    """The console completes what the same credentials started."""
    workspace = guarded.connected("acme", contacts=1, items=1)
    assert workspace.get_connection().state == Connection.STATE_CONNECTED


def test_nobody_gets_in_without_a_token(guarded: LocalStack) -> None:
    """A call without credentials is refused before anything is looked up."""
    with (
        syncline_client.connect(str(guarded.settings.server), timeout=PATIENCE) as stranger,
        pytest.raises(syncline_client.Unauthenticated) as refused,
    ):
        Workspace(client=stranger, id="acme").get_connection()
    assert refused.value.reason == "CREDENTIALS_MISSING"


def test_a_token_opens_its_workspaces_only(guarded: LocalStack) -> None:
    """Another workspace is refused, whether there is anything in it or not."""
    with pytest.raises(syncline_client.PermissionDenied) as refused:
        Workspace(client=guarded.client, id="beta").get_connection()
    assert refused.value.reason == "PERMISSION_DENIED"


def test_a_consent_is_completed_by_its_own_caller_only(guarded: LocalStack) -> None:
    """Credentials that did not start it get an unknown state, and nothing is connected."""
    server = str(guarded.settings.server)
    other = made_token(guarded, "--role", "admin", "--workspace", "acme")
    with syncline_client.connect(server, token=other, timeout=PATIENCE) as client:
        theirs = Workspace(client=client, id="acme")
        guarded.simulator.organisation("acme", country="NZ", contacts=1, items=1)
        address = theirs.start_connection(guarded.settings.redirect_uri)
        page = guarded.land(guarded.simulator.approve_access(address, "acme"))
        assert page.status_code == 409
        assert "does not belong to a connection that was started here" in page.text
        assert theirs.get_connection().state == Connection.STATE_NOT_CONNECTED
