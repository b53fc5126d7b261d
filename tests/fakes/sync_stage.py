"""A workspace's syncs brought to where a page shows them: running, paused, ended, with issues."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bs4 import BeautifulSoup

from scene import BAD
from syncline.v1.integration_pb2 import GetConnectionRequest, ListModulesRequest
from syncline_client import Client
from syncline_console.fragments import Fragment, Looker
from syncline_console.people import Role
from syncline_console.standing import Standing
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_server.core.model import MappingState, Run, RunError, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.services.journal import Journal
from syncline_server.services.syncs import TriggerRequest
from syncline_server.storage import module_states, runs, tax_rates
from wiring import ACME, ORGANISATION, Wired


class SyncStage:
    """Moves the runs of a connection, as the engine would.

    :param wired: what is served.
    """

    def __init__(self, wired: Wired, key: Connection = ACME) -> None:
        self.wired = wired
        self.key = key

    def queue(self, module: str) -> Run:
        """Have somebody start a module."""
        request = TriggerRequest(scope=Scope(self.key, module), options={}, caller="local")
        return self.wired.syncs.trigger(request)

    def begin(self, module: str) -> Run:
        """Have a module be running."""
        return self.wired.begin(self.queue(module).id)

    def end(self, run: Run, state: RunState = RunState.SUCCEEDED, error: str = "") -> None:
        """Have a run end, FAILED where there is an error."""
        found = RunError(code="PLANTED", message=error, action="Mend it.") if error else None
        with self.wired.database.transaction():
            if state is RunState.SUCCEEDED:
                module_states.succeed(self.wired.database, run, self.wired.clock())
            runs.end(self.wired.database, run, state, self.wired.clock(), found)
        self.wired.tell(run)

    def succeed(self, *modules: str) -> None:
        """Have modules have succeeded, one after the other."""
        for module in modules:
            self.end(self.begin(module))

    def handle(self, run: Run, fetched: int, created: int = 0, total: int = 0) -> None:
        """Have a running one have handled records."""
        journal = self.journal(run)
        journal.total(total)
        with journal.page() as tally:
            tally.fetched, tally.created = fetched, created

    def spoil(self, run: Run, code: str = BAD.code) -> None:
        """Have a running one have met a record that it could not process."""
        self.journal(run).issue(replace(BAD, code=code))

    def park(self, run: Run, reason: str) -> None:
        """Have a running one wait for an hour."""
        now = self.wired.clock()
        runs.park(self.wired.database, run, now + timedelta(hours=1), reason, now)
        self.wired.tell(run)

    def journal(self, run: Run) -> Journal:
        """Return what a running one writes with."""
        return Journal(self.wired.database, run, self.wired.clock, self.wired.hub.publish)

    def read_rates(self, count: int) -> None:
        """Have tax rates be there that nobody has mapped; no rates end all mapping."""
        organisation = Organisation(self.key.workspace, self.key.provider, ORGANISATION)
        rows = [
            tax_rates.TaxRateRow(
                tax_type=f"OUTPUT{number}",
                name=f"GST {number}",
                rate=Decimal(15),
                active=True,
                applies_to_sales=True,
                content_hash="",
                state=MappingState.UNMAPPED,
            )
            for number in range(count)
        ]
        with self.wired.database.transaction():
            tax_rates.write(self.wired.database, organisation, rows, self.wired.clock())

    def map_rates(self) -> None:
        """Have all tax rates be mapped."""
        self.wired.database.execute("UPDATE tax_rates SET state = 'MAPPED'")


def standing(client: Client, key: Connection = ACME) -> Standing:
    """Return how a connection stands."""
    integrations = client.integrations
    found = integrations.GetConnection(GetConnectionRequest(name=str(key))).connection
    chain = integrations.ListModules(ListModulesRequest(parent=str(key), page_size=1000))
    return Standing(connection=found, modules=chain.modules, toggles=chain.toggles)


def drawn(fragment: Fragment, found: Standing, role: Role) -> BeautifulSoup:
    """Return a live part as somebody of a role sees it."""
    _, workspace, _, provider = found.connection.name.split("/")
    looker = Looker(workspace=workspace, provider=provider, role=role)
    html = fragment.render(environment(Statics()), found, looker, "csrf")
    return BeautifulSoup(html, "html.parser")
