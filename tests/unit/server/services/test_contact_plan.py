import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookkeeping import add_customer, map_contact
from creating_bench import KERR, creating_bench, refused
from creating_provider import cut_after, cut_before
from databases import SqliteTemplate, opened
from dumps import dump
from rehearsing import as_counted, rehearsing, told, unfetched
from running import CUSTOMER_FIELDS, KAURI, NOON, connect, master, numbered_ids, running
from syncline_sdk import Contact, RecordKind
from syncline_server.core.plan import PlanOutcome, PlanSample, Sketch
from syncline_server.services.contact_plan import ContactPlan
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import contacts, runs
from syncline_server.storage.database import Database

ALL = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
Pages = list[list[Contact]]

_IDS = [f"c{number}" for number in range(5)]
_WORDS = ["", "", "a", "b"]
_contacts = st.builds(
    lambda id_, name, code, email, active, merged: Contact(
        id=id_,
        name=name,
        codes=(code,) if code else (),
        email=email,
        active=active and not merged,
        merged_into=merged,
    ),
    st.sampled_from(_IDS),
    st.sampled_from(["Ann", "Bob", "Cy"]),
    st.sampled_from(_WORDS),
    st.sampled_from(_WORDS),
    st.sampled_from([True, True, True, False]),
    st.sampled_from(["", "", "", "", "", *_IDS, "elsewhere"]),
)
_pages = st.lists(st.lists(_contacts, min_size=1, max_size=4), min_size=1, max_size=4)


