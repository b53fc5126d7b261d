"""Settings of a connection: toggles, options, automatic intervals."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncline_sdk import Direction, Value
from syncline_server.core import etags, option_values, toggles
from syncline_server.core.automatic import LONGEST_INTERVAL, SHORTEST_INTERVAL
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.clock import Clock
from syncline_server.core.errors import InvalidArgument, Violation
from syncline_server.core.model import ConnectionRow, Settings
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import Organisation
from syncline_server.services import second_chances
from syncline_server.services.chain import Chain
from syncline_server.storage import acts, connections, module_states
from syncline_server.storage import settings as rows
from syncline_server.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class SettingsView:
    """Settings with every declared toggle and option filled in."""

    connection: Connection
    toggles: Mapping[str, bool]
    options: Mapping[str, Value]
    intervals: Mapping[str, timedelta]
    update_time: datetime | None
    etag: str


@dataclass(frozen=True, kw_only=True)
class SettingsChange:
    """What a caller asks to change; what is not named stays."""

    toggles: Mapping[str, bool] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    """By setting; None puts one back to its default."""
    intervals: Mapping[str, timedelta] = field(default_factory=dict)
    """By module; zero turns it off."""
    etag: str = ""
    """When given, the settings must still be at this version."""


@dataclass(frozen=True, kw_only=True)
class SettingsOutcome:
    """What a change came to."""

    settings: SettingsView
    also_enabled: tuple[str, ...]
    full_read_modules: tuple[str, ...]
    """Modules whose next run reads everything: a choice changed, or they were turned on again."""


class SettingsService:
    """Reads and changes settings; each change is whole or refused."""

    def __init__(self, database: Database, chain: Chain, clock: Clock, notify: Notify) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._notify = notify

    def get(self, connection: Connection) -> SettingsView:
        """Return the settings, everything filled in.

        :raises NotFound: no such provider is installed.
        """
        catalogue = self._chain.provider(connection)
        return _view(catalogue, connection, rows.get(self._database, connection))

    def update(self, connection: Connection, change: SettingsChange) -> SettingsOutcome:
        """Change settings.

        :raises InvalidArgument: unknown names or values that do not fit, all at once.
        :raises FailedPrecondition: a toggle is locked by others that are on.
        :raises Aborted: the etag is stale.
        """
        catalogue = self._chain.provider(connection)
        options = _checked(catalogue, change)
        with self._database.transaction():
            row = connections.lock(self._database, connection, self._clock())
            before = rows.get(self._database, connection)
            etags.refuse_stale(change.etag, before.version, f"{connection}/settings")
            switched = toggles.change(catalogue, before.on, change.toggles)
            after = _merged(before, switched.on, options, change.intervals)
            rereading = self._rereading(catalogue, row, before, after)
            self._save(row, before, after, rereading)
            if _changes_pushes(catalogue, before, after) and row.organisation_id:
                at = Organisation(connection.workspace, connection.provider, row.organisation_id)
                second_chances.after_settings(self._database, at, self._clock())
        return SettingsOutcome(
            settings=self.get(connection),
            also_enabled=switched.also_enabled,
            full_read_modules=rereading,
        )

    def _rereading(
        self, catalogue: ProviderCatalogue, row: ConnectionRow, before: Settings, after: Settings
    ) -> tuple[str, ...]:
        """Return the modules that must read everything again.

        Those with a choice that changes what they take; and those turned on again, because records
        may have been edited here while nobody owned them.
        """
        known = module_states.ever_run(self._database, row.key)
        wanted = _with_changed_choices(catalogue, before, after)
        wanted |= _turned_on(catalogue, before, after) & known
        return tuple(name for name in catalogue.modules if name in wanted)

    def _save(
        self,
        row: ConnectionRow,
        before: Settings,
        settings: Settings,
        rereading: tuple[str, ...],
    ) -> None:
        now = self._clock()
        _tell_edits(before, settings)
        rows.save(self._database, row.key, settings, now)
        module_states.ask_full_read(self._database, row, rereading, now)
        self._database.after_commit(lambda: self._notify(ConnectionChanged(row.key)))


def _checked(catalogue: ProviderCatalogue, change: SettingsChange) -> dict[str, Value]:
    violations = [*_toggle_violations(catalogue, change), *_interval_violations(catalogue, change)]
    options: dict[str, Value] = {}
    try:
        options = option_values.checked(catalogue.settings, change.options, "settings.options")
    except InvalidArgument as refusal:
        violations.extend(refusal.violations)
    if violations:
        raise InvalidArgument(violations)
    return options


def _toggle_violations(catalogue: ProviderCatalogue, change: SettingsChange) -> list[Violation]:
    known = ", ".join(catalogue.toggles)
    return [
        Violation(field=f"settings.toggles.{name}", description=f"unknown; known are: {known}")
        for name in change.toggles
        if name not in catalogue.toggles
    ]


def _interval_violations(catalogue: ProviderCatalogue, change: SettingsChange) -> list[Violation]:
    known = ", ".join(catalogue.modules)
    violations = []
    for module, interval in change.intervals.items():
        path = f"settings.automatic_intervals.{module}"
        if module not in catalogue.modules:
            violations.append(Violation(field=path, description=f"unknown; known are: {known}"))
        elif interval and not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:
            text = "must be 0 (off) or between 1 minute and 30 days"
            violations.append(Violation(field=path, description=text))
    return violations


def _merged(
    before: Settings,
    on: frozenset[str],
    options: Mapping[str, Value],
    intervals: Mapping[str, timedelta],
) -> Settings:
    chosen = {**before.options, **options}
    merged = {**before.intervals, **intervals}
    return replace(
        before,
        on=on,
        options={name: each for name, each in chosen.items() if each is not None},
        intervals={module: interval for module, interval in merged.items() if interval},
    )


def _with_changed_choices(
    catalogue: ProviderCatalogue, before: Settings, after: Settings
) -> frozenset[str]:
    old = option_values.filled(catalogue.settings, before.options)
    new = option_values.filled(catalogue.settings, after.options)
    return frozenset(
        name
        for name, module in catalogue.modules.items()
        if any(
            each.full_read_on_change and old[each.name] != new[each.name]
            for each in module.settings
        )
    )


def _changes_pushes(catalogue: ProviderCatalogue, before: Settings, after: Settings) -> bool:
    """Return whether what is sent to the provider is another from now on."""
    old = option_values.filled(catalogue.settings, before.options)
    new = option_values.filled(catalogue.settings, after.options)
    pushes = (each for each in catalogue.modules.values() if each.direction is Direction.PUSH)
    return any(old[each.name] != new[each.name] for push in pushes for each in push.settings)


def _turned_on(catalogue: ProviderCatalogue, before: Settings, after: Settings) -> frozenset[str]:
    return frozenset(
        name
        for name, module in catalogue.modules.items()
        if module.direction is Direction.PULL and module.toggle.name in after.on - before.on
    )


def _tell_edits(before: Settings, after: Settings) -> None:
    """Say what changes, for the audit trail."""
    for name in sorted(before.on ^ after.on):
        was, is_ = ("on" if name in each.on else "off" for each in (before, after))
        acts.edited(f"toggles.{name}", was, is_)
    for name in sorted({*before.options, *after.options}):
        was, is_ = (_shown(each.options.get(name)) for each in (before, after))
        acts.edited(f"options.{name}", was, is_)
    for name in sorted({*before.intervals, *after.intervals}):
        was, is_ = (_shown(each.intervals.get(name)) for each in (before, after))
        acts.edited(f"automatic_intervals.{name}", was, is_)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _view(catalogue: ProviderCatalogue, connection: Connection, settings: Settings) -> SettingsView:
    return SettingsView(
        connection=connection,
        toggles={name: name in settings.on for name in catalogue.toggles},
        options=option_values.filled(catalogue.settings, settings.options),
        intervals=settings.intervals,
        update_time=settings.update_time,
        etag=etags.of(settings.version),
    )
