"""Importing in batches, as callers see it."""

import re
from pathlib import Path
from typing import Any

import pytest
from google.rpc import error_details_pb2 as details_pb2
from google.rpc import status_pb2

from connect_bench import in_threads
from syncline.v1 import customer_pb2, invoice_pb2
from syncline.v1 import import_pb2 as result_pb
from syncline.v1 import record_pb2 as pb
from syncline_client import Client, InvalidArgument, PermissionDenied, ResourceExhausted
from syncline_server.core.access import Role
from wiring import Served

HOME = "workspaces/acme"
CREATED = result_pb.ImportResult.OUTCOME_CREATED
UPDATED = result_pb.ImportResult.OUTCOME_UPDATED
UNCHANGED = result_pb.ImportResult.OUTCOME_UNCHANGED
REFUSED = result_pb.ImportResult.OUTCOME_REFUSED


def customers(count: int, **more: Any) -> list[customer_pb2.Customer]:
    """Return customers to import."""
    return [
        customer_pb2.Customer(
            external_id=f"C-{n}", code=f"K{n}", display_name=f"Customer {n}", **more
        )
        for n in range(count)
    ]


def load(
    client: Client, batch: list[customer_pb2.Customer], **more: Any
) -> pb.ImportCustomersResponse:
    """Import customers."""
    request = pb.ImportCustomersRequest(parent=HOME, customers=batch, **more)
    return client.records.ImportCustomers(request)


def detail(status: status_pb2.Status, kind: Any) -> Any:
    """Return a status's one detail of a kind."""
    (found,) = (each for each in status.details if each.Is(kind.DESCRIPTOR))
    unpacked = kind()
    found.Unpack(unpacked)
    return unpacked


def counts(answer: Any) -> tuple[int, int, int, int]:
    """Return how many were created, updated, unchanged, refused."""
    counted = answer.counts
    return (counted.created, counted.updated, counted.unchanged, counted.refused)


def test_thousand_customers_are_imported_and_imported_again(client: Client) -> None:
    """Results come in order with their names; a second run changes and duplicates nothing."""
    first = load(client, customers(1_000))
    again = load(client, customers(1_000))

    assert (counts(first), counts(again)) == ((1_000, 0, 0, 0), (0, 0, 1_000, 0))
    assert [each.external_id for each in first.results] == [f"C-{n}" for n in range(1_000)]
    assert [each.record for each in again.results] == [each.record for each in first.results]
    found = client.records.ListCustomers(
        pb.ListCustomersRequest(parent=HOME, external_id="C-999")
    ).customers
    assert [(each.name, each.external_id) for each in found] == [
        (first.results[999].record, "C-999")
    ]


def test_refused_record_says_what_a_single_call_would(client: Client) -> None:
    """Code, reason and details are those of the call; the others of the batch are stored."""
    bad = customer_pb2.Customer(external_id="C-8", code="x" * 51)
    taken = customer_pb2.Customer(external_id="C-9", code="k0", display_name="Other")
    load(client, customers(1))

    answer = load(client, [bad, *customers(3), taken])

    assert counts(answer) == (2, 0, 1, 2)
    wrong, *_, clash = answer.results
    assert (wrong.outcome, wrong.record, wrong.refusal.code) == (REFUSED, "", 3)
    assert [
        each.field for each in detail(wrong.refusal, details_pb2.BadRequest).field_violations
    ] == ["customer.code", "customer.display_name"]
    assert detail(wrong.refusal, details_pb2.ErrorInfo).reason == "INVALID_FIELD"
    assert (clash.refusal.code, answer.results[1].outcome) == (6, UNCHANGED)
    assert detail(clash.refusal, details_pb2.ErrorInfo).reason == "ALREADY_EXISTS"
    assert detail(clash.refusal, details_pb2.ResourceInfo).resource_name == answer.results[1].record


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (pb.ImportCustomersRequest(parent=HOME), ["customers"]),
        (pb.ImportCustomersRequest(parent=HOME, customers=customers(1_001)), ["customers"]),
        (pb.ImportCustomersRequest(parent="acme", customers=customers(1)), ["parent"]),
        (pb.ImportCustomersRequest(), ["parent", "customers"]),
    ],
    ids=["empty", "1,001", "parent", "nothing"],
)
def test_malformed_batch_is_refused_whole(
    client: Client, request_: pb.ImportCustomersRequest, fields: list[str]
) -> None:
    """A batch has a workspace and 1 to 1,000 records; otherwise nothing is looked at."""
    with pytest.raises(InvalidArgument) as refusal:
        client.records.ImportCustomers(request_)

    assert [each.field for each in refusal.value.violations] == fields
    listed = client.records.ListCustomers(pb.ListCustomersRequest(parent=HOME))
    assert len(listed.customers) == 0


