"""What is here compared with what a simulated Xero has: drift is told, and a full read mends it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from drifting import ACTIVE, ARCHIVED, books, change, change_unseen, in_order
from setting_up import confirmed_invoices, finish, set_up_chain
from syncline.v1.integration_pb2 import CheckParityRequest, TriggerSyncRequest
from syncline.v1.parity_pb2 import Parity
from syncline_client import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    SynclineError,
    Unavailable,
)
from syncline_xero_simulator import SigningKey
from whole_server import Whole, whole_server

IN_STEP, DRIFT = Parity.STATE_IN_STEP, Parity.STATE_DRIFT


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def bare(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Whole]:
    """A server that is connected and has pulled nothing."""
    with whole_server(database_url, tmp_path, signing_key, contacts=30) as whole:
        whole.connect()
        yield whole


@pytest.fixture
def whole(bare: Whole) -> Whole:
    """A server that has pulled contacts, items and tax rates, ten minutes ago."""
    set_up_chain(bare.workspace)
    later(bare)
    return bare


def later(whole: Whole, minutes: int = 10) -> None:
    """Let time pass."""
    whole.clock.advance(seconds=timedelta(minutes=minutes).total_seconds())


def check(whole: Whole, module: str, timeout: float = 60) -> Parity:
    """Compare a module; the chain shows the same from then on."""
    request = CheckParityRequest(connection=whole.workspace.connection, module=module)
    found = whole.workspace.client.integrations.CheckParity(request, timeout=timeout).parity
    assert whole.workspace.node(module).parity == found
    return found


def told(found: Parity) -> dict[str, tuple[str, str]]:
    """Return both figures of each difference."""
    return {each.subject: (each.local_figure, each.provider_figure) for each in found.differences}


def refused(whole: Whole, module: str, **given: str) -> SynclineError:
    """Return the refusal of a comparison."""
    wanted = {"connection": whole.workspace.connection, "module": module, **given}
    with pytest.raises(SynclineError) as refusal:
        whole.workspace.client.integrations.CheckParity(CheckParityRequest(**wanted))
    return refusal.value


@pytest.mark.parametrize(
    ("module", "calls", "compared"), [("contacts", 3, 30), ("items", 1, 12), ("tax_rates", 1, 12)]
)
def test_what_was_just_pulled_is_in_step(
    whole: Whole, module: str, calls: int, compared: int
) -> None:
    """A few calls tell so, whatever there is to compare."""
    assert whole.workspace.node(module).parity == Parity()
    whole.way.reads()

    found = check(whole, module)

    assert whole.way.reads() <= calls
    assert found.state == IN_STEP
    assert 0 < found.compared_count <= compared
    assert list(found.differences) == []
    assert found.repair == ""


def test_changes_that_the_next_run_brings_are_no_drift(whole: Whole) -> None:
    """People change contacts all the time; that is what runs are for."""
    renamed, archived = [each for each in in_order(whole) if each.status is ACTIVE][:2]
    change(whole, renamed, name="Renamed")
    change(whole, archived, status=ARCHIVED)
    change(whole, replace(renamed, contact_id="0" * 8 + renamed.contact_id[8:]), name="Added")

    assert check(whole, "contacts").state == IN_STEP


def test_drift_of_contacts_is_told_and_mended_by_a_full_read(whole: Whole) -> None:
    """Blind changes and vanished contacts are missed by a run, told here, and gone afterwards."""
    renamed, archived, gone = [each for each in in_order(whole) if each.status is ACTIVE][:3]
    active = sum(each.status is ACTIVE for each in in_order(whole))
    change_unseen(whole, renamed, name="Renamed in the dark")
    change_unseen(whole, archived, status=ARCHIVED)
    books(whole).contacts.remove(gone.contact_id)
    finish(whole.workspace, "contacts")
    later(whole)

    found = check(whole, "contacts")

    assert found.state == DRIFT
    assert "full_read" in found.repair
    figures = told(found)
    assert figures["Active contacts"] == (str(active), str(active - 2))
    here, there = figures["Contacts here that the provider has"]
    assert int(here) - int(there) == 1
    names = {each.subject: set(each.records) for each in found.differences}
    assert names["Contacts here that the provider has"] == {gone.name}
    assert names["Contacts with the same values"] == {renamed.name, archived.name}

    assert check(whole, "contacts").differences == found.differences
    finish(whole.workspace, "contacts", full_read=True)
    later(whole)
    assert check(whole, "contacts").state == IN_STEP


def test_drift_of_items_is_told(whole: Whole) -> None:
    """One deleted for good, and one whose price changed without a stamp."""
    sold = [each for each in books(whole).items.values() if each.is_sold]
    books(whole).items.put(replace(sold[0], name="Renamed in the dark"))
    books(whole).items.remove(sold[1].item_id)

    found = check(whole, "items")

    assert [list(each.records) for each in found.differences] == [[sold[1].name], [sold[0].name]]
    finish(whole.workspace, "items")
    assert check(whole, "items").state == IN_STEP


def test_drift_of_tax_rates_is_told(whole: Whole) -> None:
    """A rate that is gone is missing here."""
    rate = next(iter(books(whole).tax_rates.values()))
    books(whole).tax_rates.remove(rate.key)

    assert check(whole, "tax_rates").state == DRIFT
    finish(whole.workspace, "tax_rates")
    assert check(whole, "tax_rates").state == IN_STEP


def test_drift_of_linked_invoices_is_told_in_statuses_and_money(whole: Whole) -> None:
    """An approval that Xero did not stamp changes a status; an amount due changes a sum."""
    confirmed_invoices(whole.workspace, 3)
    finish(whole.workspace, "invoice_push")
    later(whole)
    finish(whole.workspace, "invoice_pull")
    later(whole)
    assert check(whole, "invoice_pull").state == IN_STEP
    first = next(iter(books(whole).invoices.values()))
    blind = replace(first, status=type(first.status)("AUTHORISED"))
    books(whole).invoices.put(blind)
    finish(whole.workspace, "invoice_pull")
    later(whole)

    found = check(whole, "invoice_pull")

    assert told(found) == {
        "Linked invoices with the same values": ("3", "2"),
        "Invoices in status AUTHORISED": ("0", "1"),
        "Invoices in status DRAFT": ("3", "2"),
    }
    finish(whole.workspace, "invoice_pull", full_read=True)
    assert check(whole, "invoice_pull").state == IN_STEP


def test_a_step_cannot_be_compared_and_shows_nothing(whole: Whole) -> None:
    """A person completes it; there is nothing to count."""
    assert not whole.workspace.node("tax_mapping").HasField("parity")
    assert isinstance(refused(whole, "tax_mapping"), NotFound)


def test_a_push_cannot_be_compared(whole: Whole) -> None:
    """It brings nothing here."""
    refusal = refused(whole, "invoice_push")

    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason == "NOT_COMPARABLE"
    assert not whole.workspace.node("invoice_push").HasField("parity")


@pytest.mark.parametrize(
    ("module", "reason"),
    [("contacts", "MODULE_OFF"), ("tax_rates", "PREREQUISITE_INCOMPLETE")],
)
def test_a_module_that_is_off_or_has_brought_nothing_is_refused(
    bare: Whole, module: str, reason: str
) -> None:
    """There is nothing to compare yet."""
    bare.workspace.set_toggles(tax_rates=True)

    refusal = refused(bare, module)

    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason == reason


def test_a_workspace_without_a_connection_is_refused(whole: Whole) -> None:
    """Nobody can be asked."""
    whole.workspace.disconnect()

    assert refused(whole, "contacts").reason == "NOT_CONNECTED"


def test_malformed_and_unknown_names_are_refused(whole: Whole) -> None:
    """What is wrong is named."""
    assert isinstance(refused(whole, "contacts", connection="nonsense"), InvalidArgument)
    assert isinstance(refused(whole, ""), InvalidArgument)
    assert isinstance(refused(whole, "nothing"), NotFound)


def test_a_module_that_runs_is_not_compared(whole: Whole) -> None:
    """What is here changes while it runs; the run is named."""
    fault = {"kind": "unavailable", "path": "/Contacts", "count": None}
    whole.driver.control("POST", "faults", fault)
    request = TriggerSyncRequest(connection=whole.workspace.connection, module="contacts")
    run = whole.workspace.client.integrations.TriggerSync(request).run

    refusal = refused(whole, "contacts")

    assert isinstance(refusal, Aborted)
    assert refusal.reason == "RUN_ACTIVE"
    assert refusal.metadata["run"] == run.name


def test_a_provider_that_does_not_answer_is_unavailable(whole: Whole) -> None:
    """Nothing is written down of it."""
    fault = {"kind": "organisation-offline", "path": "/Contacts", "count": None}
    whole.driver.control("POST", "faults", fault)

    refusal = refused(whole, "contacts")

    assert isinstance(refusal, Unavailable)
    assert whole.workspace.node("contacts").parity == Parity()


def test_a_comparison_ends_with_its_caller_s_time(whole: Whole) -> None:
    """Where calls take longer than the caller waits, it says so in time."""
    whole.way.seconds = 40.0

    with pytest.raises(Unavailable):
        check(whole, "contacts", timeout=30)

    assert whole.workspace.node("contacts").parity == Parity()


def test_access_that_is_gone_is_told_and_kept(whole: Whole) -> None:
    """The connection waits for a person then, as after a run."""
    whole.driver.control("POST", "access/revoke", {"organisation": "Harbour Goods Ltd"})

    refusal = refused(whole, "contacts")

    assert refusal.reason == "RECONNECT_REQUIRED"
    assert refused(whole, "items").reason == "RECONNECT_REQUIRED"