@contextmanager
def connected(template: SqliteTemplate, folder: Path) -> Iterator[Database]:
    """Yield a fresh database with a connected organisation."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        database = opened(template.url(Path(home)))
        connect(database)
        yield database
        database.close()


def plan(database: Database, pages: Pages, ids: Callable[[], str] | None = None) -> Sketch:
    """Plan pages."""
    rehearsal = rehearsing(database, "contacts")
    sink = ContactPlan(rehearsal, ALL, ids or numbered_ids("new"))
    for page in pages:
        sink.store(page, cursor="next")
    return rehearsal.sketch


def pull(database: Database, pages: Pages, run: str = "run") -> None:
    """Store pages in a run of its own, which makes the ids a plan makes up."""
    sink = ContactSink(running(database, "contacts", id=run), ALL, numbered_ids("new"))
    for page in pages:
        sink.store(page, cursor="next")


def sample(sketch: Sketch) -> PlanSample:
    """Return the one sample of a plan."""
    (found,) = sketch.samples
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=_pages,
    locals_=st.lists(_contacts, max_size=4),
    apart=st.sets(st.sampled_from(_IDS)),
    pages=_pages,
)
def test_plan_is_what_the_run_does(
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    before: Pages,
    locals_: list[Contact],
    apart: set[str],
    pages: Pages,
) -> None:
    """A plan counts what the run then counts and writes nothing, whatever is stored and comes."""
    with connected(sqlite_template, tmp_path) as database:
        for number, contact in enumerate(locals_):
            add_customer(database, f"local{number}", contact)
        earlier = ContactSink(running(database, "contacts", id="old"), ALL, numbered_ids("old"))
        for page in before:
            earlier.store(page, cursor="next")
        for id_ in sorted(apart):
            contacts.detach(database, KAURI, id_, NOON)
        standing = dump(database)

        sketch = plan(database, pages)

        assert dump(database) == standing
        pull(database, pages)
        run = runs.get(database, "run")
        assert run is not None
        assert as_counted(sketch) == unfetched(run.counts)
        assert sketch.read == run.counts.fetched


def test_new_contact_would_make_a_customer(database: Database) -> None:
    """A contact nothing fits is told without any local record."""
    connect(database)

    sketch = plan(database, [[Contact("c1", "Ann", ("A1",))]])

    assert sample(sketch) == PlanSample(
        outcome=PlanOutcome.CREATE,
        kind=RecordKind.CONTACT,
        record_id="c1",
        record_name="Ann",
    )


def test_fitting_customer_is_told_with_what_would_change(database: Database) -> None:
    """A match names our customer and the fields the provider would change."""
    connect(database)
    add_customer(database, "ann", Contact("", "Ann", ("A1",), "old@ann.example"))

    found = sample(plan(database, [[Contact("c1", "Ann", ("A1",), "ann@ann.example")]]))

    assert (found.outcome, found.local_id) == (PlanOutcome.MATCH, "ann")
    assert found.changed_fields == ("email",)


@pytest.mark.parametrize(
    ("contact", "outcome", "changed"),
    [
        (Contact("c1", "Ann Lee"), PlanOutcome.UPDATE, ("display_name",)),
        (Contact("c1", "Ann", active=False), PlanOutcome.ARCHIVE, ("active",)),
    ],
)
def test_mapped_customer_follows(
    database: Database, contact: Contact, outcome: PlanOutcome, changed: tuple[str, ...]
) -> None:
    """A mapped customer that would become inactive is told apart from one that changes."""
    connect(database)
    add_customer(database, "ann", Contact("", "Ann"))
    map_contact(database, Contact("c1", "Ann"), "ann")

    found = sample(plan(database, [[contact]]))

    assert (found.outcome, found.local_id, found.changed_fields) == (outcome, "ann", changed)


def test_customer_that_is_inactive_already_is_not_archived(database: Database) -> None:
    """Only what becomes inactive is told as archived."""
    connect(database)
    add_customer(database, "ann", Contact("", "Ann", active=False))
    map_contact(database, Contact("c1", "Ann", active=False), "ann")

    assert told(plan(database, [[Contact("c1", "Ann Lee", active=False)]])) == {"UPDATE": 1}


def test_several_fitting_customers_are_named(database: Database) -> None:
    """An ambiguous contact comes with everybody it may be."""
    connect(database)
    add_customer(database, "ann1", Contact("", "Ann"))
    add_customer(database, "ann2", Contact("", "Ann"))

    found = sample(plan(database, [[Contact("c1", "Ann")]]))

    assert (found.outcome, found.local_id) == (PlanOutcome.AMBIGUOUS, "")
    assert found.candidates == ("ann1", "ann2")


def test_customer_taken_by_one_page_is_no_candidate_for_the_next(database: Database) -> None:
    """What an earlier page of the same plan claims, a later one does not get."""
    connect(database)
    add_customer(database, "ann", Contact("", "Ann"))

    sketch = plan(database, [[Contact("c1", "Ann")], [Contact("c2", "Ann")]])

    assert told(sketch) == {"MATCH": 1, "CREATE": 1}


def test_merge_is_followed_into_a_later_page(database: Database) -> None:
    """The survivor that comes after the merged contact already has its customer."""
    connect(database)
    add_customer(database, "ann", Contact("", "Ann"))
    map_contact(database, Contact("c1", "Ann"), "ann")

    merged = Contact("c1", "Ann", active=False, merged_into="c2")
    sketch = plan(database, [[merged], [Contact("c2", "Ann Lee")]])

    assert told(sketch) == {"UPDATE": 2}
    assert [each.local_id for each in sketch.samples] == ["ann", "ann"]


def test_survivor_that_is_stored_without_a_customer_has_one_behind_the_merge(
    database: Database,
) -> None:
    """A contact that fitted several takes over the customer of the one merged into it."""
    connect(database)
    for id_ in ("bob1", "bob2"):
        add_customer(database, id_, Contact("", "Bob"))
    pull(database, [[Contact("c2", "Bob")]], run="old")
    add_customer(database, "ann", Contact("", "Ann"))
    map_contact(database, Contact("c1", "Ann"), "ann")

    merged = Contact("c1", "Ann", active=False, merged_into="c2")
    sketch = plan(database, [[merged], [Contact("c2", "Bob")]])

    assert told(sketch) == {"UPDATE": 2}


def test_conflicting_merge_needs_review(database: Database) -> None:
    """Two customers that a merge would make one are told with the customer concerned."""
    connect(database)
    for number in ("1", "2"):
        add_customer(database, f"ann{number}", Contact("", f"Ann {number}"))
        map_contact(database, Contact(f"c{number}", f"Ann {number}"), f"ann{number}")

    merged = Contact("c1", "Ann 1", active=False, merged_into="c2")
    found = sample(plan(database, [[merged]]))

    assert (found.outcome, found.local_id) == (PlanOutcome.REVIEW, "ann1")


def test_twenty_samples_of_an_outcome_are_told(database: Database) -> None:
    """However many there are, the counts are complete and a few are shown."""
    connect(database)

    sketch = plan(database, [[Contact(f"c{each}", f"Ann {each}") for each in range(50)]])

    assert told(sketch) == {"CREATE": 50}
    assert len(sketch.samples) == 20


def test_what_somebody_creates_at_this_moment_is_claimed_once(database: Database) -> None:
    """A creation under way is not settled by a plan, and taken by one of its pages only."""
    bench = creating_bench(database)
    bench.fail(cut_after, reading=cut_before)
    refused(lambda: bench.customers.create(KERR))
    kerr = Contact("r1", "Kerr Ltd", ("K1",), "hi@kerr.example")
    twin = kerr._replace(id="r2")
    run = bench.journal("contacts").run
    before = dump(database)

    rehearsal = Rehearsal(database, run, bench.clock, lambda: True)
    sink = ContactPlan(rehearsal, bench.chain.find_master, bench.next_id)
    sink.store([kerr], cursor="1")
    sink.store([kerr, twin], cursor="2")

    assert dump(database) == before
    assert told(rehearsal.sketch) == {"CREATE": 2, "UNCHANGED": 1}
    assert all(each.local_id == "" for each in rehearsal.sketch.samples)
