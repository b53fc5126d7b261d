import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditing import appended, entries
from clockwork import Clockwork
from connect_bench import in_threads
from databases import SqliteTemplate, opened
from planting import plant
from syncline_sdk import Issue, RecordKind, Trigger
from syncline_server.core.audit import NO_WORKSPACE, REMOVED, SYSTEM, Act
from syncline_server.core.model import Run, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.services import audit
from syncline_server.services.audit import Trail
from syncline_server.services.audit_checks import Checked, verify
from syncline_server.services.retention import Retention, Spans
from syncline_server.storage import audit as audit_rows
from syncline_server.storage import run_history, run_issues, run_pages, runs
from syncline_server.storage.database import Database
from syncline_server.storage.run_history import Ended
from syncline_server.storage.run_issues import IssueRow, OpenIssue
from syncline_server.storage.values import to_micros

CONTACTS = Scope(Connection("acme", "ledger"), "contacts")
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
FOR_EVER = Spans(runs=timedelta(), webhooks=timedelta(), audit=timedelta())


def service(database: Database, clock: Clockwork, spans: Spans | None = None) -> Retention:
    """Return what forgets; runs after a month unless told otherwise."""
    kept = spans or Spans(runs=MONTH, webhooks=MONTH, audit=MONTH)
    return Retention(database=database, clock=clock, spans=kept, wait=lambda _seconds: None)


def add(
    database: Database,
    clock: Clockwork,
    name: str,
    trigger: Trigger = Trigger.MANUAL,
    scope: Scope = CONTACTS,
) -> Run:
    """Store a run that begins and ends now."""
    run = Run(
        id=name,
        scope=scope,
        organisation_id="kauri",
        generation=1,
        trigger=trigger,
        state=RunState.QUEUED,
        request_id=name,
        create_time=clock(),
    )
    runs.insert(database, run)
    started = runs.start(database, run, clock(), None)
    assert started is not None
    run_issues.add(database, started, [IssueRow(_issue(name))], clock())
    run_issues.close(database, [_opened(name)], "Settled.", clock())
    runs.end(database, started, RunState.SUCCEEDED, clock())
    return started


def _issue(record: str) -> Issue:
    return Issue(
        code="ODD",
        message="Odd.",
        action="Mend it.",
        kind=RecordKind.CONTACT,
        record_id=record,
        record_name=record,
    )


def _opened(name: str) -> OpenIssue:
    return OpenIssue(name, 1, "ledger", "kauri", "contacts", "ODD", name)


def many(
    database: Database, clock: Clockwork, count: int, trigger: Trigger = Trigger.MANUAL
) -> list[str]:
    """Store runs of contacts, one an hour, and return their ids."""
    names = []
    for number in range(count):
        clock.advance(seconds=3600)
        names.append(add(database, clock, f"{trigger.value.lower()}{number:04}", trigger).id)
    return names


def left(database: Database) -> list[str]:
    """Return the runs that are there."""
    return [name for (name,) in database.tuples("SELECT id FROM runs ORDER BY create_time, id")]


@pytest.fixture
def clock() -> Clockwork:
    """The time."""
    return Clockwork()


def test_old_runs_go_with_what_belongs_to_them(database: Database, clock: Clockwork) -> None:
    """But the six newest of a module stay, however old they are."""
    names = many(database, clock, 20)
    run_pages.add(database, names[0], ["c1"])
    clock.advance(seconds=(MONTH + DAY).total_seconds())

    assert service(database, clock).forget_runs() == 14

    assert left(database) == names[-6:]
    assert [row["run_id"] for row in database.rows("SELECT * FROM run_issues")] == names[-6:]
    assert not database.rows("SELECT * FROM run_pages")
    assert service(database, clock).forget_runs() == 0


def test_more_than_fits_one_transaction(database: Database, clock: Clockwork) -> None:
    """Issues go before their run, a few at a time, and the walk goes past what stays."""
    names = many(database, clock, 20)
    with database.transaction():
        first = runs.get(database, names[0])
        assert first is not None
        rows = [IssueRow(_issue(f"c{number}")) for number in range(10)]
        run_issues.add(database, first, rows, clock())
        database.execute("UPDATE run_issues SET resolve_time = 1")
    clock.advance(seconds=(MONTH + DAY).total_seconds())

    assert replace(service(database, clock), at_once=3).forget_runs() == 14
    assert left(database) == names[-6:]


