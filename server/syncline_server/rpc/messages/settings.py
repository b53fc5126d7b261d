"""Settings on the wire."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration

from syncline.v1 import integration_pb2
from syncline_server.rpc.messages import option
from syncline_server.services.settings import SettingsView


def settings(view: SettingsView) -> integration_pb2.Settings:
    """Return settings as callers see them, every toggle and option filled in."""
    return integration_pb2.Settings(
        name=f"{view.connection}/settings",
        toggles=view.toggles,
        options=option.struct(view.options),
        automatic_intervals={name: duration(each) for name, each in view.intervals.items()},
        update_time=view.update_time,
        etag=view.etag,
    )


def duration(span: timedelta) -> Duration:
    """Return a span of time as callers see it."""
    message = Duration()
    message.FromTimedelta(span)
    return message
