from dataclasses import replace
from datetime import timedelta

import pytest

from creating_bench import KERR, MUG, Bench, creating_bench, refused
from creating_provider import limit_the_day
from syncline_sdk import Contact
from syncline_server.core.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    Reason,
    Unavailable,
)
from syncline_server.core.model import ConnectionState
from syncline_server.core.provenance import Source
from syncline_server.services.provider_clients import Manner
from syncline_server.storage import connections
from syncline_server.storage.database import Database
from wiring import ACME


@pytest.fixture
def bench(database: Database) -> Bench:
    """A workspace that creates at its provider first."""
    return creating_bench(database)


def test_customer_is_created_at_the_provider_and_stored_mapped(bench: Bench) -> None:
    """What is the provider's comes from its answer, what is local from the request."""
    view = bench.customers.create(KERR)

    (contact,) = bench.shelves.records["contacts"]
    assert (contact["name"], contact["code"]) == ("Kerr Ltd", "K1")
    record = view.record
    assert (record.id, record.display_name, record.code) == ("kerr", "Kerr Ltd", "K1")
    assert (record.notes, record.web_access, record.address) == (
        "Rings first.",
        True,
        KERR.address,
    )
    assert view.mapped_to == f"{ACME}/contactMappings/{contact['id']}"
    assert "display_name" in view.owned_fields
    assert bench.rows() == []


def test_product_is_created_at_the_provider_and_stored_mapped(bench: Bench) -> None:
    """Products likewise."""
    view = bench.products.create(MUG)

    (item,) = bench.shelves.records["items"]
    assert (view.record.sku, view.record.category) == ("MUG", "Kitchen")
    assert view.mapped_to == f"{ACME}/itemMappings/{item['id']}"
    assert bench.rows() == []


def test_answer_is_the_source_of_what_is_the_providers(bench: Bench) -> None:
    """Owned values came from the provider when it answered; what is local was set here."""
    contact = bench.customers.create(KERR).record.sources
    item = bench.products.create(MUG).record.sources

    answered = Source(bench.clock(), ACME.provider, "kauri")
    assert set(contact.values()) == set(item.values()) == {answered}
    assert {"display_name", "code", "email", "address"} <= contact.keys()
    assert {"sku", "display_name", "tax_code"} <= item.keys()
    assert not {"notes", "web_access", "category"} & (contact.keys() | item.keys())


def test_next_pull_finds_what_was_created_unchanged(bench: Bench) -> None:
    """Neither the contact nor the item is news."""
    bench.customers.create(KERR)
    bench.products.create(MUG)
    before = bench.customers.get("acme", "kerr").record.version

    (row,) = bench.shelves.records["contacts"]
    bench.pull(Contact(row["id"], "Kerr Ltd", ("K1",), "hi@kerr.example", "", KERR.address))

    assert bench.customers.get("acme", "kerr").record.version == before
    assert bench.stored() == {"kerr": row["id"]}


def test_refusal_reaches_the_caller_and_stores_nothing(bench: Bench) -> None:
    """The provider's reason comes back; another try is a new one."""
    bench.customers.create(KERR)
    other = replace(KERR, id="other", code="K2")

    refusal = refused(lambda: bench.customers.create(other))

    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason is Reason.PROVIDER_REFUSED
    assert refusal.metadata["provider_message"] == "It is there already."
    assert bench.stored() == {"kerr": "r1"}
    assert bench.rows() == []


@pytest.mark.parametrize("again", [{"id": "other"}, {"code": "K2"}], ids=["code", "id"])
def test_taken_id_or_code_is_refused_before_anything_is_sent(
    bench: Bench, again: dict[str, str]
) -> None:
    """A customer of ours in the way is named."""
    bench.customers.create(KERR)

    refusal = refused(lambda: bench.customers.create(replace(KERR, **again)))

    assert isinstance(refusal, AlreadyExists)
    assert len(bench.shelves.writes) == 1


def test_what_the_provider_makes_up_itself_is_refused(bench: Bench) -> None:
    """An inactive customer, a stock and a tax code of no tax type cannot be created there."""
    inactive = refused(lambda: bench.customers.create(replace(KERR, active=False)))
    counted = refused(lambda: bench.products.create(replace(MUG, stock_quantity="3")))
    bench.database.execute(
        "INSERT INTO tax_codes (workspace, id, code, code_key, name, name_key, rate, create_time,"
        " update_time) VALUES ('acme', 'gst', 'GST', 'gst', 'GST', 'gst', '15', 0, 0)"
    )
    taxed = replace(MUG, tax_code="workspaces/acme/taxCodes/gst")
    untyped = refused(lambda: bench.products.create(taxed))

    assert (inactive.reason, counted.reason) == (Reason.FIELD_OWNED, Reason.FIELD_OWNED)
    assert isinstance(untyped, InvalidArgument)
    assert bench.shelves.writes == []


def test_limit_refuses_without_a_trace(bench: Bench) -> None:
    """A call that was not carried out leaves nothing, and says when to come back."""
    bench.fail(limit_the_day)

    refusal = refused(lambda: bench.customers.create(KERR))

    assert isinstance(refusal, Unavailable)
    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert refusal.retry_after == timedelta(seconds=40_000)
    assert bench.rows() == []


def test_waiting_for_the_budget_ends_with_the_callers_patience(bench: Bench) -> None:
    """Nothing has left by then, so nothing is left behind."""
    with bench.creations.calls.clients.for_connection(
        ACME, connections.get(bench.database, ACME).generation, manner=Manner(urgent=True)
    ) as http:
        for _ in range(60):
            http.get("contacts")

    refusal = refused(lambda: bench.customers.create(KERR, timedelta(seconds=3)))

    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert sum(bench.clock.waits) == pytest.approx(3, abs=0.6)
    assert (bench.shelves.writes, bench.rows()) == ([], [])


def test_connection_that_waits_for_a_person_prevents_it(bench: Bench) -> None:
    """Nothing is sent, and the caller is told what to do."""
    row = connections.get(bench.database, ACME)
    with bench.database.transaction():
        gone = replace(row, state=ConnectionState.RECONNECT_REQUIRED, state_reason="Gone.")
        connections.save(bench.database, gone, bench.clock())

    refusal = refused(lambda: bench.customers.create(KERR))

    assert refusal.reason is Reason.RECONNECT_REQUIRED
    assert (bench.shelves.writes, bench.rows()) == ([], [])
