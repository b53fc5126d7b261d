"""The chain of one connection, as it stands now: gathered from rows, judged by core."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncline_sdk import ManualStep, ModuleSpec, RecordKind
from syncline_server.core import automatic, option_values, readiness, toggles
from syncline_server.core.automatic import Automatic
from syncline_server.core.catalogue import Catalogue, Node, ProviderCatalogue
from syncline_server.core.clock import Clock
from syncline_server.core.errors import Blocker, NotFound
from syncline_server.core.model import (
    ConnectionRow,
    ConnectionState,
    ModuleState,
    Run,
    Settings,
)
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import Master, choices_behind, owned_under
from syncline_server.core.parity import Parity
from syncline_server.core.readiness import ChainFacts
from syncline_server.storage import connections, cooldowns, module_states, parity_checks, runs
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

CountOpen = Callable[[Database, Connection, str], int]
"""Counts the mappings of one kind a person still has to settle, for an organisation id."""


@dataclass(frozen=True, kw_only=True)
class NodeView:
    """One node of the chain with everything a page shows of it."""

    node: Node
    enabled: bool
    locked_by: tuple[str, ...]
    """Nodes that are on and require this one."""
    complete: bool
    blockers: tuple[Blocker, ...]
    state: ModuleState
    next_full_read: bool
    """Whether a run that starts now reads everything."""
    open_mappings: int = 0
    cooldown_end: datetime | None = None
    cooldown_left: timedelta = timedelta()
    active_run: Run | None = None
    last_run: Run | None = None
    parity: Parity | None = None
    """What its newest comparison with the provider found."""
    automatic: Automatic | None = None
    """How it stands where it runs by itself."""


@dataclass(frozen=True, kw_only=True)
class ToggleView:
    """One toggle with what it would turn on and what keeps it on."""

    name: str
    title: str
    enabled: bool
    modules: tuple[str, ...]
    locked_by: tuple[str, ...]
    also_enables: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChainView:
    """A connection's whole chain."""

    connection: ConnectionRow
    nodes: tuple[NodeView, ...]
    toggles: tuple[ToggleView, ...]


