"""kill -9 at bad moments: nothing that was accepted is lost, nothing is done twice."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from gate import Gate
from local_stack import PATIENCE, LocalStack, wait_until
from ports import own_ports
from setting_up import confirmed_invoices, set_up_chain
from syncline.v1.invoice_pb2 import InvoiceLink
from syncline.v1.run_pb2 import GetRunRequest, Run
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
CONTACTS = 20_000
PAGES = 20
StartStack = Callable[..., LocalStack]
ENDED = (Run.STATE_SUCCEEDED, Run.STATE_PARTIAL, Run.STATE_FAILED, Run.STATE_CANCELLED)


def now(workspace: Workspace, run: Run) -> Run:
    """Return a run as it is now."""
    return workspace.client.runs.GetRun(GetRunRequest(name=run.name)).run


def ended(workspace: Workspace, run: Run) -> Run:
    """Wait until a run has ended, and return it."""
    wait_until(lambda: now(workspace, run).state in ENDED, f"the end of {run.module}")
    return now(workspace, run)


def test_a_killed_pull_goes_on_from_its_last_page(stack: LocalStack) -> None:
    """After kill -9 in the middle, the next start finishes the same run and re-reads one page."""
    workspace = stack.connected("large", contacts=CONTACTS, items=1)
    workspace.set_toggles(contacts=True)
    gate = Gate(stack, "GET Contacts", after=5)
    run = workspace.trigger("contacts")
    wait_until(lambda: now(workspace, run).counts.fetched >= 5000, "five pages are stored")
    gate.wait_for()
    stack.kill("server")
    gate.open()
    stack.start("server")
    finished = ended(workspace, run)
    assert finished.state == Run.STATE_SUCCEEDED
    assert finished.attempt == 2
    assert finished.counts.fetched == finished.counts.total == CONTACTS
    # Archived contacts that never were customers are left out.
    assert finished.counts.created + finished.counts.skipped == CONTACTS
    (count,) = stack.control("GET", "/counters")["tenants"].values()
    assert PAGES <= count["calls"] <= PAGES + 1


def test_a_killed_push_makes_no_duplicates(stack: LocalStack) -> None:
    """A server that dies while Xero works finds out what Xero did before it sends anything."""
    workspace = stack.connected("pushing", contacts=10, items=5)
    set_up_chain(workspace)
    invoices = confirmed_invoices(workspace, 60)
    gate = Gate(stack, "PUT Invoices")
    run = workspace.trigger("invoice_push")
    gate.wait_for()
    stack.kill("server")
    gate.open()
    wait_until(lambda: stack.simulator.find("pushing").invoices > 0, "Xero has made the batch")
    stack.start("server")
    assert ended(workspace, run).state in (Run.STATE_SUCCEEDED, Run.STATE_PARTIAL)
    links = workspace.links()
    assert {link.push_state for link in links} == {InvoiceLink.PUSH_STATE_LINKED}
    assert {link.invoice for link in links} == {invoice.name for invoice in invoices}
    assert len({link.provider_invoice_id for link in links}) == len(invoices)
    assert stack.simulator.find("pushing").invoices == len(invoices)


def test_a_second_server_on_the_same_data_is_refused(start_stack: StartStack) -> None:
    """On SQLite it says who is in the way and what to do, and ends with code 2."""
    stack = start_stack()
    (port,) = own_ports(1)
    second = subprocess.run(
        [sys.executable, "-m", "syncline_server", "serve"],
        env={**stack.environment_of("server"), "SYNCLINE_LISTEN": f"127.0.0.1:{port}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert second.returncode == 2
    assert "another syncline-server" in second.stderr
    assert "stop it first" in second.stderr
    assert "Traceback" not in second.stderr