def test_webhooks_runs_go_beside_the_others(database: Database, clock: Clockwork) -> None:
    """A module that only webhooks run keeps the last one; they push no ordinary run out."""
    manual = many(database, clock, 2)
    hooks = many(database, clock, 10, Trigger.WEBHOOK)
    clock.advance(seconds=(MONTH + DAY).total_seconds())

    service(database, clock).forget_runs()

    assert left(database) == [*manual, hooks[-1]]


def test_what_ended_lately_stays(database: Database, clock: Clockwork) -> None:
    """To the microsecond, counted from its end."""
    many(database, clock, 10)
    clock.advance(seconds=MONTH.total_seconds() - 9 * 3600)

    assert service(database, clock).forget_runs() == 0
    clock.advance(seconds=1)
    assert service(database, clock).forget_runs() == 1


def test_a_request_id_is_known_for_a_day(database: Database, clock: Clockwork) -> None:
    """However short the setting is, a request repeated within a day starts nothing twice."""
    many(database, clock, 10)
    short = Spans(runs=timedelta(seconds=1), webhooks=MONTH, audit=MONTH)

    assert service(database, clock, short).forget_runs() == 0
    clock.advance(seconds=DAY.total_seconds())
    assert service(database, clock, short).forget_runs() == 4


def test_zero_keeps_for_ever(database: Database, clock: Clockwork) -> None:
    """Nothing is ever deleted then."""
    many(database, clock, 10)
    plant(database, "acme", "mark")
    clock.advance(seconds=10_000 * DAY.total_seconds())

    forgetful = service(database, clock, FOR_EVER)

    assert forgetful.forget_runs() == forgetful.forget_webhooks() == 0
    assert forgetful.forget_audit() == 0


def test_an_old_audit_trail_goes_and_the_rest_stays_verifiable(
    database: Database, clock: Clockwork
) -> None:
    """Of each trail what has aged goes, and what is left says so."""
    trail = Trail(database, clock)
    for name in ("tokens create", "tokens revoke"):
        act = Act(actor=SYSTEM, method=name, workspace=NO_WORKSPACE)
        trail.end(trail.begin(act), "OK")
        clock.advance(seconds=15 * DAY.total_seconds() + 1)

    assert service(database, clock).forget_audit() == 0  # it has aged for a second only
    clock.advance(seconds=DAY.total_seconds())
    assert service(database, clock).forget_audit() == 1
    assert service(database, clock).forget_audit() == 0

    left = database.rows("SELECT method FROM audit_entries ORDER BY number")
    assert [row["method"] for row in left] == ["tokens revoke", REMOVED]
    assert all(isinstance(each, Checked) for each in verify(database, {}))


@pytest.mark.parametrize("killed", [False, True])
def test_a_long_audit_trail_goes_in_steps_that_survive_a_kill(
    database: Database, clock: Clockwork, *, killed: bool
) -> None:
    """Writers come in between; after a kill all is verifiable, and the next look does the rest."""
    count = 2 * audit.MOST_REMOVED + 1
    with database.transaction():
        appended(database, count, at=clock())
    clock.advance(seconds=(MONTH + 2 * DAY).total_seconds())
    steps = []

    def pause(_seconds: float) -> None:
        steps.append(audit_rows.checkpoint(database, "acme").number)
        assert all(isinstance(each, Checked) for each in verify(database, {}))
        if killed:
            raise InterruptedError

    try:
        replace(service(database, clock), wait=pause).forget_audit()
    except InterruptedError:
        service(database, clock).forget_audit()

    most = audit.MOST_REMOVED
    assert steps == ([most] if killed else [most, 2 * most, count])
    assert {entry.method for entry in entries(database)} == {REMOVED}
    assert all(isinstance(each, Checked) for each in verify(database, {}))


def test_an_open_issue_keeps_its_run(database: Database, clock: Clockwork) -> None:
    """It is shown with what it waits for; settled, the run goes."""
    names = many(database, clock, 10)
    database.execute("UPDATE run_issues SET resolve_time = NULL WHERE run_id = ?", (names[0],))
    clock.advance(seconds=(MONTH + DAY).total_seconds())

    assert service(database, clock).forget_runs() == 3
    run_issues.close(database, [_opened(names[0])], "Settled.", clock())
    assert service(database, clock).forget_runs() == 1


