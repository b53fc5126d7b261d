from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bench import Bench
from bookkeeping import add_invoice, an_invoice
from scene import BAD, Scene, raising, store
from scripted_modules import installed, module, provider
from syncline_sdk import AccessLost, Contact, Direction, RecordKind, RunContext, RunFailed
from syncline_sdk.hosts import origins_of, refuse_undeclared
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.model import ConnectionState, MappingState, RunError, RunState
from syncline_server.core.notices import ConnectionChanged, RunChanged
from syncline_server.core.organisations import Organisation
from syncline_server.services.settings import SettingsChange
from syncline_server.storage import contacts
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

SECRET = "planted-token-in-an-exception"


def test_success_completes_the_module_and_moves_its_watermark(scene: Scene) -> None:
    """A run that went through leaves its counts, its watermark and a complete module."""
    bench, until = scene.bench, scene.bench.clock() - timedelta(minutes=5)

    def pull(ctx: RunContext) -> None:
        assert (ctx.watermark, ctx.cursor) == (None, None)
        ctx.progress(total=3)
        store(ctx, "a", "b")
        store(ctx, "c")
        ctx.advance_watermark(until)

    scene.work.then(pull)
    run = bench.execute(bench.trigger("contacts"))

    assert (run.state, run.attempt, run.error) == (RunState.SUCCEEDED, 1, None)
    assert (run.counts.total, run.counts.fetched, run.counts.created) == (3, 3, 3)
    assert run.start_time == run.end_time == bench.clock()
    assert bench.state("contacts").complete_time == bench.clock()
    assert bench.state("contacts").watermark == until
    assert bench.notices[-2:] == [
        RunChanged(bench.connection, run.id),
        ConnectionChanged(bench.connection),
    ]


@pytest.mark.parametrize(("direction", "urgent"), [(Direction.PULL, False), (Direction.PUSH, True)])
def test_calls_of_pushes_go_first(
    database: Database, direction: Direction, *, urgent: bool
) -> None:
    """A push is given a client whose calls are urgent, a pull one whose calls are not."""
    contacts = replace(module("contacts"), direction=direction)
    bench = Bench(database, installed(contacts))
    bench.connect()
    bench.switch(contacts=True)
    bench.complete("contacts")

    assert bench.opened == [(bench.row.generation, urgent)]


def test_next_run_reads_from_the_watermark(scene: Scene) -> None:
    """The second run is given what the first left behind."""
    bench, until = scene.bench, scene.bench.clock()
    scene.work.then(lambda ctx: ctx.advance_watermark(until))
    bench.complete("contacts")

    bench.complete("contacts")

    assert [ctx.watermark for ctx in scene.work.seen] == [None, until]


def test_run_without_a_watermark_keeps_the_old_one(scene: Scene) -> None:
    """A module that says nothing about how far it read leaves the watermark where it is."""
    until = scene.bench.clock()
    scene.work.then(lambda ctx: ctx.advance_watermark(until))

    scene.bench.complete("contacts")
    scene.bench.complete("contacts")

    assert scene.bench.state("contacts").watermark == until


def test_module_sees_declared_settings_and_options_with_defaults(scene: Scene) -> None:
    """A module is given a value for all it declares, and who asked for the run."""
    bench = scene.bench
    bench.settings.update(bench.connection, SettingsChange(options={"phone": "HOME"}))
    bench.execute(bench.trigger("contacts"))
    bench.clock.advance(seconds=60)
    bench.execute(bench.trigger("contacts", options={"depth": 3}))

    first, second = scene.work.seen
    assert (first.settings, first.options) == ({"phone": "HOME"}, {"depth": 1})
    assert second.options == {"depth": 3}
    assert (second.run.module, second.run.organisation_id, second.run.attempt) == (
        "contacts",
        "kauri",
        1,
    )
    assert second.now() == bench.clock()
    assert not hasattr(second, "database")


def test_issues_make_a_run_partial(scene: Scene) -> None:
    """A run with issues is PARTIAL: its module is complete and its watermark moves all the same."""

    def pull(ctx: RunContext) -> None:
        ctx.issue(BAD)
        store(ctx, "a")
        ctx.advance_watermark(ctx.now())

    scene.work.then(pull)
    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert (run.state, run.issue_count, run.counts.failed) == (RunState.PARTIAL, 1, 1)
    assert scene.bench.state("contacts").complete_time is not None
    assert scene.bench.state("contacts").watermark == scene.bench.clock()


