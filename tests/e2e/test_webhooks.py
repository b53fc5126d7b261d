"""What changes in Xero arrives by itself: simulator → console → server, over real processes."""

from typing import Any

import pytest

from databases import opened
from gate import Gate
from local_stack import LocalStack, wait_until
from setting_up import confirmed_invoices, finish, set_up_chain
from syncline.v1.invoice_pb2 import InvoiceLink
from syncline.v1.run_pb2 import ListRunsRequest, Run
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow


def subscribe(stack: LocalStack, *, key: str = "", held: bool = False) -> None:
    """Have the simulator send webhooks to the console."""
    signing = key or stack.environment_of("server")["SYNCLINE_XERO_WEBHOOK_KEY"]
    url = f"{stack.settings.console.url}/webhooks/xero"
    stack.control("POST", "/webhooks", {"url": url, "key": signing, "held": held})


def synced(stack: LocalStack, id_: str) -> Workspace:
    """Return a workspace whose contacts have been read, of an organisation of its name."""
    workspace = stack.connected(id_, contacts=20, items=1)
    workspace.set_toggles(contacts=True)
    finish(workspace, "contacts")
    return workspace


def told(workspace: Workspace, module: str = "contacts") -> list[Run]:
    """Return the runs that webhooks asked for, newest first."""
    request = ListRunsRequest(parent=workspace.name, module=module)
    runs = workspace.client.runs.ListRuns(request).runs
    return [run for run in runs if run.trigger == Run.TRIGGER_WEBHOOK]


def rename(stack: LocalStack, organisation: str, contact: str, email: str) -> None:
    """Change a contact as a person does in Xero."""
    path = f"/organisations/{organisation}/contacts/{contact}"
    stack.control("POST", path, {"EmailAddress": email})


def emails(workspace: Workspace) -> dict[str, str]:
    """Return the email of every active customer by its name."""
    return {customer.display_name: customer.email for customer in workspace.customers()}


def calls(stack: LocalStack) -> int:
    """Return how many calls were made to the accounting API."""
    return sum(each["calls"] for each in stack.control("GET", "/counters")["tenants"].values())


def statuses(stack: LocalStack) -> list[int]:
    """Return how each delivery was answered."""
    return [each["status"] for each in stack.control("GET", "/webhooks")["deliveries"]]


def wait_until_read(stack: LocalStack) -> None:
    """Wait until runs have ended that read all that was told."""
    database = opened(stack.database_url)
    waiting = "SELECT record_id FROM webhook_events WHERE done_time IS NULL"
    wait_until(lambda: not database.rows(waiting), "everything is read")
    database.close()


def test_a_changed_contact_arrives_by_itself_and_alone(stack: LocalStack) -> None:
    """One call reads that contact and nothing else; new and archived ones arrive as well."""
    workspace = synced(stack, "told")
    subscribe(stack)
    name = next(iter(emails(workspace)))
    before = calls(stack)

    rename(stack, "told", name, "new@kauri.example")
    wait_until(lambda: emails(workspace)[name] == "new@kauri.example", "the email arrives")

    wait_until(lambda: told(workspace)[0].state == Run.STATE_SUCCEEDED, "the run ends")
    (run,) = told(workspace)
    assert (run.counts.total, run.counts.fetched, run.counts.updated) == (1, 1, 1)
    assert calls(stack) == before + 1
    stack.control("POST", "/organisations/told/contacts", {"Name": "Rata & Sons"})
    wait_until(lambda: "Rata & Sons" in emails(workspace), "the new contact arrives")
    stack.control("POST", f"/organisations/told/contacts/{name}/archive")
    wait_until(lambda: name not in emails(workspace), "its customer is inactive")


def test_an_invoice_that_people_approve_and_pay_arrives_by_itself(stack: LocalStack) -> None:
    """Nobody pulls; only what is linked is read."""
    workspace = stack.connected("paying", contacts=10, items=5)
    set_up_chain(workspace)
    first, second = confirmed_invoices(workspace, 2)
    finish(workspace, "invoice_push")
    subscribe(stack)

    def link(name: str) -> InvoiceLink:
        return next(each for each in workspace.links() if each.invoice == name)

    stack.simulator.approve("paying", first.number)
    wait_until(lambda: link(first.name).provider_status == "AUTHORISED", "the approval arrives")
    stack.simulator.pay("paying", first.number)
    wait_until(lambda: link(first.name).provider_status == "PAID", "the payment arrives")

    assert link(second.name).provider_status == "DRAFT"
    assert {run.counts.fetched for run in told(workspace, "invoice_pull")} == {1}


