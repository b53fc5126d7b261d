"""Plans of the first-party modules, by a whole server against the simulator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dumps import dump
from setting_up import confirmed_invoices, finish, set_up_chain
from syncline.v1 import integration_pb2, record_pb2
from syncline.v1.customer_pb2 import Customer
from syncline.v1.plan_pb2 import SyncPlan
from syncline.v1.run_pb2 import RunCounts
from syncline_xero_simulator import SigningKey
from whole_server import Whole, whole_server

_OF_ITSELF = "procrastinate_workers"
"""Where the server's own worker says again and again that it lives."""
_CALLS = ("grants", "budgets", "traffic", _OF_ITSELF)
"""Tables that any call to the provider may write to."""


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def large(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Whole]:
    """A server connected to 2,500 contacts."""
    with whole_server(database_url, tmp_path, signing_key, contacts=2500) as whole:
        whole.connect()
        yield whole


@pytest.fixture
def small(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Whole]:
    """A server connected to a few contacts and items."""
    with whole_server(database_url, tmp_path, signing_key, contacts=30) as whole:
        whole.connect()
        yield whole


def plan(whole: Whole, module: str, timeout: float = 60, **options: object) -> SyncPlan:
    """Return the plan of a module."""
    request = integration_pb2.TriggerSyncRequest(
        connection=whole.workspace.connection,
        module=module,
        validate_only=True,
        **options,  # type: ignore[arg-type]  # a test's own words
    )
    answer = whole.workspace.client.integrations.TriggerSync(request, timeout=timeout)
    assert answer.run.name == ""
    return answer.plan


def told(found: SyncPlan) -> dict[str, int]:
    """Return counts by outcome."""
    name = SyncPlan.Outcome.Name
    return {name(each.outcome).removeprefix("OUTCOME_"): each.count for each in found.counts}


def as_counted(found: SyncPlan) -> RunCounts:
    """Return what a run counts that does as was told."""
    of = told(found)

    def total(*outcomes: str) -> int:
        return sum(of.get(each, 0) for each in outcomes)

    return RunCounts(
        total=found.total,
        fetched=sum(of.values()),
        created=total("CREATE"),
        updated=total("MATCH", "UPDATE", "ARCHIVE"),
        unchanged=total("UNCHANGED"),
        skipped=total("SKIP"),
        failed=total("AMBIGUOUS", "REVIEW", "FAIL"),
    )


def add_customers(whole: Whole, *names: str) -> None:
    """Make customers of these names."""
    for name in names:
        request = record_pb2.CreateCustomerRequest(
            parent=whole.workspace.name, customer=Customer(display_name=name)
        )
        whole.workspace.client.records.CreateCustomer(request)


def test_plan_of_many_contacts_is_what_the_run_does(large: Whole) -> None:
    """The same counts and calls for 2,500 contacts; until the run nothing at all is different."""
    books = large.driver.simulator.parts.organisations.all()[0]
    names = [each.name for each in books.contacts.values() if each.status == "ACTIVE"]
    add_customers(large, names[0], names[1200], names[2300], names[7], names[7])
    large.workspace.set_toggles(contacts=True)
    before = dump(large.database, *_CALLS)
    large.way.reads()

    found = plan(large, "contacts")

    assert dump(large.database, *_CALLS) == before
    assert found.complete
    assert found.full_read
    assert not found.HasField("read_since_time")
    assert (found.calls, found.total) == (large.way.reads(), 2500) == (3, 2500)
    assert (told(found)["MATCH"], told(found)["AMBIGUOUS"]) == (3, 1)
    run = finish(large.workspace, "contacts")
    assert large.way.reads() == found.calls
    assert as_counted(found) == run.counts


def test_samples_show_a_few_of_each(small: Whole) -> None:
    """A sample names the record, and the customer it is about."""
    books = small.driver.simulator.parts.organisations.all()[0]
    name = next(each.name for each in books.contacts.values() if each.status == "ACTIVE")
    add_customers(small, name)
    small.workspace.set_toggles(contacts=True)

    found = plan(small, "contacts")

    match = next(each for each in found.samples if each.outcome == SyncPlan.OUTCOME_MATCH)
    created = [each for each in found.samples if each.outcome == SyncPlan.OUTCOME_CREATE]
    assert match.record_name == name
    assert match.local.startswith("workspaces/acme/customers/")
    assert match.changed_fields
    assert 0 < len(created) <= 20
    assert {each.local for each in created} == {""}


def test_short_deadline_leaves_an_estimate(large: Whole) -> None:
    """A plan ends within its caller's deadline and says what the rest would cost."""
    large.workspace.set_toggles(contacts=True)
    large.way.seconds = 50

    found = plan(large, "contacts", timeout=100)

    assert not found.complete
    assert (found.calls, found.total) == (3, 2500)
    assert sum(told(found).values()) == 2000


def test_whole_chain_plans_as_it_runs(small: Whole) -> None:
    """Tax rates, items and invoices alike: told, run, equal; then only what changed is read."""
    small.workspace.set_toggles(invoices=True)
    rates = plan(small, "tax_rates")
    set_up_chain(small.workspace)
    small.clock.advance(seconds=60)
    again = plan(small, "contacts")

    assert set(told(rates)) == {"CREATE"}
    assert not again.full_read
    assert again.HasField("read_since_time")
    assert set(told(again)) <= {"UNCHANGED", "SKIP"}
    items = plan(small, "items")
    assert as_counted(items) == finish(small.workspace, "items").counts
    assert set(told(items)) <= {"UNCHANGED"}


def test_invoice_windows_are_planned_as_they_run(small: Whole) -> None:
    """A pull of all linked invoices reads them by id; its plan says so and counts them."""
    set_up_chain(small.workspace)
    confirmed_invoices(small.workspace, 3)
    small.clock.advance(seconds=60)
    finish(small.workspace, "invoice_push")
    finish(small.workspace, "invoice_pull")
    small.clock.advance(seconds=60)

    everything = plan(
        small, "invoice_pull", invoice_pull=integration_pb2.InvoicePullOptions(all_linked=True)
    )
    usual = plan(small, "invoice_pull")

    assert (everything.full_read, usual.full_read) == (True, False)
    assert everything.total == 3
    assert sum(told(everything).values()) == 3
    assert usual.HasField("read_since_time")


@pytest.mark.parametrize("named", [True, False])
def test_push_is_told_by_its_preflight(small: Whole, *, named: bool) -> None:
    """It is what ``PreflightInvoices`` says of the same invoices, and nobody is asked."""
    set_up_chain(small.workspace)
    names = [each.name for each in confirmed_invoices(small.workspace, 3)]
    wanted = [names[2], names[0], "unknown"] if named else []
    small.clock.advance(seconds=60)
    before = dump(small.database, *_CALLS)
    small.way.reads()

    found = plan(
        small, "invoice_push", invoice_push=integration_pb2.InvoicePushOptions(invoices=wanted)
    )

    assert dump(small.database, *_CALLS) == before
    assert small.way.reads() == 0
    request = record_pb2.PreflightInvoicesRequest(
        connection=small.workspace.connection, invoices=wanted
    )
    answer = small.workspace.client.records.PreflightInvoices(request)
    assert found == SyncPlan(complete=True, preflight=answer)
    assert answer.eligible_count == (2 if named else 3)