def test_batch_over_the_limit_of_a_message_is_refused_by_grpc(client: Client) -> None:
    """A caller sees RESOURCE_EXHAUSTED without a reason of ours, and cuts the batch smaller."""
    with pytest.raises(ResourceExhausted, match="larger than max") as refusal:
        load(client, customers(1_000, notes="x" * 4_300))

    assert (refusal.value.reason, refusal.value.retry_after) == ("", None)


def test_answer_fits_however_much_is_refused(client: Client) -> None:
    """A thousand records of which everything is wrong are told within what clients take."""
    empty = invoice_pb2.Invoice(external_id="\t" * 200, lines=[{}] * 30)
    request = pb.ImportInvoicesRequest(parent=HOME, invoices=[{"invoice": empty}] * 1_000)

    answer = client.records.ImportInvoices(request)

    assert counts(answer) == (0, 0, 0, 1_000)
    assert answer.ByteSize() < 4_000_000
    first, *_, last = answer.results
    assert len(detail(first.refusal, details_pb2.BadRequest).field_violations) > 30
    assert detail(last.refusal, details_pb2.ErrorInfo).reason == "INVALID_FIELD"
    assert len(last.refusal.details) == 1


def test_validating_changes_nothing(client: Client) -> None:
    """What would be created has no name, and is not there."""
    answer = load(client, customers(2), validate_only=True)

    assert counts(answer) == (2, 0, 0, 0)
    assert [each.record for each in answer.results] == ["", ""]
    listed = client.records.ListCustomers(pb.ListCustomersRequest(parent=HOME))
    assert len(listed.customers) == 0


def test_record_is_adopted_or_given_its_id(client: Client) -> None:
    """A record that is there without an id is taken over by its code, or by an update."""
    for code in ("K0", "K1"):
        customer = customer_pb2.Customer(code=code, display_name="Own", notes="Own.")
        client.records.CreateCustomer(pb.CreateCustomerRequest(parent=HOME, customer=customer))
    refused = load(client, customers(2))
    name = detail(refused.results[0].refusal, details_pb2.ResourceInfo).resource_name
    by_hand = customer_pb2.Customer(name=name, external_id="C-0")
    client.records.UpdateCustomer(pb.UpdateCustomerRequest(customer=by_hand))

    adopted = load(client, customers(2), adopt_by_code=True)

    assert counts(refused) == (0, 0, 0, 2)
    assert counts(adopted) == (0, 2, 0, 0)
    assert adopted.results[0].record == name


def test_imports_at_once_make_no_duplicates(server: Served) -> None:
    """Two callers of one batch both get an answer, and there is one of each record."""

    def call() -> pb.ImportCustomersResponse:
        with server.client() as client:
            return load(client, customers(200))

    answers = in_threads(call, call)

    found = sorted(counts(each) for each in answers)
    assert found == [(0, 0, 200, 0), (200, 0, 0, 0)]


