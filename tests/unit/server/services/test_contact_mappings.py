import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from bookkeeping import add_customer, map_contact, ready_to_push, rows
from databases import PostgresqlServer, opened
from running import ACME, CUSTOMER_FIELDS, KAURI, NOON, connect, master, noon, running
from syncline_sdk import Contact, RecordKind
from syncline_server.core import etags
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
from syncline_server.rpc.messages.mapping import contact_mapping
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.organisations import find_organisation
from syncline_server.services.preflight import Preflight, Verdict
from syncline_server.storage import connections, contacts, module_states
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",), phone="+64 3 555 0100")
NAME = f"{ACME}/contactMappings/c1"
RIMU = Organisation("acme", "xero", "rimu")


@pytest.fixture(autouse=True)
def doubtful(database: Database) -> None:
    """Every test begins with a contact that two customers fit, and another one likewise."""
    connect(database)
    for id_ in ("kerr", "kerr-2"):
        add_customer(database, id_, Contact(id="", name=f"Local {id_}", codes=("K1",)))
    unclear = [
        ContactRow(each, "old", MappingState.AMBIGUOUS, candidates=("kerr", "kerr-2"))
        for each in (KERR, KERR._replace(id="c2"))
    ]
    contacts.write(database, KAURI, unclear, NOON)


def service(database: Database, notices: list[Notice] | None = None) -> ContactMappings:
    """Return the service."""
    told: list[Notice] = [] if notices is None else notices
    find = partial(find_organisation, database)
    return ContactMappings(database, noon, find, lambda *_: ("contacts",), told.append)


