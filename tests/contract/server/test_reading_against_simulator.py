"""Contacts that change while they are read, and changes that modified-since does not tell."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from drifting import (
    ACTIVE,
    ARCHIVED,
    before_page,
    change,
    change_unseen,
    in_order,
    is_like_xero,
    local_contacts,
    remote_contacts,
)
from setting_up import finish
from syncline.v1.integration_pb2 import InvoicePullOptions, TriggerSyncRequest
from syncline.v1.run_pb2 import Run
from syncline_client import InvalidArgument
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.books.contact import Contact
from whole_server import Whole, whole_server


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def large(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Whole]:
    """A server connected to contacts of two pages."""
    with whole_server(database_url, tmp_path, signing_key, contacts=1100) as whole:
        whole.connect()
        whole.workspace.set_toggles(contacts=True)
        yield whole


@pytest.fixture
def small(database_url: str, tmp_path: Path, signing_key: SigningKey) -> Iterator[Whole]:
    """A server connected to a few contacts."""
    with whole_server(database_url, tmp_path, signing_key, contacts=30) as whole:
        whole.connect()
        whole.workspace.set_toggles(contacts=True)
        yield whole


def later(whole: Whole, **span: float) -> None:
    """Let time pass, ten minutes unless told otherwise."""
    passed = timedelta(**(span or {"minutes": 10}))
    whole.clock.advance(seconds=passed.total_seconds())


def stir(whole: Whole, rows: list[Contact]) -> None:
    """Rename, archive, restore, add and merge contacts of the pages that were read and were not."""
    active = [each for each in rows if each.status is ACTIVE]
    early, late = active[:20], active[-20:]
    for place, contact in enumerate([*early[:3], *late[:3]]):
        change(whole, contact, name=f"Renamed {place}")
    for contact in (early[4], late[4]):
        change(whole, contact, status=ARCHIVED)
    for contact in [each for each in rows if each.status is ARCHIVED][:2]:
        change(whole, contact, status=ACTIVE)
    change(whole, early[6], status=ARCHIVED, merged_to=late[6].contact_id)
    change(whole, late[8], status=ARCHIVED, merged_to=early[8].contact_id)
    # Ids that sort before everything and behind everything, by their bytes and by their text.
    for place, id_ in enumerate(("0", "f", "8")):
        made = replace(active[0], contact_id=active[0].contact_id.translate(_all(id_)))
        change(whole, made, name=f"Added {place}", contact_number="", account_number="", email="")


def _all(digit: str) -> dict[int, str]:
    return {ord(each): digit for each in "0123456789abcdef"}


@pytest.mark.parametrize("order", ["sql-server", "text"])
def test_what_changes_between_the_pages_of_a_full_read_is_here_after_the_next(
    large: Whole, order: str
) -> None:
    """Nothing is lost, whatever the order of ids: this run or the next one brings it."""
    large.driver.switch(id_order=order)
    rows = in_order(large)
    before_page(large, 2, lambda: stir(large, rows))

    first = finish(large.workspace, "contacts")
    assert first.state == Run.STATE_SUCCEEDED
    later(large)
    finish(large.workspace, "contacts")

    assert is_like_xero(large)


@pytest.mark.parametrize("order", ["sql-server", "text"])
def test_what_changes_between_the_pages_of_changes_is_here_after_the_next(
    large: Whole, order: str
) -> None:
    """The list of changes grows while it is read, and nothing is lost by it."""
    large.driver.switch(id_order=order)
    finish(large.workspace, "contacts")
    later(large)
    rows = in_order(large)
    for place, contact in enumerate(rows[20:-20]):
        change(large, contact, name=f"Changed {place}")
    rows = in_order(large)
    before_page(large, 2, lambda: stir(large, rows))

    later(large)
    finish(large.workspace, "contacts")
    later(large)
    finish(large.workspace, "contacts")

    assert is_like_xero(large)


def test_a_full_read_brings_what_the_list_of_changes_does_not_tell(small: Whole) -> None:
    """A change without a stamp stays unseen until somebody asks for everything."""
    finish(small.workspace, "contacts")
    later(small)
    renamed, archived = [c for c in in_order(small) if c.status is ACTIVE][:2]
    change_unseen(small, renamed, name="Renamed in the dark")
    change_unseen(small, archived, status=ARCHIVED)

    finish(small.workspace, "contacts")
    assert not is_like_xero(small)
    later(small)
    finish(small.workspace, "contacts", full_read=True)

    assert is_like_xero(small)
    assert local_contacts(small)[archived.contact_id][1] is False


def test_a_run_reads_everything_once_the_last_full_read_is_a_day_old(small: Whole) -> None:
    """Until then only changes are read; the node says which it will be, and when it was."""
    finish(small.workspace, "contacts")
    began = small.workspace.node("contacts").last_full_read_time.ToDatetime()
    change_unseen(small, in_order(small)[0], name="Renamed in the dark")

    later(small, hours=23)
    assert not small.workspace.node("contacts").next_full_read
    finish(small.workspace, "contacts")
    node = small.workspace.node("contacts")
    assert node.last_full_read_time.ToDatetime() == began
    later(small, hours=2)
    assert small.workspace.node("contacts").next_full_read
    finish(small.workspace, "contacts")

    assert remote_contacts(small).items() >= local_contacts(small).items()
    node = small.workspace.node("contacts")
    assert node.last_full_read_time.ToDatetime() == began + timedelta(hours=25)
    assert not node.next_full_read


def test_a_run_that_fails_on_its_way_leaves_the_watermark(small: Whole) -> None:
    """What changed before it is read again by the next one."""
    finish(small.workspace, "contacts")
    before = small.workspace.node("contacts").watermark_time
    later(small)
    change(small, in_order(small)[0], name="Renamed")
    small.driver.control("POST", "faults", {"kind": "forbidden", "path": "/Contacts"})

    with pytest.raises(AssertionError, match="STATE_FAILED"):
        finish(small.workspace, "contacts")

    assert small.workspace.node("contacts").watermark_time == before
    later(small)
    finish(small.workspace, "contacts")
    assert is_like_xero(small)
    assert small.workspace.node("contacts").watermark_time.seconds > before.seconds


def test_a_watermark_is_by_the_provider_s_clock(small: Whole) -> None:
    """Where Xero's clock is behind ours, changes of the difference are not skipped."""
    small.driver.clock.advance(-3600)
    finish(small.workspace, "contacts")
    small.driver.clock.advance(1800)
    small.clock.advance(seconds=61)
    change(small, in_order(small)[0], name="Renamed by a slow clock")

    finish(small.workspace, "contacts")

    assert is_like_xero(small)


@pytest.mark.parametrize("wish", ["full_read", "accept_collapse"])
def test_a_push_reads_nothing_to_store(small: Whole, wish: str) -> None:
    """What is for pulls is refused for it, before anything else."""
    request = TriggerSyncRequest(
        connection=small.workspace.connection, module="invoice_push", **{wish: True}
    )

    with pytest.raises(InvalidArgument) as refusal:
        small.workspace.client.integrations.TriggerSync(request)

    assert [violation.field for violation in refusal.value.violations] == [wish]


@pytest.mark.parametrize(
    "options",
    [
        InvoicePullOptions(invoices=["one"]),
        InvoicePullOptions(since_time=Timestamp(seconds=1790000000)),
    ],
    ids=["invoices", "since_time"],
)
def test_everything_cannot_be_a_part(small: Whole, options: InvoicePullOptions) -> None:
    """A full read of named invoices, or since a time, makes no sense."""
    request = TriggerSyncRequest(
        connection=small.workspace.connection,
        module="invoice_pull",
        invoice_pull=options,
        full_read=True,
    )

    with pytest.raises(InvalidArgument) as refusal:
        small.workspace.client.integrations.TriggerSync(request)

    assert [violation.field for violation in refusal.value.violations] == ["full_read"]
