"""Erasing workspaces at a standing clock, and writers that come in between."""

from collections.abc import Callable

from clockwork import Clockwork
from running import numbered_ids
from syncline_server.core.erasure import Erasure
from syncline_server.core.records import Customer
from syncline_server.services.erasures import Erasures
from syncline_server.storage import customers
from syncline_server.storage.database import Database


def eraser(database: Database, wait: Callable[[float], None] | None = None) -> Erasures:
    """Return what erases."""
    clock = Clockwork()
    return Erasures(
        database=database, clock=clock, make_id=numbered_ids("era"), wait=wait or clock.wait
    )


def add(database: Database, name: str = "kerr", workspace: str = "acme") -> None:
    """Create a customer as a call does."""
    customer = Customer(workspace=workspace, id=name, display_name=name)
    with database.transaction():
        customers.insert(database, customer, Clockwork()())


def erased(erasures: Erasures, workspace: str = "acme") -> Erasure:
    """Erase a workspace and return the receipt."""
    begun = erasures.begin(workspace, "me")
    assert erasures.finish(begun)
    return erasures.get(workspace, begun.id)
