from collections.abc import Sequence
from dataclasses import replace

import pytest

from bookkeeping import rows
from counting import Counting
from importing import load, outcomes
from running import nobody, noon, numbered_ids
from syncline_sdk import Address
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import AlreadyExists, InvalidArgument
from syncline_server.core.importing import MOST_RECORDS, Outcome, Result
from syncline_server.core.records import Customer
from syncline_server.services.customers import Customers
from syncline_server.storage.database import Database

KERR = CustomerDraft(
    workspace="acme",
    external_id="C-1",
    code="K1",
    display_name="Kerr Ltd",
    email="hi@kerr.example",
    address=Address(("1 Quay",), "Nelson"),
    notes="Rings first.",
)
TUI = CustomerDraft(workspace="acme", external_id="C-2", code="T1", display_name="Tui")


def stored(database: Database, identifier: str) -> Customer:
    """Return a customer as it is stored."""
    return Customers(database, noon, numbered_ids(), nobody).get("acme", identifier).record


def wrong(result: Result) -> list[str]:
    """Return the fields by which a record was refused."""
    assert isinstance(result.refusal, InvalidArgument)
    return [each.field for each in result.refusal.violations]


def test_unknown_ids_make_records(database: Database) -> None:
    """Each record is stored as it was written, under an id of ours, and named in its place."""
    kerr, tui = load(database, KERR, TUI)

    assert (kerr.outcome, kerr.external_id, kerr.refusal) == (Outcome.CREATED, "C-1", None)
    assert [kerr.name, tui.name] == [
        "workspaces/acme/customers/id0001",
        "workspaces/acme/customers/id0002",
    ]
    record = stored(database, "id0001")
    assert (record.external_id, record.code, record.address) == ("C-1", "K1", KERR.address)
    assert record.active


def test_same_batch_again_touches_nothing(database: Database) -> None:
    """A second run makes no duplicates, and leaves rows as they are, versions included."""
    load(database, KERR, TUI)
    before = rows(database, "customers", "id")

    again = load(database, KERR, TUI)

    assert outcomes(again) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert again[0].name == "workspaces/acme/customers/id0001"
    assert rows(database, "customers", "id") == before


def test_known_id_is_set_to_what_is_given(database: Database) -> None:
    """Every field is replaced; what is absent becomes its default."""
    load(database, KERR)

    (result,) = load(database, replace(TUI, external_id="C-1"))

    assert result.outcome is Outcome.UPDATED
    record = stored(database, "id0001")
    assert (record.code, record.display_name) == ("T1", "Tui")
    assert (record.email, record.address, record.notes) == ("", None, "")


def test_same_batch_again_keeps_what_people_changed_since(database: Database) -> None:
    """What was imported last and is given again is no wish; once it changes, all of it is one."""
    load(database, KERR)
    mine = CustomerDraft(workspace="acme", id="id0001", notes="Rings twice.")
    Customers(database, noon, numbered_ids(), nobody).update(mine, {"notes"})

    (again,) = load(database, KERR)
    kept = stored(database, "id0001").notes
    (changed,) = load(database, replace(KERR, email="new@kerr.example"))

    assert (again.outcome, kept) == (Outcome.UNCHANGED, "Rings twice.")
    assert changed.outcome is Outcome.UPDATED
    assert stored(database, "id0001").notes == "Rings first."


def test_record_that_is_as_it_is_written_is_unchanged(database: Database) -> None:
    """Another way of writing the same is remembered and changes nothing, the version included."""
    load(database, KERR)
    version = stored(database, "id0001").version

    (result,) = load(database, replace(KERR, display_name=" Kerr Ltd "))

    assert result.outcome is Outcome.UNCHANGED
    assert stored(database, "id0001").version == version


def test_each_record_is_judged_on_its_own(database: Database) -> None:
    """One bad record among a thousand is refused; the others are stored."""
    drafts = [
        replace(TUI, external_id=f"C-{n}", code=f"K{n}", email="x" * (300 if n == 500 else 5))
        for n in range(MOST_RECORDS)
    ]

    results = load(database, *drafts)

    assert outcomes(results).count(Outcome.CREATED) == MOST_RECORDS - 1
    assert wrong(results[500]) == ["customer.email"]
    assert results[500].name == ""
    assert database.tuples("SELECT COUNT(*) FROM customers")[0][0] == MOST_RECORDS - 1


def test_everything_wrong_with_a_record_is_told_at_once(database: Database) -> None:
    """A missing external id does not hide what else is wrong."""
    (result,) = load(database, CustomerDraft(workspace="acme", code="x" * 51))

    assert wrong(result) == [
        "customer.external_id",
        "customer.code",
        "customer.display_name",
    ]


@pytest.mark.parametrize("bad", [" C-1", "C-1 ", "C\t1", "Zoë", "x" * 129, "\0"])
def test_malformed_external_id_is_refused(database: Database, bad: str) -> None:
    """An external id is at most 128 printable ASCII characters, no space at either end."""
    (result,) = load(database, replace(KERR, external_id=bad))

    assert wrong(result) == ["customer.external_id"]


@pytest.mark.parametrize("good", ["~", "a b", "http://x/1?y=[z]", "x" * 128])
def test_external_ids_may_look_like_many_things(database: Database, good: str) -> None:
    """Whatever else is printable is left to the caller."""
    assert outcomes(load(database, replace(KERR, external_id=good))) == [Outcome.CREATED]