def standing(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return state and customer of every contact."""
    return {
        row["contact_id"]: (row["state"], row["customer_id"])
        for row in rows(database, "contacts", "contact_id")
    }


def pull(database: Database, *records: Contact, run: str = "run1") -> None:
    """Store one page of contacts."""
    sink = ContactSink(
        running(database, "contacts", id=run),
        master(RecordKind.CONTACT, CUSTOMER_FIELDS),
        lambda: f"made-by-{run}",
    )
    sink.store(records, cursor="next")


def asked(database: Database) -> bool:
    """Return whether the next run is to read everything."""
    states = module_states.of_connection(database, connections.get(database, ACME))
    return "contacts" in states and states["contacts"].full_read_asked_time == NOON


def test_ambiguous_contact_is_settled_alone(database: Database) -> None:
    """The chosen customer is its own, the candidates are gone, the other contact stays open."""
    notices: list[Notice] = []

    mapping = service(database, notices).assign(ACME, "c1", "kerr", "")

    assert (mapping.state, mapping.customer_id, mapping.customer_name, mapping.candidates) == (
        MappingState.MAPPED,
        "kerr",
        "Local kerr",
        (),
    )
    assert standing(database) == {"c1": ("MAPPED", "kerr"), "c2": ("AMBIGUOUS", None)}
    assert notices == [ConnectionChanged(ACME)]


def test_values_follow_with_the_next_read(database: Database) -> None:
    """The next run is asked to read everything, and an unchanged contact brings its values."""
    pull(database, KERR)
    assert not asked(database)

    service(database).assign(ACME, "c1", "kerr", "")
    assert asked(database)
    pull(database, KERR, run="run2")

    customers = {row["id"]: row for row in rows(database, "customers", "id")}
    assert (customers["kerr"]["name"], customers["kerr"]["phone"]) == (KERR.name, KERR.phone)
    assert customers["kerr-2"]["name"] == "Local kerr-2"


@pytest.mark.parametrize("state", [MappingState.MAPPED, MappingState.NEEDS_REVIEW])
def test_mapping_is_changed(database: Database, state: MappingState) -> None:
    """A mapped contact moves to another customer, whose predecessor is free for others."""
    map_contact(database, KERR, "kerr", state)

    service(database).assign(ACME, "c1", "kerr-2", "")
    service(database).assign(ACME, "c2", "kerr", "")

    assert standing(database) == {"c1": ("MAPPED", "kerr-2"), "c2": ("MAPPED", "kerr")}


def test_archived_contact_is_assigned_and_its_customer_becomes_inactive(database: Database) -> None:
    """What was archived and never ours can be mapped; the next read tells its customer."""
    archived = KERR._replace(active=False)
    contacts.write(database, KAURI, [ContactRow(archived, "", MappingState.UNMAPPED)], NOON)

    service(database).assign(ACME, "c1", "kerr", "")
    pull(database, archived)

    assert not next(row for row in rows(database, "customers", "id") if row["id"] == "kerr")[
        "active"
    ]


def test_assigning_the_same_again_changes_nothing(database: Database) -> None:
    """A repeated assignment writes nothing and tells nobody."""
    first = service(database).assign(ACME, "c1", "kerr", "")
    notices: list[Notice] = []

    assert service(database, notices).assign(ACME, "c1", "kerr", "") == first
    assert notices == []


def test_customer_of_another_contact_is_refused(database: Database) -> None:
    """The refusal names the mapping that has the customer, and nothing is changed."""
    service(database).assign(ACME, "c2", "kerr", "")

    with pytest.raises(FailedPrecondition) as refusal:
        service(database).assign(ACME, "c1", "kerr", "")

    assert refusal.value.reason is Reason.RECORD_MAPPED_ELSEWHERE
    assert refusal.value.blockers[0].subject == f"{ACME}/contactMappings/c2"
    assert standing(database)["c1"] == ("AMBIGUOUS", None)


def test_stale_etag_is_refused(database: Database) -> None:
    """Whoever decided on something older is told to look again, for both calls."""
    mappings = service(database)
    (seen, _) = mappings.page(ACME, MappingFilter(), "", 10)
    etag = contact_mapping(seen).etag
    mappings.assign(ACME, "c1", "kerr", etag)

    for late in (mappings.assign, lambda *_: mappings.remove(ACME, "c1", etag)):
        with pytest.raises(Aborted) as refusal:
            late(ACME, "c1", "kerr-2", etag)
        assert refusal.value.reason is Reason.STALE_ETAG
    assert standing(database)["c1"] == ("MAPPED", "kerr")


def test_decision_about_another_organisations_contact_is_stale(database: Database) -> None:
    """Should their ids be the same, what was read of one is not settled at another."""
    etag = contact_mapping(service(database).get(ACME, "c1")).etag
    elsewhere = ContactMappings(database, noon, lambda _: RIMU, lambda *_: (), lambda _: None)
    database.execute("UPDATE contacts SET organisation_id = ?", (RIMU.id,))

    with pytest.raises(Aborted):
        elsewhere.assign(ACME, "c1", "kerr", etag)
    with pytest.raises(Aborted):
        elsewhere.remove(ACME, "c1", etag)
    etag = contact_mapping(elsewhere.get(ACME, "c1")).etag
    assert elsewhere.assign(ACME, "c1", "kerr", etag).customer_id


def test_what_is_not_there_is_not_found(database: Database) -> None:
    """Unknown contacts and customers, and connections that never had an organisation."""
    mappings = service(database)
    nowhere = Connection("acme", "other")

    for call, resource in (
        (lambda: mappings.assign(ACME, "none", "kerr", ""), f"{ACME}/contactMappings/none"),
        (lambda: mappings.assign(ACME, "c1", "none", ""), "workspaces/acme/customers/none"),
        (lambda: mappings.remove(ACME, "none", ""), f"{ACME}/contactMappings/none"),
        (lambda: mappings.remove(nowhere, "c1", ""), f"{nowhere}/contactMappings/c1"),
    ):
        with pytest.raises(NotFound) as refusal:
            call()
        assert refusal.value.resource == resource


def test_removed_mapping_stays_apart_until_it_is_assigned(database: Database) -> None:
    """A pull neither maps nor makes again; an assignment does, and later pulls follow it."""
    notices: list[Notice] = []
    mappings = service(database, notices)
    mappings.assign(ACME, "c1", "kerr", "")

    removed = mappings.remove(ACME, "c1", "")
    pull(database, KERR)
    assert (removed.state, removed.customer_id, removed.detached) == (
        MappingState.UNMAPPED,
        None,
        True,
    )
    assert standing(database)["c1"] == ("UNMAPPED", None)
    assert len(rows(database, "customers", "id")) == 2
    assert mappings.remove(ACME, "c1", "").detached
    assert notices == [ConnectionChanged(ACME)] * 2

    assigned = mappings.assign(ACME, "c1", "kerr", "")
    pull(database, KERR, run="run2")
    assert not assigned.detached
    assert standing(database)["c1"] == ("MAPPED", "kerr")
    assert rows(database, "customers", "id")[0]["name"] == KERR.name


def test_removing_frees_the_customer_of_its_blocked_invoices_reason(database: Database) -> None:
    """Preflight asks for a mapping where one was removed, and no more where it is assigned."""
    database.execute("DELETE FROM customers")
    database.execute("DELETE FROM contacts")
    ready_to_push(database, "inv1")
    mappings = service(database)
    preflight = Preflight(database, partial(find_organisation, database))

    mappings.remove(ACME, "c1", "")
    (blocked,) = preflight.check(ACME, ["inv1"]).results
    mappings.assign(ACME, "c1", "kerr", "")
    (eligible,) = preflight.check(ACME, ["inv1"]).results

    assert [reason.code for reason in blocked.reasons] == ["XERO_EXPORT_CONTACT_MAPPING_REQUIRED"]
    assert eligible.verdict is Verdict.ELIGIBLE


def race(database: Database, *calls: str) -> tuple[list[str], dict[str, tuple[str, str | None]]]:
    """Let everybody call at once; return what came of it, sorted, and how contacts stand."""
    mappings = service(database)
    etag = etags.of(1, KAURI.id)
    gate = threading.Barrier(len(calls))
    known = {
        "c1 to kerr": lambda: mappings.assign(ACME, "c1", "kerr", etag),
        "c1 to kerr-2": lambda: mappings.assign(ACME, "c1", "kerr-2", etag),
        "c2 to kerr": lambda: mappings.assign(ACME, "c2", "kerr", ""),
        "remove c1": lambda: mappings.remove(ACME, "c1", etag),
        "pull": lambda: pull(database, KERR, KERR._replace(id="c2")),
    }

    def one(call: str) -> str:
        gate.wait(30)
        try:
            known[call]()
        except Refusal as refusal:
            return refusal.reason.value
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        outcomes = sorted(pool.map(one, calls))
    return outcomes, standing(database)


def test_of_two_people_the_second_is_told(database: Database) -> None:
    """Whoever assigns the same contact later, on what both had seen, is refused as stale."""
    outcomes, found = race(database, "c1 to kerr", "c1 to kerr-2")

    assert outcomes == ["STALE_ETAG", "done"]
    assert found["c1"][0] == "MAPPED"


def test_two_contacts_never_get_one_customer(database: Database) -> None:
    """Of two people who give one customer to two contacts, the second is told who has it."""
    outcomes, found = race(database, "c1 to kerr", "c2 to kerr")

    assert outcomes == ["RECORD_MAPPED_ELSEWHERE", "done"]
    assert sorted(found.values()) == [("AMBIGUOUS", None), ("MAPPED", "kerr")]


@pytest.mark.parametrize("call", ["c2 to kerr", "remove c1"])
def test_page_and_person_do_not_undo_each_other(database: Database, call: str) -> None:
    """A page of the same contacts and a person's decision: either order ends consistently."""
    outcomes, found = race(database, "pull", call)

    if call == "remove c1":
        assert outcomes in (["STALE_ETAG", "done"], ["done", "done"])
        assert found["c1"] == ("UNMAPPED" if outcomes[0] == "done" else "AMBIGUOUS", None)
    else:
        assert outcomes == ["done", "done"]
        assert found["c2"] == ("MAPPED", "kerr")


def test_page_that_waited_for_a_person_sees_the_decision(postgresql: PostgresqlServer) -> None:
    """A page that comes while a mapping is being removed waits, and leaves the contact apart."""
    database = opened(postgresql.empty())
    connect(database)
    add_customer(database, "kerr", KERR)
    map_contact(database, KERR, "kerr")

    with ThreadPoolExecutor(1) as pool:
        with database.transaction():
            service(database).remove(ACME, "c1", "")
            page = pool.submit(pull, database, KERR)
            while not database.tuples("SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert not page.done()
        page.result(timeout=30)

    found = standing(database)
    database.close()
    assert found == {"c1": ("UNMAPPED", None)}