def test_owned_fields_are_passed_over_and_new_records_refused(
    server: Served, client: Client
) -> None:
    """While the sync is on, a batch imported before is unchanged, and a new record is not made."""
    load(client, customers(1))
    server.wired.connect()
    server.wired.switch_on("contacts")

    again = load(client, customers(2))
    server.wired.switch_on()
    afterwards = load(client, customers(2))

    assert [each.outcome for each in again.results] == [UNCHANGED, REFUSED]
    refusal = again.results[1].refusal
    assert refusal.code == 9
    assert detail(refusal, details_pb2.ErrorInfo).reason == "RECORD_CREATED_IN_PROVIDER"
    (violation,) = detail(refusal, details_pb2.PreconditionFailure).violations
    assert violation.description.startswith("Add it on its own, which creates it in Ledger too")
    assert [each.outcome for each in afterwards.results] == [UNCHANGED, CREATED]


def everything(client: Client) -> list[tuple[int, int, int, int]]:
    """Import one record of each kind, each by the names of those before; return the counts."""
    tax_codes = client.records.ImportTaxCodes(
        pb.ImportTaxCodesRequest(
            parent=HOME,
            tax_codes=[{"external_id": "1", "code": "GST", "display_name": "GST", "rate": "15"}],
        )
    )
    gst = tax_codes.results[0].record
    products = client.records.ImportProducts(
        pb.ImportProductsRequest(
            parent=HOME,
            products=[{"external_id": "1", "sku": "PIPE", "display_name": "Pipe", "tax_code": gst}],
        )
    )
    buyers = load(client, customers(1))
    line = invoice_pb2.InvoiceLine(
        product=products.results[0].record, quantity="3", unit_price="10", tax_code=gst
    )
    invoice = invoice_pb2.Invoice(
        external_id="1",
        number="INV-1",
        customer=buyers.results[0].record,
        currency_code="NZD",
        invoice_date="2026-10-01",
        line_amounts="LINE_AMOUNTS_EXCLUSIVE",
        lines=[line],
    )
    invoices = client.records.ImportInvoices(
        pb.ImportInvoicesRequest(parent=HOME, invoices=[{"invoice": invoice, "confirm": True}])
    )
    return [counts(each) for each in (tax_codes, products, buyers, invoices)]


def test_every_kind_is_imported_by_the_names_of_the_others(client: Client) -> None:
    """Results give the names that the next batch refers to; all of it can be run again."""
    assert everything(client) == [(1, 0, 0, 0)] * 4
    assert everything(client) == [(0, 0, 1, 0)] * 4
    (found,) = client.records.ListInvoices(
        pb.ListInvoicesRequest(parent=HOME, external_id="1")
    ).invoices
    assert (found.state, found.total) == (invoice_pb2.Invoice.STATE_CONFIRMED, "34.50")


def test_role_and_workspace_are_checked(guarded: Served) -> None:
    """A viewer may not import, and nobody may by naming another workspace's record."""
    elsewhere = invoice_pb2.InvoiceLine(product="workspaces/globex/products/1")
    request = pb.ImportInvoicesRequest(
        parent=HOME, invoices=[{}, {"invoice": {"lines": [{}, elsewhere]}}]
    )
    with guarded.client(guarded.wired.token(Role.OPERATOR, "acme")) as operator:
        with pytest.raises(PermissionDenied):
            operator.records.ImportInvoices(request)
        assert counts(load(operator, customers(1))) == (1, 0, 0, 0)
    with (
        guarded.client(guarded.wired.token(Role.VIEWER, "acme")) as viewer,
        pytest.raises(PermissionDenied),
    ):
        load(viewer, customers(1))


def test_loop_of_the_documentation_can_be_run_again(
    client: Client, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the operators' page shows imports as it stands, and tells what was refused."""
    page = (Path(pytestconfig.rootpath) / "docs" / "operations.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    written: dict[str, Any] = {}
    exec(example, written)  # noqa: S102 - our own page
    rows = [{"id": f"C-{n}", "name": f"Customer {n}", "code": f"K{n}"} for n in range(1_200)]
    rows[7]["name"] = ""

    first = written["load_customers"](client, HOME, rows)
    again = written["load_customers"](client, HOME, rows)

    assert first == again
    assert len(first) == 1_199
    assert first["C-8"].startswith(f"{HOME}/customers/")
    assert "C-7: Invalid: customer.display_name." in capsys.readouterr().out
