import random
from typing import Final

import pytest

from bookkeeping import add_invoice, an_invoice
from running import KAURI, NOON
from syncline_server.core import outgoing
from syncline_server.core.export_check import ContactStanding, ExportFacts
from syncline_server.core.invoice import InvoiceStage
from syncline_server.core.link import Link
from syncline_server.core.model import HELD, PushState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import invoice_links, invoices
from syncline_server.storage.database import Database

PLACES: Final = (KAURI, KAURI._replace(id="totara"), KAURI._replace(provider="books", id="a"))
IDS: Final = tuple(f"inv{number}" for number in range(8))
FACTS: Final = ExportFacts(
    contact=ContactStanding.MAPPED,
    contact_id="c1",
    item_codes={"widget": "W1"},
    tax_types={"gst": "OUTPUT2"},
)


def a_link(organisation: Organisation, invoice_id: str, state: PushState, attempt: str) -> Link:
    """Return how an invoice stands at an organisation."""
    return Link(
        organisation=organisation,
        invoice_id=invoice_id,
        push_state=state,
        attempt_id=attempt,
        run_id="run1",
        parcel=outgoing.parcel(an_invoice(invoice_id), FACTS, attempt, "key"),
    )


@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_to_push_is_what_no_link_holds(database: Database, seed: int) -> None:
    """After any moves, at any of several organisations, in any order, page by page."""
    chosen = random.Random(seed)  # noqa: S311 - to choose moves by
    stages = {id_: chosen.choice(list(InvoiceStage)) for id_ in IDS}
    states: dict[tuple[Organisation, str], PushState] = {}
    for id_ in IDS:
        add_invoice(database, an_invoice(id_, stage=stages[id_]))
    for step in range(30):
        id_ = chosen.choice(IDS)
        if chosen.random() < 0.2:
            stages[id_] = chosen.choice(list(InvoiceStage))
            invoices.update(database, an_invoice(id_, stage=stages[id_]), NOON)
        else:
            place, state = chosen.choice(PLACES), chosen.choice(list(PushState))
            states[place, id_] = state
            invoice_links.write(database, [a_link(place, id_, state, f"at{step}")], NOON)

    for place in PLACES:
        left = [
            id_
            for id_ in IDS
            if stages[id_] is InvoiceStage.CONFIRMED and states.get((place, id_)) not in HELD
        ]
        assert invoices.to_push(database, place, "", 100) == left
        assert invoices.to_push(database, place, "", 2) == left[:2]
        assert invoices.to_push(database, place, "inv3", 100) == [i for i in left if i > "inv3"]
        assert invoices.count_to_push(database, place) == len(left)


def test_being_held_leaves_an_invoices_etag_as_it_is(database: Database) -> None:
    """A push changes nothing that whoever edits the invoice has seen."""
    add_invoice(database, an_invoice())
    before = invoices.get(database, "acme", "inv1")

    invoice_links.write(database, [a_link(KAURI, "inv1", PushState.SENT, "at1")], NOON)

    assert invoices.get(database, "acme", "inv1") == before


def test_held_invoices_are_not_looked_at(database: Database) -> None:
    """However many are linked, the marks alone tell what is left."""
    for id_ in IDS:
        add_invoice(database, an_invoice(id_))
    links = [a_link(KAURI, id_, PushState.LINKED, f"at-{id_}") for id_ in IDS[1:]]
    invoice_links.write(database, links, NOON)

    marks = database.tuples("SELECT id, held_at FROM invoices ORDER BY id")

    assert marks == [("inv0", ""), *((id_, "xero/kauri") for id_ in IDS[1:])]