def test_both_ways_of_the_check_are_right(start_stack: Any) -> None:
    """Xero asks with right and almost right signatures before it delivers anything."""
    stack: LocalStack = start_stack()
    subscribe(stack)
    checked = stack.control("POST", "/webhooks/check")
    assert checked["state"] == "OK"
    assert [each["status"] for each in checked["checks"]] == [200, 401, 200, 401]

    subscribe(stack, key="another-key")
    checked = stack.control("POST", "/webhooks/check")
    assert {each["status"] for each in checked["checks"]} == {401}


def test_repeats_and_disorder_end_the_same(stack: LocalStack) -> None:
    """Twice, and the newest first: the customer is as the contact is, by one run for each news."""
    workspace = synced(stack, "often")
    name = next(iter(emails(workspace)))
    subscribe(stack, held=True)
    for number in range(3):
        rename(stack, "often", name, f"{number}@kauri.example")

    stack.control("POST", "/webhooks/deliver", {"duplicate": True, "newest_first": True})

    assert statuses(stack) == [200] * 6
    wait_until_read(stack)
    assert emails(workspace)[name] == "2@kauri.example"
    assert 1 <= len(told(workspace)) <= 3
    rename(stack, "often", name, "once@kauri.example")
    before = len(told(workspace))
    stack.control("POST", "/webhooks/deliver", {"duplicate": True})
    wait_until_read(stack)
    assert emails(workspace)[name] == "once@kauri.example"
    assert len(told(workspace)) == before + 1


def test_an_organisation_nobody_holds_is_acknowledged(start_stack: Any) -> None:
    """Its events are no failure, and start nothing."""
    stack: LocalStack = start_stack()
    workspace = synced(stack, "mine")
    subscribe(stack)
    stack.control("POST", "/organisations/Harbour Goods Ltd/contacts", {"Name": "Somebody"})
    wait_until(lambda: bool(statuses(stack)), "the event is delivered")
    assert statuses(stack) == [200]
    assert told(workspace) == []


def test_what_was_told_outlives_a_kill(stack: LocalStack) -> None:
    """The server dies between the delivery and the end of its work; the next start does it."""
    workspace = synced(stack, "killed")
    name = next(iter(emails(workspace)))
    subscribe(stack)
    gate = Gate(stack, "GET Contacts")
    rename(stack, "killed", name, "late@kauri.example")
    gate.wait_for()

    stack.kill("server")
    gate.open()
    stack.start("server")

    wait_until(lambda: emails(workspace)[name] == "late@kauri.example", "the email arrives")
    wait_until(lambda: _all_ended(told(workspace)), "the run ends")
    (run,) = told(workspace)
    assert (run.state, run.attempt) == (Run.STATE_SUCCEEDED, 2)


def test_what_could_not_be_delivered_comes_again(start_stack: Any) -> None:
    """While the server is down the answer is 503, so Xero keeps the event and sends it later."""
    stack: LocalStack = start_stack()
    workspace = synced(stack, "down")
    name = next(iter(emails(workspace)))
    subscribe(stack)
    stack.kill("server")
    rename(stack, "down", name, "again@kauri.example")
    wait_until(lambda: statuses(stack) == [503, 503], "the delivery fails")

    stack.start("server")
    wait_until(lambda: _is_taken(stack), "the console finds the server again")
    stack.control("POST", "/clock", {"advance_seconds": 16 * 60})

    wait_until(lambda: emails(workspace)[name] == "again@kauri.example", "the email arrives")
    wait_until(lambda: statuses(stack) == [503, 503, 200], "the delivery is answered")


def _is_taken(stack: LocalStack) -> bool:
    return bool(stack.control("POST", "/webhooks/check")["state"] == "OK")


def _all_ended(runs: list[Run]) -> bool:
    return all(run.HasField("end_time") for run in runs)
