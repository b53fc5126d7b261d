"""``syncline-demo story``: every act in its order."""

from contextlib import closing
from datetime import UTC, datetime

import grpc
from rich.console import Console
from rich.text import Text

import syncline_client
from syncline_client import Client, InvalidArgument, SynclineError, Unavailable
from syncline_demo.config import Settings
from syncline_demo.story import billing, chain, connecting, invoices
from syncline_demo.story.cast import Cast
from syncline_demo.story.errors import StoryError
from syncline_demo.story.simulator import Simulator
from syncline_demo.story.stage import Stage
from syncline_demo.story.workspace import Workspace

_CONTACTS = 2500
_ITEMS = 300


def tell(settings: Settings, out: Console, workspace: str) -> int:
    """Tell the story; return the exit code.

    :param settings: where the running stack is.
    :param out: what people read.
    :param workspace: id of the workspace it happens in; empty for a new one.
    """
    stage = Stage(out)
    try:
        with (
            syncline_client.connect(
                str(settings.server), token=settings.token, tls=settings.tls or False
            ) as client,
            closing(Simulator(settings.simulator)) as simulator,
        ):
            _play(_cast(settings, stage, client, simulator, workspace or _new_workspace()))
    except StoryError as error:
        out.print(Text(f"\n{error}", style="red"))
        return 1
    except SynclineError as error:
        out.print(Text(f"\n{_explained(settings, error)}", style="red"))
        return 1
    return 0


def _new_workspace() -> str:
    """Return an id that no earlier story used: a new chain needs a new workspace."""
    return f"demo-{datetime.now(UTC):%m%d-%H%M%S}"


def _cast(
    settings: Settings, stage: Stage, client: Client, simulator: Simulator, workspace: str
) -> Cast:
    name = f"Kauri Traders {workspace.removeprefix('demo-')}"
    organisation = simulator.organisation(name, country="NZ", contacts=_CONTACTS, items=_ITEMS)
    return Cast(
        stage=stage,
        settings=settings,
        simulator=simulator,
        workspace=Workspace(client=client, id=workspace),
        organisation=organisation,
    )


def _play(cast: Cast) -> None:
    stage, organisation = cast.stage, cast.organisation
    stage.say(
        f"Workspace {cast.workspace.id}. In Xero: {organisation.name}, {organisation.contacts}"
        f" contacts, {organisation.items} items."
    )
    stage.act("Connect")
    connecting.connect(cast)
    stage.act("Out of order is refused, with everything that is missing")
    chain.refuse_out_of_order(cast)
    stage.act("Tax rates, then the mapping that a person makes")
    chain.sync_taxes(cast)
    stage.act("Contacts and items, side by side")
    chain.sync_contacts_with_items(cast)
    stage.act("Invoices turn on what they need, and lock it")
    chain.enable_invoices(cast)
    chain.show_chain(cast)
    _play_invoices(cast)
    stage.act("Disconnect, and come back")
    connecting.leave_and_return(cast)
    stage.say("", "The end. Tell it again as often as you like; look around with grpcurl:")
    stage.say(
        f"""grpcurl -plaintext -d '{{"parent": "{cast.workspace.connection}"}}'"""
        f" {cast.settings.server} syncline.v1.IntegrationService/ListModules"
    )


def _play_invoices(cast: Cast) -> None:
    cast.stage.act("Invoices of our own")
    made = billing.create_invoices(cast)
    cast.stage.act("Preflight")
    invoices.preflight(cast, made)
    cast.stage.act("Push: drafts in Xero")
    invoices.push(cast, made)
    cast.stage.act("Meanwhile, people in Xero approve and pay")
    invoices.happen_in_xero(cast, made)
    cast.stage.act("Pull: what became of them")
    invoices.pull(cast)
    invoices.show(cast)


def _explained(settings: Settings, error: SynclineError) -> str:
    if isinstance(error, Unavailable) and not error.reason:
        return (
            f"No server answers at {settings.server}. Start it with `make run`, or set"
            " SYNCLINE_LISTEN to where it is."
        )
    if error.code is grpc.StatusCode.UNAUTHENTICATED:
        return (
            "The server wants credentials. Set SYNCLINE_DEMO_TOKEN to a token made with"
            " `syncline-server tokens create`."
        )
    lines = [f"{error.code.name} {error.reason}: {error.message} (request {error.request_id})"]
    if isinstance(error, InvalidArgument):
        lines += [f"  {violation.field}: {violation.description}" for violation in error.violations]
    return "\n".join(lines)
