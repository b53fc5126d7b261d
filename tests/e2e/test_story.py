"""The whole story, as ``make demo`` tells it: through the Python client, on real processes."""

import io

import pytest
from rich.console import Console

from local_stack import LocalStack
from syncline_demo.story.story import tell
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow


def told(stack: LocalStack, workspace: str) -> tuple[int, str]:
    """Tell the story in a workspace; return the exit code and what was printed."""
    text = io.StringIO()
    out = Console(file=text, highlight=False, soft_wrap=True, width=140)
    return tell(stack.settings, out, workspace), text.getvalue()


def test_the_whole_story_happens(stack: LocalStack) -> None:
    """Connect, refusals, taxes, contacts, items, push, pull, cooldown, disconnect, come back."""
    code, text = told(stack, "acme")
    assert code == 0, text
    for refusal in (
        "FAILED_PRECONDITION MODULE_OFF",
        "FAILED_PRECONDITION PREREQUISITE_INCOMPLETE",
        "FAILED_PRECONDITION TOGGLE_LOCKED",
        "RESOURCE_EXHAUSTED COOLDOWN",
        "FAILED_PRECONDITION NOT_CONNECTED",
    ):
        assert refusal in text, refusal
    assert "In Xero ACME-0001 is DRAFT" in text
    assert "All 60 invoice links are still there" in text
    assert stack.simulator.find("Kauri Traders acme").invoices == 60


def test_what_is_kept_outlives_a_restart(stack: LocalStack) -> None:
    """After a stop and a start of everything the connection works and nothing is to be set up."""
    workspace = stack.connected("kept", contacts=20, items=5)
    workspace.set_toggles(contacts=True)
    for name in ("server", "console", "simulator"):
        assert stack.stop(name) == 0, name
    stack.start("simulator", "server", "console")
    run = workspace.trigger("contacts")
    *_, ended = workspace.watch(run)
    assert (ended.counts.fetched, ended.counts.created) == (20, 20)


def test_a_story_without_a_server_says_how_to_start_one(stack: LocalStack) -> None:
    """The next step is named, not a stack trace."""
    assert stack.stop("server") == 0
    code, text = told(stack, "nobody")
    assert code == 1
    assert "Start it with `make run`" in text


def test_two_workspaces_cannot_hold_one_organisation(stack: LocalStack) -> None:
    """The second is refused by the server, and its page says why."""
    stack.connected("first", contacts=1, items=1)
    second = Workspace(client=stack.client, id="second")
    address = second.start_connection(stack.settings.redirect_uri)
    page = stack.land(stack.simulator.approve_access(address, "first"))
    assert page.status_code == 409
    assert "Another workspace is connected to this organisation" in page.text
    assert not second.get_connection().HasField("organisation")