def test_lost_access_ends_the_run_and_marks_the_connection(scene: Scene) -> None:
    """When the provider says that access is gone, the connection says so too."""
    scene.work.then(raising(AccessLost("Kauri was disconnected in Books.")))

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error == RunError(
        code="RECONNECT_REQUIRED",
        message="Kauri was disconnected in Books.",
        action="Reconnect Books: it ended our access.",
        blockers=(
            Blocker(
                reason=Reason.RECONNECT_REQUIRED,
                subject="workspaces/acme/connections/books",
                title="Books",
                description="Reconnect Books: it ended our access.",
            ),
        ),
    )
    assert scene.bench.lost == ["Kauri was disconnected in Books."]
    assert scene.bench.row.state is ConnectionState.RECONNECT_REQUIRED
    assert scene.bench.state("contacts").complete_time is None


def test_failure_is_told_in_the_modules_words(scene: Scene) -> None:
    """A module that gives up says why; the watermark stays, and so does what was stored."""
    scene.work.then(raising(RunFailed("NO_PLAN", "The plan lacks items.", action="Upgrade.")))

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error == RunError(code="NO_PLAN", message="The plan lacks items.", action="Upgrade.")
    assert run.counts.fetched == 2
    assert scene.bench.state("contacts").watermark is None


def test_call_to_somewhere_else_fails_the_run_and_names_the_host(scene: Scene) -> None:
    """Whoever looks at the run sees which host its plugin does not declare."""

    def stray(_ctx: RunContext) -> None:
        request = httpx.Request("GET", f"https://elsewhere.example/{SECRET}")
        refuse_undeclared(request, origins_of(provider()))

    scene.work.then(stray)

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error
    assert run.error.code == "HOST_NOT_DECLARED"
    assert "https://elsewhere.example " in run.error.message
    assert SECRET not in repr(run)


@pytest.mark.parametrize("error", [ValueError(SECRET), RecursionError(SECRET), KeyError(SECRET)])
def test_crash_tells_nothing_of_the_exception(scene: Scene, error: Exception) -> None:
    """A module that breaks fails its run with a fixed sentence; its text is in no row."""
    scene.work.then(raising(error))

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.code == "MODULE_CRASHED"
    assert SECRET not in repr(scene.bench.everything())
    assert scene.bench.state("contacts").watermark is None


def test_unknown_and_ended_runs_are_left_alone(scene: Scene) -> None:
    """Executing what is not there, or has ended, does nothing."""
    bench = scene.bench
    ended = bench.execute(bench.trigger("contacts"))

    assert bench.execution.execute("nowhere", lambda: False) is None
    assert bench.execute(ended) == ended
    assert len(scene.work.seen) == 1


def test_what_had_no_id_is_settled_by_a_whole_reading_without_it(scene: Scene) -> None:
    """A run that reads only what changed does not know; one that reads everything does."""
    bench, until = scene.bench, scene.bench.clock()
    nameless = replace(BAD, record_id="")

    def meet(ctx: RunContext) -> None:
        ctx.advance_watermark(until)
        ctx.issue(nameless)

    scene.work.then(meet)
    bench.complete("contacts")
    first = bench.run(scene.work.seen[0].run.id)
    bench.complete("contacts")
    assert bench.run(first.id).open_issue_count == 1

    bench.settings.update(bench.connection, SettingsChange(options={"phone": "HOME"}))
    bench.complete("contacts")

    assert bench.run(first.id).open_issue_count == 0


def test_success_settles_what_invoices_waited_for(scene: Scene) -> None:
    """What a push met is looked at again behind a run, which may have mapped what was missing."""
    bench = scene.bench
    provider = bench.connection.provider
    code = f"{provider.upper()}_EXPORT_CONTACT_MAPPING_REQUIRED"
    missing = replace(BAD, code=code, kind=RecordKind.INVOICE, record_id="inv1")
    add_invoice(bench.database, an_invoice())
    scene.work.then(lambda ctx: ctx.issue(missing))
    bench.complete("contacts")
    first = bench.run(scene.work.seen[0].run.id)
    assert first.open_issue_count == 1
    organisation = Organisation("acme", provider, bench.row.organisation_id)
    mapped = ContactRow(Contact("c1", "Kerr"), "", MappingState.MAPPED, "kerr")
    contacts.write(bench.database, organisation, [mapped], bench.clock())

    bench.complete("contacts")

    assert bench.run(first.id).open_issue_count == 0
