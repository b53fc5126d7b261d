"""A simulated Xero, and servers beside it: processes of their own on loopback."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from processes import cpu_seconds

from databases import opened
from local_stack import LocalStack, local_environment
from setting_up import connect, finish
from syncline_demo.story.workspace import Workspace

UNLIMITED = {"minute": 10**6, "day": 10**6, "app_minute": 10**6, "concurrent": 100}


class Lab:
    """One simulator for all measurements; its limits are out of the way.

    :param folder: empty; everything is kept there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._xero = LocalStack(local_environment(self.new_folder()))
        self._xero.start("simulator")
        self._xero.control("POST", "/limits", UNLIMITED)

    @property
    def xero(self) -> LocalStack:
        """The stack of which only the simulator runs."""
        return self._xero

    def close(self) -> None:
        """Stop the simulator."""
        self._xero.close()

    def new_folder(self) -> Path:
        """Return the path of a folder that nobody uses."""
        return self._folder / f"{next(self._numbers)}"

    def organisation(self, contacts: int, items: int = 1, name: str = "") -> str:
        """Return the name of an organisation with so many contacts and items, made on first use."""
        name = name or f"{contacts} contacts, {items} items"
        self._xero.simulator.organisation(name, country="NZ", contacts=contacts, items=items)
        return name

    @contextmanager
    def server(self, database_url: str = "") -> Iterator[LocalStack]:
        """Run a server on a fresh database.

        :param database_url: of an empty database; empty makes an SQLite file.
        """
        stack = self.stack(database_url)
        try:
            stack.start("server")
            yield stack
        finally:
            stack.close()

    def stack(self, database_url: str = "") -> LocalStack:
        """Return a stack whose server speaks to this simulator; nothing is started."""
        shared = {
            name: self._xero.settings.environ[name]
            for name in ("SYNCLINE_SIMULATOR_LISTEN", "SYNCLINE_CONSOLE_LISTEN")
        }
        given = {"SYNCLINE_DATABASE_URL": database_url} if database_url else {}
        return LocalStack(local_environment(self.new_folder(), **shared, **given))

    def calls(self) -> int:
        """Return how many calls the simulator's organisations have answered since the last time."""
        tenants = self._xero.control("GET", "/counters")["tenants"].values()
        self._xero.control("DELETE", "/counters")
        return sum(tenant["calls"] for tenant in tenants)


@contextmanager
def laboratory() -> Iterator[Lab]:
    """Yield a lab; everything is stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
        lab = Lab(Path(folder))
        try:
            yield lab
        finally:
            lab.close()


def connected(stack: LocalStack, id_: str, organisation: str) -> Workspace:
    """Return a workspace that is connected to an organisation."""
    workspace = Workspace(client=stack.client, id=id_)
    connect(stack, workspace, organisation)
    return workspace


def pull_seconds(lab: Lab, organisation: str, url: str = "") -> float:
    """Return the processor time a server takes to pull an organisation's contacts the first time.

    :param url: of an empty database; empty makes an SQLite file.
    """
    with lab.server(url) as stack:
        workspace = connected(stack, "acme", organisation)
        workspace.set_toggles(contacts=True)
        begin = cpu_seconds(stack.process_id("server"))
        finish(workspace, "contacts")
        return cpu_seconds(stack.process_id("server")) - begin


def database_url(stack: LocalStack) -> str:
    """Return the URL of a stack's database."""
    file = stack.settings.data_folder / "syncline.db"
    return stack.settings.environ.get("SYNCLINE_DATABASE_URL") or f"sqlite:///{file}"


def read_all_again(stack: LocalStack, workspace: Workspace) -> None:
    """Pull every contact once more, not waiting for the cooldown."""
    # A phone taken from elsewhere asks for a full read; taken back, nothing has changed.
    workspace.set_options(phone_field="MOBILE")
    workspace.set_options(phone_field="DEFAULT")
    database = opened(database_url(stack))
    database.execute("DELETE FROM cooldowns")
    database.close()
    finish(workspace, "contacts")