@pytest.mark.parametrize("state", ["PENDING", "SENT", "UNCERTAIN"])
def test_an_invoice_whose_fate_is_open_keeps_its_run(
    database: Database, clock: Clockwork, state: str
) -> None:
    """Until it is known whether it left; the link itself is never deleted."""
    names = many(database, clock, 10)
    database.execute(
        "INSERT INTO invoice_links (workspace, provider, organisation_id, invoice_id, push_state,"
        " attempt_id, run_id, idempotency_key, payload, update_time)"
        " VALUES ('acme', 'ledger', 'kauri', 'inv1', ?, 'a', ?, 'k', '{}', 1)",
        (state, names[0]),
    )
    clock.advance(seconds=(MONTH + DAY).total_seconds())

    assert service(database, clock).forget_runs() == 3
    database.execute("UPDATE invoice_links SET push_state = 'LINKED'")
    assert service(database, clock).forget_runs() == 1
    assert database.rows("SELECT * FROM invoice_links")


def test_events_of_webhooks_go_when_they_are_old(database: Database, clock: Clockwork) -> None:
    """Those that came lately stay, by which repeats are told."""
    plant(database, "acme", "old")
    plant(database, "globex", "new")
    new = to_micros(clock() - MONTH)
    database.execute(
        "UPDATE webhook_events SET receive_time = ? WHERE workspace = 'globex'", (new,)
    )

    assert service(database, clock).forget_webhooks() == 1
    (row,) = database.rows("SELECT * FROM webhook_events")
    assert row["workspace"] == "globex"


def test_two_processes_do_no_harm(database: Database, clock: Clockwork) -> None:
    """Between two steps of one another goes on, and each run is deleted and counted once."""
    names = many(database, clock, 10)
    clock.advance(seconds=(MONTH + DAY).total_seconds())
    forgotten: list[object] = []

    def meanwhile(_seconds: float) -> None:
        forgotten.append(service(database, clock).forget_runs())

    forgotten.append(replace(service(database, clock), wait=meanwhile, at_once=2).forget_runs())
    together = in_threads(*[service(database, clock).forget_runs] * 3)

    assert sum(each for each in forgotten if isinstance(each, int)) == 4
    assert together == [0, 0, 0]
    assert left(database) == names[-6:]


def answers(database: Database, scope: Scope) -> list[object]:
    """Return what others ask about a module's runs."""
    newest = runs.newest(database, scope)
    return [
        newest,
        runs.last_ended(database, scope),
        runs.newest_unprompted(database, scope, 6),
        runs.last_organisation(database, scope.connection),
        runs.unfinished(database),
        run_issues.open_of_workspace(database, "acme", None, 1_000),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_nobody_who_asks_about_runs_hears_another_answer(
    database: Database, clock: Clockwork, seed: int
) -> None:
    """Whatever ran, what is told of modules, intervals and issues is the same before and after."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    scopes = [Scope(CONTACTS.connection, module) for module in ("contacts", "items", "tax_rates")]
    for number in range(60):
        clock.advance(seconds=chance.randrange(1, 5 * 86_400))
        trigger = chance.choice([Trigger.MANUAL, Trigger.AUTOMATIC, Trigger.WEBHOOK])
        add(database, clock, f"run{number:04}", trigger, chance.choice(scopes))
        if not chance.randrange(8):
            database.execute(
                "UPDATE run_issues SET resolve_time = NULL WHERE run_id = ?", (f"run{number:04}",)
            )
    before = [answers(database, scope) for scope in scopes]
    young = _young(database, clock)

    forgotten = service(database, clock).forget_runs()

    assert forgotten
    assert [answers(database, scope) for scope in scopes] == before
    assert young <= set(left(database))


def _young(database: Database, clock: Clockwork) -> set[str]:
    query = "SELECT id FROM runs WHERE end_time >= ?"
    return {name for (name,) in database.tuples(query, (to_micros(clock() - MONTH),))}


class Watched(Database):
    """Keeps the plan of everything it is asked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.engine)
        self.plans: list[str] = []

    def _run(self, query: str, parameters: object) -> object:
        explained = self.engine.execute_sql(f"EXPLAIN QUERY PLAN {query}", parameters)
        self.plans += [row[-1] for row in explained.fetchall()]
        return super()._run(query, parameters)  # type: ignore[arg-type]  # as it came


def test_no_table_is_walked_through(
    sqlite_template: SqliteTemplate, tmp_path: Path, clock: Clockwork
) -> None:
    """Each step finds what it deletes by an index: a million runs make none of them longer."""
    database = Watched(opened(sqlite_template.url(tmp_path)))

    run_history.ended(database, clock(), Ended(), 10)
    run_history.not_in_use(database, ["run1"])
    run_history.delete(database, ["run1"], 10)
    service(database, clock).forget_webhooks()

    database.close()
    walked = {step for step in database.plans if step.startswith("SCAN") and "json" not in step}
    assert walked == {"SCAN latest"}  # the six newest that were found
    assert any("INDEX runs_ended" in step for step in database.plans)