def test_external_ids_differ_by_case(database: Database) -> None:
    """Upper and lower case are different ids: they are the caller's."""
    results = load(database, KERR, replace(TUI, external_id="c-1"))

    assert outcomes(results) == [Outcome.CREATED, Outcome.CREATED]


def test_external_id_counts_once_in_a_batch(database: Database) -> None:
    """The second of the same id is refused and names the first, whatever became of that."""
    results = load(database, replace(KERR, email="x" * 300), KERR)

    assert outcomes(results) == [Outcome.REFUSED, Outcome.REFUSED]
    assert wrong(results[1]) == ["customer.external_id"]
    assert isinstance(results[1].refusal, InvalidArgument)
    assert "customers[0]" in results[1].refusal.violations[0].description


def test_code_counts_once_in_a_batch(database: Database) -> None:
    """Of two new records with one code, whatever its case, the second is refused."""
    results = load(database, KERR, replace(TUI, code="k1"))

    assert outcomes(results) == [Outcome.CREATED, Outcome.REFUSED]
    assert wrong(results[1]) == ["customer.code"]


def test_customers_without_a_code_do_not_clash(database: Database) -> None:
    """An empty code is none."""
    results = load(database, replace(KERR, code=""), replace(TUI, code=""), adopt=True)

    assert outcomes(results) == [Outcome.CREATED, Outcome.CREATED]


def test_code_that_another_has_is_refused(database: Database) -> None:
    """Nothing is guessed: the record that has the code is named, and what to do with it."""
    load(database, KERR)

    new, known = load(database, replace(KERR, external_id="C-9"), replace(TUI, external_id="C-8"))
    (moved,) = load(database, replace(TUI, external_id="C-8", code="K1"))

    assert known.outcome is Outcome.CREATED
    for refused in (new, moved):
        assert isinstance(refused.refusal, AlreadyExists)
        assert refused.refusal.resource == "workspaces/acme/customers/id0001"


def own_customer(database: Database, code: str = "k1") -> str:
    """Store a customer without an external id, and return its name."""
    draft = CustomerDraft(workspace="acme", id="own", code=code, display_name="Own", notes="Own.")
    Customers(database, noon, numbered_ids(), nobody).create(draft)
    return "workspaces/acme/customers/own"


def test_record_is_adopted_when_that_is_asked_for(database: Database) -> None:
    """With it, the one that has the code and no external id is given it, then changed."""
    name = own_customer(database)

    (refused,) = load(database, KERR)
    (adopted,) = load(database, KERR, adopt=True)
    (again,) = load(database, KERR, adopt=True)

    assert isinstance(refused.refusal, AlreadyExists)
    assert "set its external_id" in refused.refusal.message
    assert (adopted.outcome, adopted.name) == (Outcome.UPDATED, name)
    record = stored(database, "own")
    assert (record.external_id, record.code, record.notes) == ("C-1", "K1", "Rings first.")
    assert again.outcome is Outcome.UNCHANGED


def test_record_is_adopted_once(database: Database) -> None:
    """A second external id of the same code finds it taken, in one batch and in the next."""
    own_customer(database)

    first, second = load(database, KERR, replace(KERR, external_id="C-9"), adopt=True)
    (third,) = load(database, replace(KERR, external_id="C-9"), adopt=True)

    assert outcomes([first, second, third]) == [
        Outcome.UPDATED,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    assert stored(database, "own").external_id == "C-1"


def test_nobody_is_adopted_where_several_fit(database: Database) -> None:
    """A code that a provider gave to two customers adopts neither."""
    own_customer(database)
    database.execute("UPDATE customers SET code_key = ''")
    draft = CustomerDraft(workspace="acme", id="two", code="K1", display_name="Two")
    Customers(database, noon, numbered_ids(), nobody).create(draft)
    database.execute("UPDATE customers SET code_key = 'k1'")

    (result,) = load(database, KERR, adopt=True)

    assert isinstance(result.refusal, AlreadyExists)


def test_validating_judges_everything_and_changes_nothing(database: Database) -> None:
    """Outcomes are those of the import; what would be created has no name."""
    load(database, KERR)
    before = rows(database, "customers", "id"), rows(database, "imported", "record_id")
    batch: Sequence[CustomerDraft] = (
        replace(KERR, notes="new"),
        TUI,
        replace(TUI, external_id="C-3", display_name=""),
    )

    judged = load(database, *batch, validate_only=True)
    after = rows(database, "customers", "id"), rows(database, "imported", "record_id")
    done = load(database, *batch)

    assert after == before
    assert outcomes(judged) == outcomes(done)
    assert [each.name for each in judged] == ["workspaces/acme/customers/id0001", "", ""]


def test_workspaces_do_not_share_ids(database: Database) -> None:
    """An external id and a code mean something within their workspace only."""
    load(database, KERR)
    database.execute("UPDATE customers SET workspace = 'other'")

    (result,) = load(database, KERR)

    assert result.outcome is Outcome.CREATED


def statements(database: Database, size: int) -> int:
    """Import so many known and new customers, and return how many statements that took."""
    drafts = [replace(TUI, external_id=f"{size}-{n}", code=f"{size}-{n}") for n in range(size)]
    load(database, *drafts[: size // 2])
    counting = Counting(database.engine)
    load(counting, *[replace(each, notes="new") for each in drafts])
    return counting.count


def test_statements_do_not_grow_with_the_batch(database: Database) -> None:
    """A batch of two takes as many statements as one of two hundred."""
    assert statements(database, 2) == statements(database, 200)
