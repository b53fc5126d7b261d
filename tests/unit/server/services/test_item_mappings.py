import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from bookkeeping import add_product, map_item, ready_to_push, rows
from running import ACME, KAURI, NOON, PRODUCT_FIELDS, connect, master, noon, running
from syncline_sdk import Item, RecordKind
from syncline_server.core.errors import (
    Aborted,
    FailedPrecondition,
    NotFound,
    Reason,
    Refusal,
)
from syncline_server.core.listing import MappingFilter
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notice
from syncline_server.core.organisations import Organisation
from syncline_server.rpc.messages.mapping import item_mapping
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.preflight import Preflight, Verdict
from syncline_server.storage import items
from syncline_server.storage.database import Database
from syncline_server.storage.items import ItemRow

PIPE = Item(id="i1", code="PIPE", name="Pipe")
TUBE = Item(id="i2", code="PIPE", name="Tube")
RIMU = Organisation("acme", "xero", "rimu")


@pytest.fixture(autouse=True)
def doubtful(database: Database) -> None:
    """Every test begins with two items of which either could be either product."""
    connect(database)
    for id_ in ("pipe", "pipe-2"):
        add_product(database, id_, Item(id="", code="PIPE", name=f"Local {id_}"))
    unclear = [
        ItemRow(each, "old", MappingState.AMBIGUOUS, candidates=("pipe", "pipe-2"))
        for each in (PIPE, TUBE)
    ]
    items.write(database, KAURI, unclear, NOON)


def service(database: Database, notices: list[Notice] | None = None) -> ItemMappings:
    """Return the service."""
    told: list[Notice] = [] if notices is None else notices
    return ItemMappings(database, noon, partial(find_organisation, database), told.append)


