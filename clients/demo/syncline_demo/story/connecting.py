"""The acts about the connection."""

import httpx

from syncline.v1.integration_pb2 import Connection
from syncline_demo.story.cast import Cast
from syncline_demo.story.errors import StoryError
from syncline_demo.story.running import refusal

_SECONDS = 60.0


def connect(cast: Cast) -> Connection:
    """Connect the workspace as a browser would, without one."""
    cast.stage.say("StartConnection gives the address where a person approves access.")
    address = cast.workspace.start_connection(cast.settings.redirect_uri)
    back = cast.simulator.approve_access(address, cast.organisation.name)
    cast.stage.say(f"Approved {cast.organisation.name} in the simulator; following its redirect.")
    _land(cast, back)
    connection = cast.workspace.get_connection()
    if connection.state != Connection.STATE_CONNECTED:
        raise StoryError(f"Not connected: {connection.state_reason or 'the server says no more'}")
    name = connection.organisation.display_name
    cast.stage.done(f"Connected: {cast.workspace.connection} → {name}")
    return connection


def _land(cast: Cast, address: str) -> None:
    try:
        page = httpx.get(address, timeout=_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise StoryError(
            f"The console does not answer at {cast.settings.console}. Start it with `make run`, or"
            " set SYNCLINE_CONSOLE_LISTEN to where it is."
        ) from error
    if page.is_error:
        raise StoryError(
            f"The console could not complete the connection (HTTP {page.status_code}). Its log"
            f" says why: {cast.settings.data_folder}/console.log. Where the server wants tokens,"
            " the console needs the one that starts connections, as SYNCLINE_CONSOLE_TOKEN."
        )


def leave_and_return(cast: Cast) -> None:
    """Disconnect, see what is kept, and connect again."""
    before = len(cast.workspace.links())
    gone = cast.workspace.disconnect()
    cast.stage.done(f"Disconnected: {Connection.State.Name(gone.state)}; the tokens are removed")
    cast.stage.say("A trigger now:")
    cast.stage.refused(
        refusal("a trigger while disconnected", lambda: cast.workspace.trigger("contacts"))
    )
    kept = len(cast.workspace.links())
    if kept != before:
        raise StoryError(f"There were {before} invoice links before disconnecting, now {kept}.")
    cast.stage.done(f"All {kept} invoice links are still there, and so are the mappings")
    cast.stage.say("Connecting again:")
    connect(cast)
    complete = [node.id for node in cast.workspace.modules().modules if node.complete]
    cast.stage.done(f"Nothing to set up again. Complete: {', '.join(complete)}")
