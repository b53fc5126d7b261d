"""Random chains under random events, on the real services and rows: a state machine."""

import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bench import Bench
from databases import SqliteTemplate, opened
from random_chains import comes_before, is_complete, node_sets, toggles_needed
from scripted_modules import BOOKS, installed, module
from syncline_sdk import (
    AccessLost,
    Issue,
    ManualStep,
    ModuleSpec,
    RecordKind,
    RetryLater,
    RunContext,
    RunFailed,
)
from syncline_server.core.catalogue import Node
from syncline_server.core.errors import Aborted, FailedPrecondition, ResourceExhausted
from syncline_server.core.model import ConnectionState, Run, RunState
from syncline_server.storage import runs

ENDINGS = ("succeeds", "partly", "fails", "crashes", "waits", "loses access", "is cancelled")
ISSUE = Issue(
    code="ODD",
    message="Odd.",
    action="Look.",
    kind=RecordKind.CONTACT,
    record_id="c1",
    record_name="",
)


class ChainInMotion(RuleBasedStateMachine):
    """A workspace, what people do with it, and a plain memory of what must be true."""

    folder: Path
    template: SqliteTemplate

    @initialize(nodes=node_sets())
    def open(self, nodes: list[Node]) -> None:
        """Begin with a random chain on an empty database."""
        self.work: Callable[[RunContext], None] = lambda _ctx: None
        self.home = tempfile.TemporaryDirectory(dir=self.folder)
        self.database = opened(self.template.url(Path(self.home.name)))
        self.bench = Bench(self.database, installed(*map(self._played, nodes)))
        self.chain = self.bench.catalogue.providers[BOOKS]
        self.on: frozenset[str] = frozenset()
        self.succeeded: dict[str, set[str]] = {"": set(), "kauri": set(), "rata": set()}
        self.cooling: dict[str, datetime] = {}
        self.bench.connect()
        self.switch_on(self.chain.toggles)

    def teardown(self) -> None:
        """Close the database."""
        if hasattr(self, "database"):
            self.database.close()
            self.home.cleanup()

    @precondition(lambda self: self.chain.toggles)
    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        """Set some toggles."""
        known = st.sampled_from(sorted(self.chain.toggles))
        self._switch(data.draw(st.dictionaries(known, st.booleans(), min_size=1, max_size=2)))

    def switch_on(self, toggles: Iterable[str]) -> None:
        """Turn toggles on."""
        self._switch(dict.fromkeys(toggles, True))

    def _switch(self, wanted: dict[str, bool]) -> None:
        asked_off = {name for name, value in wanted.items() if not value}
        stays = (self.on | wanted.keys()) - asked_off
        needed = {each for name in stays for each in toggles_needed(self.chain, name)}
        before = self.bench.everything()
        try:
            outcome = self.bench.switch(**wanted)
        except FailedPrecondition:
            assert needed & asked_off
            assert self.bench.everything() == before
            return
        assert not needed & asked_off
        assert set(outcome.also_enabled) == needed - self.on - wanted.keys()
        self.on = frozenset(needed)

    @precondition(lambda self: self.chain.modules)
    @rule(data=st.data())
    def trigger(self, data: st.DataObject) -> None:
        """Ask for a run, and be taken or refused exactly as the rules say."""
        self._trigger(data.draw(st.sampled_from(sorted(self.chain.modules))))

    @precondition(lambda self: self._takeable())
    @rule(data=st.data(), ending=st.sampled_from(ENDINGS))
    def trigger_and_execute(self, data: st.DataObject, ending: str) -> None:
        """Ask for a run that will be taken, and execute it."""
        self._trigger(data.draw(st.sampled_from(self._takeable())))
        self._execute(runs.unfinished(self.database)[-1], ending)

    @precondition(lambda self: self._takeable())
    @rule()
    def catch_up(self) -> None:
        """Let whatever may run next run and succeed."""
        self._trigger(self._takeable()[0])
        self._execute(runs.unfinished(self.database)[-1], "succeeds")

    @precondition(lambda self: runs.unfinished(self.database))
    @rule(data=st.data(), ending=st.sampled_from(ENDINGS))
    def execute(self, data: st.DataObject, ending: str) -> None:
        """Execute a run that waits, and let its module end in some way."""
        self._execute(data.draw(st.sampled_from(runs.unfinished(self.database))), ending)

    def _trigger(self, name: str) -> None:
        expected = self._refusal(name)
        before = self.bench.everything()
        if expected is None:
            self.bench.trigger(name)
            self.cooling[name] = self.bench.clock() + timedelta(seconds=60)
            return
        with pytest.raises(expected):
            self.bench.trigger(name)
        assert self.bench.everything() == before

    def _execute(self, run: Run, ending: str) -> None:
        began: list[str] = []

        def work(ctx: RunContext) -> None:
            began.append(ctx.run.module)
            assert self._may_begin(run)
            self._end(ctx, ending)

        self.work = work
        ended = self.bench.execute(run)
        if run.generation != self.bench.row.generation:
            assert ended.state is RunState.CANCELLED
        if ended.state in (RunState.SUCCEEDED, RunState.PARTIAL):
            assert began
            self.succeeded[run.organisation_id].add(run.scope.module)
        if not began and ended.state is RunState.FAILED:
            assert not self._may_begin(run)

    @rule(count=st.integers(0, 2))
    def reopen(self, count: int) -> None:
        """Reopen or settle the mappings of every step."""
        self.bench.open_mappings = count

    @rule(organisation=st.sampled_from(["kauri", "kauri", "rata"]))
    def connect(self, organisation: str) -> None:
        """Connect, or connect another organisation."""
        self.bench.connect(organisation)

    @precondition(lambda self: self.bench.row.state is ConnectionState.CONNECTED)
    @rule()
    def disconnect(self) -> None:
        """Disconnect; nothing is active any more."""
        self.bench.disconnect()
        assert runs.unfinished(self.database) == []

    @precondition(lambda self: self.bench.row.state is ConnectionState.CONNECTED)
    @rule()
    def lose_access(self) -> None:
        """Find out that access is gone."""
        self.bench.lose_access(self.bench.connection, self.bench.row.generation, "gone")

    @rule(seconds=st.sampled_from([1, 59, 60]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.bench.clock.advance(seconds=seconds)

    @invariant()
    def what_is_needed_is_on(self) -> None:
        """Everything that is on has all that it needs, and the rows say so."""
        stored = self.bench.settings.get(self.bench.connection).toggles
        on = {name for name, value in stored.items() if value}
        assert on == self.on
        assert all(toggles_needed(self.chain, name) <= on for name in on)

    @invariant()
    def a_scope_has_one_active_run(self) -> None:
        """No module has two runs that are not over."""
        active = [run.scope for run in runs.unfinished(self.database)]
        assert len(active) == len(set(active))

    @invariant()
    def the_page_tells_the_truth(self) -> None:
        """A node is shown complete exactly when it is."""
        for node in self.bench.chain.view(self.bench.connection).nodes:
            assert node.complete == self._is_complete(node.node.name)

    def _played(self, node: Node) -> Node:
        if isinstance(node, ManualStep):
            return node
        return module(
            node.name,
            requires=node.requires,
            after=node.after,
            toggle=node.toggle.name,
            run=self._run,
        )

    def _run(self, ctx: RunContext) -> None:
        self.work(ctx)

    def _end(self, ctx: RunContext, ending: str) -> None:
        match ending:
            case "partly":
                ctx.issue(ISSUE)
            case "fails":
                raise RunFailed("BAD", "Bad.")
            case "crashes":
                raise ValueError
            case "waits":
                raise RetryLater("Busy.", after=timedelta(seconds=30))
            case "loses access":
                raise AccessLost("Gone.")
            case "is cancelled":
                self.bench.runs.cancel("acme", ctx.run.id)

    def _is_complete(self, name: str) -> bool:
        steps = (each for each, node in self.chain.nodes.items() if isinstance(node, ManualStep))
        mappings = dict.fromkeys(steps, self.bench.open_mappings)
        done = self.succeeded[self.bench.row.organisation_id]
        return is_complete(self.chain, self.on, done, mappings, name)

    def _is_ready(self, name: str) -> bool:
        spec = self.chain.nodes[name]
        return (
            self.bench.row.state is ConnectionState.CONNECTED
            and isinstance(spec, ModuleSpec)
            and spec.toggle.name in self.on
            and all(map(self._is_complete, comes_before(self.chain, self.on, name)))
        )

    def _may_begin(self, run: Run) -> bool:
        return run.generation == self.bench.row.generation and self._is_ready(run.scope.module)

    def _refusal(self, name: str) -> type[Exception] | None:
        if not self._is_ready(name):
            return FailedPrecondition
        if any(run.scope.module == name for run in runs.unfinished(self.database)):
            return Aborted
        end = self.cooling.get(name)
        return ResourceExhausted if end and end > self.bench.clock() else None

    def _takeable(self) -> list[str]:
        return [name for name in self.chain.modules if self._refusal(name) is None]


def test_chain_in_motion_breaks_no_rule(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """Whatever happens in whatever order, nothing begins early, is orphaned or told wrong."""

    class Machine(ChainInMotion):
        folder = tmp_path
        template = sqlite_template

    bounds = settings(
        deadline=None,
        max_examples=50,
        stateful_step_count=30,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Machine, settings=bounds)  # type: ignore[no-untyped-call]
