"""Modules that run by themselves, on real processes with the simulated Xero."""

from collections.abc import Callable
from datetime import UTC, timedelta

import pytest

from local_stack import LocalStack, wait_until
from syncline.v1 import error_reason_pb2, integration_pb2, run_pb2
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
MINUTE = timedelta(minutes=1)


def test_what_is_due_runs_and_what_is_held_says_why(stack: LocalStack) -> None:
    """The first run comes by itself, a fault makes the next come later, and items wait."""
    workspace = stack.connected("clockwork", contacts=3, items=1)
    stack.control("POST", "/faults", {"kind": "not-found", "path": "/TaxRates", "count": 1})
    workspace.set_toggles(items=True)

    set_intervals(workspace, "tax_rates", "items")

    # A run and what is counted of it are read one after the other.
    node = until(workspace, "tax_rates", has_failed)
    assert node.last_run.trigger == run_pb2.Run.TRIGGER_AUTOMATIC
    assert node.last_run.state == run_pb2.Run.STATE_FAILED
    assert b"XERO_NOT_FOUND" in node.last_run.error.details[0].value
    shown = node.automatic
    assert (shown.interval.ToTimedelta(), shown.failed_runs) == (MINUTE, 1)
    ended = node.last_run.end_time.ToDatetime(tzinfo=UTC)
    assert MINUTE * 2 <= shown.next_time.ToDatetime(tzinfo=UTC) - ended <= MINUTE * 2.2
    held = workspace.node("items").automatic.held_by
    assert error_reason_pb2.ERROR_REASON_PREREQUISITE_INCOMPLETE in {each.reason for each in held}
    assert "tax_rates" in {each.subject for each in held}


def has_failed(node: integration_pb2.Node) -> bool:
    """Return whether a run has failed, and counts as that."""
    return node.HasField("last_run") and node.automatic.failed_runs > 0


def set_intervals(workspace: Workspace, *modules: str) -> None:
    """Have modules run every minute."""
    settings = integration_pb2.Settings(name=f"{workspace.connection}/settings")
    for module in modules:
        settings.automatic_intervals[module].FromTimedelta(MINUTE)
    request = integration_pb2.UpdateSettingsRequest(settings=settings)
    workspace.client.integrations.UpdateSettings(request)


def until(
    workspace: Workspace, module: str, is_so: Callable[[integration_pb2.Node], bool]
) -> integration_pb2.Node:
    """Look at a module until something is so, and return it as it is then."""
    seen: list[integration_pb2.Node] = []

    def is_seen() -> bool:
        seen[:] = [workspace.node(module)]
        return is_so(seen[0])

    wait_until(is_seen, f"{module} is as it should be")
    return seen[0]
