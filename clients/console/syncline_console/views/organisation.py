"""The choice among several organisations that a person approved."""

from typing import Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import (
    Connection,
    GetConnectionRequest,
    SelectOrganisationRequest,
)
from syncline_client import FailedPrecondition
from syncline_console.notices import Notice, Tone, done, refusal
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, action, page
from syncline_console.visit import Visit

_NOTHING_CHOSEN: Final = Notice(tone=Tone.ERROR, text="Choose one of the organisations first.")
_TAKEN: Final = Notice(
    tone=Tone.ERROR,
    text="Another workspace is connected to this organisation.",
    details=("Choose another one, or disconnect it in the other workspace first.",),
)
_NOT_THERE: Final = Notice(
    tone=Tone.WARNING,
    text="This organisation is not among those to choose from any more.",
    details=("Somebody may have connected once more meanwhile. Choose from what is here now.",),
)


def show(visit: Visit) -> Response:
    """Show what there is to choose from, or that the time to choose is over."""
    connection = _connection(visit)
    return visit.page("organisation.html", connection=connection)


def choose(visit: Visit) -> Response:
    """Connect the organisation that was chosen."""
    chosen = visit.sent("organisation")
    if not chosen:
        return visit.go(visit.path("organisation"), _NOTHING_CHOSEN)
    request = SelectOrganisationRequest(name=visit.connection, organisation=chosen)
    try:
        found = visit.ask(visit.client.integrations.SelectOrganisation, request).connection
    except FailedPrecondition as error:
        return _refused(visit, error)
    return visit.go(visit.path(), done(f"Connected to {found.organisation.display_name}"))


def _refused(visit: Visit, error: FailedPrecondition) -> Response:
    """Lead back to what can still be done: another choice, or connecting again."""
    connection = _connection(visit)
    if error.reason == "SELECTION_EXPIRED":
        return visit.go(visit.path(), _too_late(connection))
    known = {"ORGANISATION_TAKEN": _TAKEN, "ORGANISATION_NOT_A_CANDIDATE": _NOT_THERE}
    return visit.go(visit.path("organisation"), known.get(error.reason) or refusal(error))


def _too_late(connection: Connection) -> Notice:
    if connection.state == Connection.STATE_CONNECTED:
        name = connection.organisation.display_name
        return Notice(tone=Tone.INFO, text=f"There is no choice to make. Connected is {name}")
    title = connection.provider_title
    text = f"The ten minutes to choose are over, so nothing was connected. Connect {title} again."
    return Notice(tone=Tone.WARNING, text=text)


def _connection(visit: Visit) -> Connection:
    request = GetConnectionRequest(name=visit.connection)
    return visit.ask(visit.client.integrations.GetConnection, request).connection


_PATH: Final = f"{CONNECTION}/organisation"
ROUTES: Final = (
    page(_PATH, show),
    action(_PATH, choose, needs=Role.ADMIN, back=_PATH),
)
