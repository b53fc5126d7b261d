"""What Xero has no more: it is looked for twice, marked, and not believed where it is too much."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from drifting import ACTIVE, books, change, contact_rows, in_order, is_like_xero, local_contacts
from setting_up import confirmed_invoices, finish, set_up_chain
from syncline.v1 import mapping_pb2, record_pb2
from syncline.v1.run_pb2 import ListRunIssuesRequest, Run
from syncline_client import FailedPrecondition
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.books.contact import Contact
from whole_server import Whole, whole_server

COLLAPSED = "XERO_LIST_COLLAPSED"


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def whole(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Whole]:
    """A server that has pulled contacts, items and tax rates, ten minutes ago."""
    with whole_server(database_url, tmp_path, signing_key, contacts=30) as whole:
        whole.connect()
        set_up_chain(whole.workspace)
        later(whole)
        yield whole


def later(whole: Whole) -> None:
    """Let ten minutes pass."""
    whole.clock.advance(seconds=timedelta(minutes=10).total_seconds())


def erase(whole: Whole, *contacts: Contact) -> None:
    """Take contacts away without a trace."""
    for contact in contacts:
        books(whole).contacts.remove(contact.contact_id)


def codes(whole: Whole, run: Run) -> list[str]:
    """Return the codes of a run's issues."""
    return [issue.code for issue in whole.workspace.issues(run)]


def open_codes(whole: Whole) -> list[str]:
    """Return the codes of the open issues of the workspace."""
    request = ListRunIssuesRequest(parent=f"{whole.workspace.name}/runs/-")
    return [issue.code for issue in whole.workspace.client.runs.ListRunIssues(request).issues]


def customers_contact(whole: Whole, customer: str) -> Contact:
    """Return the contact of a customer."""
    id_ = customer.rpartition("/")[2]
    mapped = next(row for row in contact_rows(whole).values() if row["customer_id"] == id_)
    found = books(whole).contacts.get(mapped["contact_id"])
    assert found is not None
    return found


def test_a_contact_that_is_gone_is_found_by_a_full_read_and_comes_back(whole: Whole) -> None:
    """Its mapping stays and needs review, invoices to it are blocked, and it heals by itself."""
    workspace = whole.workspace
    (invoice,) = confirmed_invoices(workspace, 1)
    contact = customers_contact(whole, invoice.customer)
    erase(whole, contact)

    assert codes(whole, finish(workspace, "contacts")) == []
    later(whole)
    run = finish(workspace, "contacts", full_read=True)

    assert (run.state, codes(whole, run)) == (Run.STATE_PARTIAL, ["CONTACT_VANISHED"])
    row = contact_rows(whole)[contact.contact_id]
    assert (row["state"], row["customer_id"]) == (
        "NEEDS_REVIEW",
        invoice.customer.rpartition("/")[2],
    )
    preflight = workspace.client.records.PreflightInvoices(
        record_pb2.PreflightInvoicesRequest(
            connection=workspace.connection, invoices=[invoice.name]
        )
    )
    assert "XERO_EXPORT_CONTACT_VANISHED" in str(preflight)
    later(whole)
    assert codes(whole, finish(workspace, "contacts", full_read=True)) == []

    books(whole).contacts.put(contact)
    later(whole)
    finish(workspace, "contacts", full_read=True)

    assert contact_rows(whole)[contact.contact_id]["state"] == "MAPPED"
    assert is_like_xero(whole)
    assert open_codes(whole) == []


def test_a_contact_that_is_gone_cannot_be_assigned(whole: Whole) -> None:
    """A person may leave it without a customer, and take another contact for that."""
    workspace = whole.workspace
    contact, other = [each for each in in_order(whole) if each.status is ACTIVE][:2]
    customer = contact_rows(whole)[contact.contact_id]["customer_id"]
    erase(whole, contact)
    finish(workspace, "contacts", full_read=True)
    mapping = f"{workspace.connection}/contactMappings/{contact.contact_id}"

    with pytest.raises(FailedPrecondition) as refusal:
        workspace.client.mappings.AssignContactMapping(
            mapping_pb2.AssignContactMappingRequest(
                name=mapping, customer=f"{workspace.name}/customers/{customer}"
            )
        )

    assert refusal.value.reason == "RECORD_VANISHED"
    remove = mapping_pb2.RemoveContactMappingRequest
    client = workspace.client.mappings
    client.RemoveContactMapping(remove(name=mapping))
    client.RemoveContactMapping(
        remove(name=f"{workspace.connection}/contactMappings/{other.contact_id}")
    )
    client.AssignContactMapping(
        mapping_pb2.AssignContactMappingRequest(
            name=f"{workspace.connection}/contactMappings/{other.contact_id}",
            customer=f"{workspace.name}/customers/{customer}",
        )
    )
    assert open_codes(whole) == []