def standing(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return state and product of every item."""
    return {
        row["item_id"]: (row["state"], row["product_id"])
        for row in rows(database, "items", "item_id")
    }


def pull(database: Database, *records: Item, run: str = "run1") -> None:
    """Store a list of items."""
    sink = ItemSink(
        running(database, "items", id=run),
        master(RecordKind.ITEM, PRODUCT_FIELDS),
        lambda: f"made-by-{run}",
    )
    sink.replace(records)


def test_ambiguous_item_is_settled_alone(database: Database) -> None:
    """The chosen product is its own, the candidates are gone, the other item stays open."""
    notices: list[Notice] = []

    mapping = service(database, notices).assign(ACME, "i1", "pipe", "")

    assert (mapping.state, mapping.product_id, mapping.product_name, mapping.candidates) == (
        MappingState.MAPPED,
        "pipe",
        "Local pipe",
        (),
    )
    assert standing(database) == {"i1": ("MAPPED", "pipe"), "i2": ("AMBIGUOUS", None)}
    assert notices == [ConnectionChanged(ACME)]


def test_values_follow_with_the_next_list(database: Database) -> None:
    """An unchanged item brings its values to the product it was assigned."""
    pull(database, PIPE, TUBE)
    service(database).assign(ACME, "i1", "pipe-2", "")

    pull(database, PIPE, TUBE, run="run2")

    names = {row["id"]: row["name"] for row in rows(database, "products", "id")}
    assert names["pipe-2"] == "Pipe"
    assert standing(database)["i1"] == ("MAPPED", "pipe-2")


def test_mapping_is_changed(database: Database) -> None:
    """A mapped item moves to another product, whose predecessor is free for others."""
    map_item(database, PIPE, "pipe")

    service(database).assign(ACME, "i1", "pipe-2", "")
    service(database).assign(ACME, "i2", "pipe", "")

    assert standing(database) == {"i1": ("MAPPED", "pipe-2"), "i2": ("MAPPED", "pipe")}


def test_vanished_item_is_refused_and_can_be_removed(database: Database) -> None:
    """What the provider has no more cannot be assigned; its product can be taken from it."""
    map_item(database, PIPE, "pipe")
    items.vanish(database, KAURI, ["i1"], NOON)
    mappings = service(database)

    with pytest.raises(FailedPrecondition) as refusal:
        mappings.assign(ACME, "i1", "pipe", "")
    with pytest.raises(FailedPrecondition) as taken:
        mappings.assign(ACME, "i2", "pipe", "")
    mappings.remove(ACME, "i1", "")
    mappings.assign(ACME, "i2", "pipe", "")

    assert refusal.value.reason is Reason.RECORD_VANISHED
    assert taken.value.blockers[0].subject == f"{ACME}/itemMappings/i1"
    assert standing(database) == {"i1": ("UNMAPPED", None), "i2": ("MAPPED", "pipe")}


def test_product_of_another_item_is_refused(database: Database) -> None:
    """The refusal names the mapping that has the product, and nothing is changed."""
    service(database).assign(ACME, "i2", "pipe", "")

    with pytest.raises(FailedPrecondition) as refusal:
        service(database).assign(ACME, "i1", "pipe", "")

    assert refusal.value.reason is Reason.RECORD_MAPPED_ELSEWHERE
    assert refusal.value.blockers[0].subject == f"{ACME}/itemMappings/i2"
    assert standing(database)["i1"] == ("AMBIGUOUS", None)


def test_stale_etag_is_refused(database: Database) -> None:
    """Whoever decided on something older is told to look again, for both calls."""
    mappings = service(database)
    (seen, _) = mappings.page(ACME, MappingFilter(), "", 10)
    etag = item_mapping(seen).etag
    mappings.assign(ACME, "i1", "pipe", etag)

    for late in (mappings.assign, lambda *_: mappings.remove(ACME, "i1", etag)):
        with pytest.raises(Aborted) as refusal:
            late(ACME, "i1", "pipe-2", etag)
        assert refusal.value.reason is Reason.STALE_ETAG


def test_decision_about_another_organisations_item_is_stale(database: Database) -> None:
    """Should their ids be the same, what was read of one is not settled at another."""
    etag = item_mapping(service(database).get(ACME, "i1")).etag
    elsewhere = ItemMappings(database, noon, lambda _: RIMU, lambda _: None)
    database.execute("UPDATE items SET organisation_id = ?", (RIMU.id,))

    with pytest.raises(Aborted):
        elsewhere.assign(ACME, "i1", "pipe", etag)
    with pytest.raises(Aborted):
        elsewhere.remove(ACME, "i1", etag)
    etag = item_mapping(elsewhere.get(ACME, "i1")).etag
    assert elsewhere.assign(ACME, "i1", "pipe", etag).product_id


def test_what_is_not_there_is_not_found(database: Database) -> None:
    """Unknown items and products, and connections that never had an organisation."""
    mappings = service(database)
    nowhere = Connection("acme", "other")

    for call, resource in (
        (lambda: mappings.assign(ACME, "none", "pipe", ""), f"{ACME}/itemMappings/none"),
        (lambda: mappings.assign(ACME, "i1", "none", ""), "workspaces/acme/products/none"),
        (lambda: mappings.remove(ACME, "none", ""), f"{ACME}/itemMappings/none"),
        (lambda: mappings.remove(nowhere, "i1", ""), f"{nowhere}/itemMappings/i1"),
    ):
        with pytest.raises(NotFound) as refusal:
            call()
        assert refusal.value.resource == resource


def test_removed_mapping_stays_apart_until_it_is_assigned(database: Database) -> None:
    """A list neither maps nor makes again; an assignment does, once."""
    notices: list[Notice] = []
    mappings = service(database, notices)
    mappings.assign(ACME, "i1", "pipe", "")

    assert mappings.remove(ACME, "i1", "").detached
    assert mappings.remove(ACME, "i1", "").detached
    pull(database, PIPE)
    assert standing(database)["i1"] == ("UNMAPPED", None)
    assert len(rows(database, "products", "id")) == 2

    mappings.assign(ACME, "i1", "pipe", "")
    again = mappings.assign(ACME, "i1", "pipe", "")
    pull(database, PIPE, run="run2")
    assert not again.detached
    assert standing(database)["i1"] == ("MAPPED", "pipe")
    assert notices == [ConnectionChanged(ACME)] * 3


def test_invoice_waits_for_an_item_and_no_longer(database: Database) -> None:
    """Preflight asks for a mapping where one was removed, and no more where it is assigned."""
    database.execute("DELETE FROM items")
    ready_to_push(database, "inv1")
    mappings = service(database)
    preflight = Preflight(database, partial(find_organisation, database))

    mappings.remove(ACME, "i1", "")
    (blocked,) = preflight.check(ACME, ["inv1"]).results
    mappings.assign(ACME, "i1", "widget", "")
    (eligible,) = preflight.check(ACME, ["inv1"]).results

    assert [reason.code for reason in blocked.reasons] == ["XERO_EXPORT_ITEM_MAPPING_REQUIRED"]
    assert eligible.verdict is Verdict.ELIGIBLE


@pytest.mark.parametrize("other", ["person", "pull"])
def test_products_are_given_away_once(database: Database, other: str) -> None:
    """At once with another person, or a list of the same items, an assignment ends well."""
    mappings = service(database)
    gate = threading.Barrier(2)

    def one(call: str) -> str:
        gate.wait(30)
        try:
            if call == "pull":
                pull(database, PIPE, TUBE)
            else:
                mappings.assign(ACME, call, "pipe", "")
        except Refusal as refusal:
            return refusal.reason.value
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(one, ["i1", "pull" if other == "pull" else "i2"]))
    assert outcomes[1] == "done"
    assert outcomes[0] == ("done" if other == "pull" else "RECORD_MAPPED_ELSEWHERE")
    assert ("MAPPED", "pipe") in standing(database).values()
