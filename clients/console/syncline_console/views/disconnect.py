"""Disconnecting: what is removed and what is kept is said before, and what happened after."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import Connection, DisconnectRequest, Node
from syncline_console.notices import Notice, Tone, done
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, action, page
from syncline_console.standing import Standing
from syncline_console.visit import Visit

_SECONDS: Final = 60.0
"""It waits for calls that may be leaving, 15 seconds at most, and tells the provider."""


def ask(visit: Visit) -> Response:
    """Ask whether to, telling what it means."""
    standing = visit.standing()
    return visit.page(
        "disconnect.html",
        connection=standing.connection,
        running=_running(standing),
        scheduled=[each for each in standing.modules if each.HasField("automatic")],
    )


def end(visit: Visit) -> Response:
    """Disconnect, and tell what happened."""
    before = visit.standing()
    request = DisconnectRequest(name=visit.connection)
    visit.ask(visit.client.integrations.Disconnect, request, timeout=_SECONDS)
    return visit.go(visit.path(), _told(before))


def _running(standing: Standing) -> Sequence[Node]:
    return [each for each in standing.modules if each.HasField("active_run")]


def _told(before: Standing) -> Notice:
    title = before.connection.provider_title
    if before.connection.state == Connection.STATE_NOT_CONNECTED:
        return Notice(tone=Tone.INFO, text=f"{title} was not connected any more.")
    ended = ", ".join(each.title for each in _running(before))
    details = (
        "The stored access was removed, and nothing syncs any more.",
        *((f"Ended while it was under way: {ended}.",) if ended else ()),
        "Mappings, links, records, run history and settings are kept.",
        f"If {title} did not answer just now, it may still list the access: remove it there, too.",
    )
    return done(f"Disconnected from {before.connection.organisation.display_name}", *details)


_PATH: Final = f"{CONNECTION}/disconnect"
ROUTES: Final = (
    page(_PATH, ask, needs=Role.ADMIN),
    action(_PATH, end, needs=Role.ADMIN, back=CONNECTION),
)
