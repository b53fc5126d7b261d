from collections.abc import Callable

import pytest

from bookkeeping import (
    add_customer,
    add_invoice,
    add_tax_code,
    add_tax_rate,
    an_invoice,
    ready_to_push,
)
from running import (
    ACME,
    CUSTOMER_FIELDS,
    KAURI,
    NOON,
    connect,
    master,
    numbered_ids,
    running,
)
from settling import (
    CONTACT_MISSING,
    KERR,
    RATA,
    WIDGET,
    contact_mappings,
    pull_contacts,
    pull_items,
    push,
    refuse,
    resolutions,
    standing,
    two_customers,
    woken,
)
from syncline_sdk import Contact, Item, RecordKind
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.settlement import settle_behind
from syncline_server.storage import run_issues
from syncline_server.storage.database import Database


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def test_same_issue_met_again_takes_the_older_ones_place(database: Database) -> None:
    """However many runs meet it, one issue is open: the newest."""
    two_customers(database)
    for run in ("pull1", "pull2", "pull3"):
        pull_contacts(database, KERR, run=run)

    (row,) = run_issues.open_of_workspace(database, "acme", None, 10)

    assert row["run_id"] == "pull3"
    assert resolutions(database, "pull2") == ["Met again by run pull3."]
    assert woken(database) == set()


@pytest.mark.parametrize("change", [{"codes": ("NEW",)}, {"active": False}])
def test_run_that_finds_a_contact_settled_closes_its_issue(
    database: Database, change: dict[str, object]
) -> None:
    """A contact that was given a code of its own, or archived, needs nobody any more."""
    two_customers(database)
    pull_contacts(database, KERR, RATA)

    pull_contacts(database, KERR._replace(**change), run="pull2")  # type: ignore[arg-type]  # any field of it

    assert standing(database) == {("c2", "CONTACT_AMBIGUOUS")}
    assert resolutions(database, "pull1") == ["Run pull2 found it settled.", ""]


def test_contact_that_is_not_read_again_stays_open(database: Database) -> None:
    """A run that reads what changed says nothing about the others."""
    two_customers(database)
    pull_contacts(database, KERR)

    pull_contacts(database, Contact(id="c9", name="Somebody"), run="pull2")

    assert standing(database) == {("c1", "CONTACT_AMBIGUOUS")}


@pytest.mark.parametrize("back", [WIDGET, WIDGET._replace(id="i9")])
def test_item_that_comes_back_settles_that_it_was_gone(database: Database, back: Item) -> None:
    """Under its own id, or made again under its code; until then it stays open."""
    add_tax_code(database, "gst")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")
    pull_items(database, WIDGET)
    pull_items(database, run="pull2")
    pull_items(database, run="pull3")
    assert standing(database) == {("i1", "ITEM_VANISHED")}

    pull_items(database, back, run="pull4")

    assert standing(database) == set()


def test_push_that_can_send_an_invoice_closes_what_blocked_it(database: Database) -> None:
    """However it came about: here a contact was mapped by a pull."""
    ready_to_push(database)
    add_customer(database, "rata", Contact(id="", name="Rata Ltd", codes=("R1",)))
    add_invoice(database, an_invoice("one", customer_id="rata"))
    push(database)
    assert standing(database) == {("one", CONTACT_MISSING)}
    pull_contacts(database, RATA)

    push(database, "push2")

    assert standing(database) == set()


def test_run_that_maps_a_contact_wakes_the_push_that_waited_for_it(database: Database) -> None:
    """The invoice needs nobody any more, and does not wait for the push's next time."""
    ready_to_push(database)
    for id_ in ("rata", "rimu"):
        add_customer(database, id_, Contact(id="", name=id_.title(), codes=(id_.upper(),)))
        add_invoice(database, an_invoice(f"of-{id_}", customer_id=id_))
    push(database)
    journal = running(database, "contacts", id="pull1")
    sink = ContactSink(journal, master(RecordKind.CONTACT, CUSTOMER_FIELDS), numbered_ids("pull1"))
    sink.store([RATA._replace(codes=("RATA",))], cursor="next")

    settle_behind(database, journal.run, NOON)

    assert standing(database) == {("of-rimu", CONTACT_MISSING)}
    assert resolutions(database, "push1") == ["Run pull1 found it settled.", ""]
    assert woken(database) == {"invoice_push"}


def test_refusal_stays_open_while_the_invoice_is_left_as_it_was(database: Database) -> None:
    """A push that leaves a refused invoice out has not settled it."""
    ready_to_push(database, "one")
    refuse(database)

    push(database, "push2")

    assert standing(database) == {("one", "NO")}


def test_another_organisations_issues_are_its_own(database: Database) -> None:
    """Assigning settles nothing elsewhere, and what cannot be settled now is not listed."""
    two_customers(database)
    pull_contacts(database, KERR)
    totara = replace_organisation(database, "totara")
    totara(KERR)
    assert [row["run_id"] for row in run_issues.open_of_workspace(database, "acme", None, 10)] == [
        "totara1"
    ]

    contact_mappings(database).assign(ACME, "c1", "kerr", "")

    assert standing(database) == set()
    assert resolutions(database, "pull1") == [""]


def replace_organisation(database: Database, id_: str) -> Callable[[Contact], None]:
    """Connect another organisation; returns what pulls one of its contacts."""
    other = KAURI._replace(id=id_)
    connect(database, other)

    def pull(record: Contact) -> None:
        journal = running(database, "contacts", id=f"{id_}1", organisation=other)
        find = master(RecordKind.CONTACT, CUSTOMER_FIELDS, other)
        ContactSink(journal, find, numbered_ids(id_)).store([record], cursor="next")

    return pull