def test_an_empty_list_of_contacts_changes_nothing(whole: Whole) -> None:
    """The run says so, nothing vanishes, the watermark stays, and the next run reads everything."""
    workspace = whole.workspace
    before, standing = workspace.node("contacts"), local_contacts(whole)
    fault = {"kind": "empty-page", "path": "/Contacts", "count": None}
    whole.driver.control("POST", "faults", fault)

    run = finish(workspace, "contacts", full_read=True)

    assert (run.state, codes(whole, run)) == (Run.STATE_PARTIAL, [COLLAPSED])
    assert local_contacts(whole) == standing
    assert {row["state"] for row in contact_rows(whole).values()} == {"MAPPED"}
    after = workspace.node("contacts")
    assert after.complete
    assert after.next_full_read
    assert after.watermark_time == before.watermark_time
    assert after.last_full_read_time == before.last_full_read_time

    whole.driver.control("DELETE", "faults")
    later(whole)
    change(whole, in_order(whole)[0], name="Renamed")
    again = finish(workspace, "contacts")

    assert again.state == Run.STATE_SUCCEEDED
    assert is_like_xero(whole)
    assert open_codes(whole) == []
    assert not workspace.node("contacts").next_full_read


def test_whom_a_page_left_out_is_found_by_id(whole: Whole) -> None:
    """A list that lies about a few makes nobody vanish."""
    left_out = in_order(whole)[3:8]

    def hide(request: httpx.Request) -> None:
        for contact in left_out:
            if "IDs" in request.url.params:
                books(whole).contacts.put(contact)
            elif request.url.path.endswith("/Contacts"):
                books(whole).contacts.remove(contact.contact_id)

    whole.way.before = hide
    run = finish(whole.workspace, "contacts", full_read=True)

    assert run.state == Run.STATE_SUCCEEDED
    assert {row["state"] for row in contact_rows(whole).values()} == {"MAPPED"}
    assert sum("IDs" in request.url.params for request in whole.way.requests) == 1


@pytest.mark.parametrize("kind", ["lying-pagination", "truncated-json", "malformed-json"])
def test_a_spoiled_answer_makes_nobody_vanish(whole: Whole, kind: str) -> None:
    """Every kind of spoiled page ends in the same contacts."""
    whole.driver.control("POST", "faults", {"kind": kind, "path": "/Contacts"})

    assert finish(whole.workspace, "contacts", full_read=True).state == Run.STATE_SUCCEEDED
    assert is_like_xero(whole)


def test_a_collapse_that_is_true_is_accepted_once(whole: Whole) -> None:
    """With accept_collapse those that are gone need review; the next run guards again."""
    workspace = whole.workspace
    gone = [each for each in in_order(whole) if each.status is ACTIVE][:20]
    erase(whole, *gone)

    run = finish(workspace, "contacts", full_read=True)
    assert codes(whole, run) == [COLLAPSED]
    later(whole)
    run = finish(workspace, "contacts", accept_collapse=True)

    assert codes(whole, run) == ["CONTACT_VANISHED"] * 20
    states = {id_: row["state"] for id_, row in contact_rows(whole).items()}
    assert {states[each.contact_id] for each in gone} == {"NEEDS_REVIEW"}
    assert COLLAPSED not in open_codes(whole)


@pytest.mark.parametrize(
    ("module", "path", "table"),
    [("items", "/Items", "items"), ("tax_rates", "/TaxRates", "tax_rates")],
)
def test_an_empty_list_of_the_others_changes_nothing(
    whole: Whole, module: str, path: str, table: str
) -> None:
    """Two lists in a row without anything are not stored, and the next run settles the issue."""
    query = f"SELECT * FROM {table}"
    before = whole.database.tuples(query, ())
    whole.driver.control("POST", "faults", {"kind": "empty-page", "path": path, "count": 2})

    run = finish(whole.workspace, module)

    assert (run.state, codes(whole, run)) == (Run.STATE_PARTIAL, [COLLAPSED])
    assert whole.database.tuples(query, ()) == before
    assert whole.workspace.node(module).complete
    later(whole)
    assert finish(whole.workspace, module).state == Run.STATE_SUCCEEDED
    assert open_codes(whole) == []


def test_linked_invoices_that_are_missing_in_masses_are_one_issue(whole: Whole) -> None:
    """Each is told only when somebody says that it is true; a single one always is."""
    workspace = whole.workspace
    confirmed_invoices(workspace, 5)
    finish(workspace, "invoice_push")
    finish(workspace, "invoice_pull")
    kept = {invoice.key: invoice for invoice in books(whole).invoices.values()}
    for id_ in kept:
        books(whole).invoices.remove(id_)

    later(whole)
    run = finish(workspace, "invoice_pull", full_read=True)
    assert codes(whole, run) == [COLLAPSED]
    later(whole)
    run = finish(workspace, "invoice_pull", accept_collapse=True)
    assert codes(whole, run) == ["INVOICE_MISSING"] * 5
    later(whole)
    run = finish(workspace, "invoice_pull", full_read=True)
    assert codes(whole, run) == ["INVOICE_MISSING"] * 5, "what was told before is no collapse"

    for invoice in list(kept.values())[1:]:
        books(whole).invoices.put(invoice)
    later(whole)
    run = finish(workspace, "invoice_pull", full_read=True)
    assert codes(whole, run) == ["INVOICE_MISSING"]
    assert open_codes(whole) == ["INVOICE_MISSING"]