class Chain:
    """Answers what may run, and who owns what.

    :param count_open: how to count open mappings, by the kind a manual step settles.
    :param full_read_interval: how old a module's last full read may be when a run starts.
    """

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        clock: Clock,
        count_open: Mapping[RecordKind, CountOpen],
        full_read_interval: timedelta = timedelta(days=1),
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._count_open = count_open
        self._full_read_interval = full_read_interval

    def provider(self, connection: Connection) -> ProviderCatalogue:
        """Return what is installed for a connection's provider.

        :raises NotFound: no such provider is installed.
        """
        found = self._catalogue.providers.get(connection.provider)
        if found is None:
            raise NotFound(str(connection))
        return found

    def module(self, scope: Scope) -> ModuleSpec:
        """Return the module of a scope.

        :raises NotFound: no such provider or module is installed.
        """
        found = self.provider(scope.connection).modules.get(scope.module)
        if found is None:
            raise NotFound(str(scope))
        return found

    def facts(self, row: ConnectionRow, settings: Settings) -> ChainFacts:
        """Gather what readiness is decided by."""
        catalogue = self.provider(row.key)
        states = module_states.of_connection(self._database, row)
        return ChainFacts(
            connection=row.key,
            state=row.state,
            enabled=toggles.enabled_nodes(catalogue, settings.on),
            succeeded=frozenset(name for name, each in states.items() if each.complete_time),
            open_mappings=self._open_mappings(catalogue, row),
        )

    def read_since(self, state: ModuleState | None) -> datetime | None:
        """Return where a run of a module that starts now reads from; None is a full read."""
        if state is None:
            return None
        return state.read_since(self._clock(), self._full_read_interval)

    def view(self, connection: Connection) -> ChainView:
        """Return the whole chain as a page needs it."""
        catalogue = self.provider(connection)
        row = connections.get(self._database, connection)
        settings = settings_rows.get(self._database, connection)
        facts = self.facts(row, settings)
        return ChainView(
            connection=row,
            nodes=self._nodes(catalogue, row, facts, settings),
            toggles=_toggle_views(catalogue, settings.on),
        )

    def find_master(self, workspace: str, kind: RecordKind) -> Master | None:
        """Return who owns a workspace's records of one kind now, or None when we do."""
        for row in connections.of_workspace(self._database, workspace):
            catalogue = self._catalogue.providers.get(row.key.provider)
            if catalogue and row.state is not ConnectionState.NOT_CONNECTED:
                master = self._master(catalogue, row, kind)
                if master:
                    return master
        return None

    def find_pulls(self, connection: Connection, kind: RecordKind) -> tuple[str, ...]:
        """Return the modules that read a provider's records of one kind, whether on or off.

        :raises NotFound: no such provider is installed.
        """
        return tuple(module.name for module in self.provider(connection).masters(kind))

    def _master(
        self, catalogue: ProviderCatalogue, row: ConnectionRow, kind: RecordKind
    ) -> Master | None:
        settings = settings_rows.get(self._database, row.key)
        for module in catalogue.masters(kind):
            if module.toggle.name in settings.on:
                values = option_values.filled(catalogue.settings, settings.options)
                return Master(
                    connection=row.key,
                    kind=kind,
                    provider_title=catalogue.provider.title,
                    organisation_id=row.organisation_id,
                    module=module.name,
                    module_title=module.toggle.title,
                    fields=owned_under(module, values),
                    choices=choices_behind(module, values),
                )
        return None

    def _open_mappings(self, catalogue: ProviderCatalogue, row: ConnectionRow) -> dict[str, int]:
        steps = (node for node in catalogue.nodes.values() if isinstance(node, ManualStep))
        return {
            step.name: self._count_open[step.settles](self._database, row.key, row.organisation_id)
            for step in steps
        }

    def _nodes(
        self,
        catalogue: ProviderCatalogue,
        row: ConnectionRow,
        facts: ChainFacts,
        settings: Settings,
    ) -> tuple[NodeView, ...]:
        now = self._clock()
        states = module_states.of_connection(self._database, row)
        ends = cooldowns.ends(self._database, row.key)
        active = {run.scope.module: run for run in runs.active_of(self._database, row.key)}
        complete = readiness.complete_nodes(catalogue, facts)
        organisation = Organisation(row.key.workspace, row.key.provider, row.organisation_id)
        checks = parity_checks.of_organisation(self._database, organisation)
        timed = {
            name: replace(each, held_by=automatic.holds(catalogue, facts, name, active))
            if each.next_time <= now
            else each
            for name, each in automatic_of(self._database, row, settings, now).items()
            if name in catalogue.modules
        }
        return tuple(
            NodeView(
                node=node,
                enabled=name in facts.enabled,
                locked_by=_dependents(catalogue, facts, name),
                complete=name in complete,
                blockers=readiness.blockers(catalogue, facts, name),
                state=states.get(name, ModuleState()),
                next_full_read=self.read_since(states.get(name)) is None,
                open_mappings=facts.open_mappings.get(name, 0),
                cooldown_end=ends.get(name),
                cooldown_left=max(ends.get(name, now) - now, timedelta()),
                active_run=active.get(name),
                last_run=runs.last_ended(self._database, Scope(row.key, name)),
                parity=checks[name].parity if name in checks else None,
                automatic=timed.get(name),
            )
            for name, node in catalogue.nodes.items()
        )


def automatic_of(
    database: Database, row: ConnectionRow, settings: Settings, now: datetime
) -> dict[str, Automatic]:
    """Return when the modules of a connection that run by themselves are due, by module."""
    woken = module_states.of_connection(database, row)
    found = {}
    for module, interval in settings.intervals.items():
        scope = Scope(row.key, module)
        newest = runs.newest_unprompted(database, scope, automatic.RUNS_LOOKED_AT)
        due = automatic.next_time(scope, interval, newest, row.generation) or now
        wake = woken[module].wake_time if module in woken else None
        found[module] = Automatic(
            interval=interval,
            next_time=min(due, wake or due),
            failed_runs=automatic.failures(newest, row.generation),
        )
    return found


def _dependents(catalogue: ProviderCatalogue, facts: ChainFacts, name: str) -> tuple[str, ...]:
    dependents = catalogue.graph.dependents((name,)) & facts.enabled
    return tuple(each for each in catalogue.nodes if each in dependents)


def _toggle_views(catalogue: ProviderCatalogue, on: frozenset[str]) -> tuple[ToggleView, ...]:
    return tuple(
        ToggleView(
            name=name,
            title=toggle.title,
            enabled=name in on,
            modules=_governed(catalogue, name),
            locked_by=toggles.locked_by(catalogue, on, name),
            also_enables=_others(catalogue, name),
        )
        for name, toggle in catalogue.toggles.items()
    )


def _governed(catalogue: ProviderCatalogue, toggle: str) -> tuple[str, ...]:
    def belongs(module: ModuleSpec) -> bool:
        return module.toggle.name == toggle

    return tuple(name for name, module in catalogue.modules.items() if belongs(module))


def _others(catalogue: ProviderCatalogue, toggle: str) -> tuple[str, ...]:
    reached = toggles.also_on(catalogue, (toggle,)) - {toggle}
    return tuple(name for name in catalogue.toggles if name in reached)
