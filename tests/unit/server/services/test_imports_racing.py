from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

import pytest

from bookkeeping import add_customer, map_contact
from connect_bench import in_threads
from databases import PostgresqlServer, opened
from importing import outcomes
from mortal import Killed, MortalDatabase
from running import CUSTOMER_FIELDS, KAURI, connect, master, nobody, noon, numbered_ids
from syncline_sdk import Contact, RecordKind
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import AlreadyExists
from syncline_server.core.importing import Outcome, Result
from syncline_server.services.customers import Customers
from syncline_server.services.imports import Imports, Wish
from syncline_server.storage import creations, external_ids
from syncline_server.storage.database import Database

T = TypeVar("T")
SIZE = 50
BATCH = tuple(
    CustomerDraft(workspace="acme", external_id=f"C-{n}", code=f"K{n}", display_name=f"No {n}")
    for n in range(SIZE)
)


def load(database: Database, prefix: str, *drafts: CustomerDraft) -> list[Result]:
    """Import customers, under ids with this prefix."""
    imports = Imports(database, noon, numbered_ids(prefix), nobody)
    return list(imports.customers(Wish(workspace="acme", drafts=drafts)))


def service(database: Database, prefix: str = "own") -> Customers:
    """Return what single calls go to."""
    return Customers(database, noon, numbered_ids(prefix), nobody)


def stored(database: Database) -> list[str]:
    """Return the codes of all customers."""
    return [row["code"] for row in database.rows("SELECT code FROM customers")]


def test_two_identical_imports_at_once_make_no_duplicates(database: Database) -> None:
    """One creates, the others find everything as it is; nobody sees an error."""
    calls = [partial(load, database, f"{name}-", *BATCH) for name in "abcd"]

    results = [each for each in in_threads(*calls) if isinstance(each, list)]

    found = sorted(set(outcomes(each)) == {Outcome.CREATED} for each in results)
    assert found == [False, False, False, True]
    assert all(len(set(outcomes(each))) == 1 for each in results)
    assert len(stored(database)) == SIZE


def test_single_calls_and_an_import_share_no_code(database: Database) -> None:
    """Whoever comes first to a code has it; the other is refused, and no code is there twice."""
    calls = [
        partial(
            service(database, f"own{n}-").create,
            CustomerDraft(workspace="acme", code=f"K{n}", display_name="Own"),
        )
        for n in range(8)
    ]

    imported, *created = in_threads(partial(load, database, "id", *BATCH), *calls)

    assert isinstance(imported, list)
    refused = sum(isinstance(each, AlreadyExists) for each in created)
    assert outcomes(imported).count(Outcome.REFUSED) == len(calls) - refused
    assert sorted(stored(database)) == sorted(each.code for each in BATCH)


def test_single_changes_and_imports_do_not_lock_each_other_out(database: Database) -> None:
    """However updates of the same records meet imports of them, every call gets its answer."""
    names = [each.name.rpartition("/")[2] for each in load(database, "id", *BATCH)]
    customers = service(database)
    changes = [
        partial(
            customers.update,
            CustomerDraft(workspace="acme", id=name, code=f"N{name}", external_id=f"N{name}"),
            {"code", "external_id"},
        )
        for name in names[:6]
    ]
    imports = [
        partial(load, database, f"{n}-", *[replace(each, notes=str(n)) for each in reversed(BATCH)])
        for n in range(2)
    ]

    answers = in_threads(*changes, *imports)

    assert [each for each in answers if each is None or isinstance(each, Exception)] == []


def when_waited_for(database: Database, waiting: Future[T]) -> None:
    """Return once somebody waits for what this transaction holds."""
    while not database.tuples("SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert not waiting.done()


def test_external_id_is_given_once(postgresql: PostgresqlServer) -> None:
    """Who gives a customer an external id waits for who looked whether it is free."""
    database = opened(postgresql.empty())
    load(database, "id", *BATCH[:2])
    draft = CustomerDraft(workspace="acme", id="id0001", external_id="ONE")

    with ThreadPoolExecutor(1) as pool:
        with database.transaction():
            assert external_ids.holder(database, "acme", "customers", "ONE") is None
            later = pool.submit(service(database).update, draft, {"external_id"})
            when_waited_for(database, later)
            database.execute("UPDATE customers SET external_id = 'ONE' WHERE id = 'id0002'")
        refusal = later.exception(timeout=30)

    database.close()
    assert isinstance(refusal, AlreadyExists)
    assert refusal.resource == "workspaces/acme/customers/id0002"


def test_import_waits_for_the_page_of_a_pull(postgresql: PostgresqlServer) -> None:
    """While the sync is on, an import and a page never decide on what the other is changing."""
    database = opened(postgresql.empty())
    connect(database)
    find = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
    imports = Imports(database, noon, numbered_ids(), find)
    draft = replace(BATCH[0], external_id="C-1", code="K1", display_name="")

    with ThreadPoolExecutor(1) as pool:
        with database.transaction():
            creations.wait_turn(database, KAURI)
            wish = Wish(workspace="acme", drafts=(draft,), adopt=True)
            later = pool.submit(imports.customers, wish)
            when_waited_for(database, later)
            pulled = Contact(id="c1", name="Kerr Ltd", codes=("K1",))
            add_customer(database, "pulled", pulled)
            map_contact(database, pulled, "pulled")
        (result,) = later.result(timeout=30)

    database.close()
    assert (result.outcome, result.name) == (Outcome.UPDATED, "workspaces/acme/customers/pulled")


@pytest.mark.parametrize("statement", [1, 2, 3])
def test_killed_import_left_nothing_behind(database: Database, statement: int) -> None:
    """Whichever write the process dies before, the same batch again brings everything, once."""
    with pytest.raises(Killed):
        load(MortalDatabase(database, statement), "a", *BATCH)
    left = stored(database)

    again = load(database, "b", *BATCH)

    assert left == []
    assert set(outcomes(again)) == {Outcome.CREATED}
    assert len(stored(database)) == SIZE
