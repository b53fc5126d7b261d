"""IntegrationService, a connection's settings: read and change by mask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration

from syncline.v1 import integration_pb2
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages.settings import settings
from syncline_server.services.settings import SettingsChange, SettingsService, SettingsView

_ALL: Final = "*"
_MAPS: Final = ("toggles", "options", "automatic_intervals")
_NOT_SET_HERE: Final = ("name", "etag", "update_time")
_LONGEST_SECONDS: Final = 10**9  # what is too long is refused by the rule, not by an overflow


class SettingsCalls:
    """Handles the methods around settings."""

    def __init__(self, service: SettingsService) -> None:
        self._service = service

    def get(
        self, request: integration_pb2.GetSettingsRequest
    ) -> integration_pb2.GetSettingsResponse:
        """Return a connection's settings."""
        fields = Fields()
        connection = fields.settings("name", request.name)
        fields.refuse()
        view = self._service.get(connection)
        return integration_pb2.GetSettingsResponse(settings=settings(view))

    def update(
        self, request: integration_pb2.UpdateSettingsRequest
    ) -> integration_pb2.UpdateSettingsResponse:
        """Change settings."""
        fields = Fields()
        connection = fields.settings("settings.name", request.settings.name)
        mask = _mask(request.update_mask.paths, fields)
        given = _given(request.settings, fields)
        fields.refuse()
        change = _change(given, mask, self._service.get(connection))
        outcome = self._service.update(connection, change)
        return integration_pb2.UpdateSettingsResponse(
            settings=settings(outcome.settings),
            also_enabled=outcome.also_enabled,
            full_read_modules=outcome.full_read_modules,
        )


@dataclass(frozen=True)
class _Mask:
    """What a request sets: whole maps, and single keys of maps."""

    whole: set[str] = field(default_factory=set)
    keys: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in _MAPS})
    empty: bool = False
    """Nothing was said: every key that is present is set."""


@dataclass(frozen=True, kw_only=True)
class _Given:
    """The maps of a request as services take them."""

    toggles: Mapping[str, bool]
    options: Mapping[str, object]
    intervals: Mapping[str, timedelta]
    etag: str


def _mask(paths: Sequence[str], fields: Fields) -> _Mask:
    mask = _Mask(empty=not paths)
    for index, path in enumerate(paths):
        name, _, key = path.partition(".")
        if path == _ALL:
            mask.whole.update(_MAPS)
        elif name in _MAPS and key:
            mask.keys[name].add(key)
        elif name in _MAPS and path == name:
            mask.whole.add(name)
        elif path not in _NOT_SET_HERE:
            known = ", ".join((*_MAPS, f"{_MAPS[0]}.<key>", _ALL))
            fields.wrong(f"update_mask.paths[{index}]", f"{path} is unknown; known are: {known}")
    return mask


def _given(message: integration_pb2.Settings, fields: Fields) -> _Given:
    path = "settings.automatic_intervals"
    return _Given(
        toggles=dict(message.toggles),
        options=fields.struct("settings.options", message.options),
        intervals={
            module: _interval(f"{path}.{module}", each, fields)
            for module, each in message.automatic_intervals.items()
        },
        etag=message.etag,
    )


def _interval(path: str, duration: Duration, fields: Fields) -> timedelta:
    if duration.nanos or abs(duration.seconds) > _LONGEST_SECONDS:
        fields.wrong(path, "must be a whole number of seconds, at most 30 days")
        return timedelta()
    return timedelta(seconds=duration.seconds)


def _change(given: _Given, mask: _Mask, view: SettingsView) -> SettingsChange:
    """Return what is to change; keys that are named and missing get what stands for "default"."""
    toggles = _names(mask, "toggles", given.toggles, view.toggles)
    options = _names(mask, "options", given.options, view.options)
    intervals = _names(mask, "automatic_intervals", given.intervals, view.intervals)
    return SettingsChange(
        toggles={name: given.toggles.get(name, False) for name in toggles},
        options={name: given.options.get(name) for name in options},
        intervals={name: given.intervals.get(name, timedelta()) for name in intervals},
        etag=given.etag,
    )


def _names(
    mask: _Mask, name: str, given: Mapping[str, object], known: Mapping[str, object]
) -> list[str]:
    """Return the keys of one map that are to be set."""
    if mask.empty:
        return list(given)
    if name in mask.whole:
        return list({**known, **given})
    return sorted(mask.keys[name])
