"""A server's connecting half and a simulated Xero that know each other: all but a socket."""

import httpx

from connect_bench import CALLER, Bench
from simulated_xero import ORIGIN, DroppingTransport
from simulator_driver import CLIENT, REDIRECT, SimulatorDriver, redirect_parameters
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection
from syncline_server.core.relocation import relocated
from syncline_server.oauth.registration import Registration
from syncline_server.services.consents import Return
from syncline_server.storage.database import Database
from syncline_xero import syncline_plugin
from syncline_xero_simulator.faults import Fault, FaultKind
from whole_server import SharedTime

ACME, GLOBEX = Connection("acme", "xero"), Connection("globex", "xero")
HARBOUR, SOUTHERN = "Harbour Goods Ltd", "Southern Cross"
JACK = "jack@southerncross.example"
REGISTRATION = Registration(client_id=CLIENT[0], client_secret=CLIENT[1], redirect_uris=(REDIRECT,))


class XeroBench(Bench):
    """One process of the server, connected to one simulated Xero."""

    def __init__(
        self, database: Database, driver: SimulatorDriver, registration: Registration
    ) -> None:
        self.driver = driver
        self.way = DroppingTransport(httpx.WSGITransport(app=driver.simulator.app))
        super().__init__(
            database,
            clock=SharedTime(driver),
            provider=relocated(syncline_plugin().providers[0], ORIGIN),
            registration=registration,
            transport=self.way,
        )

    def approve(
        self, key: Connection, *organisations: str, user: str = "", deny: bool = False
    ) -> ConnectionRow:
        """Go the whole way for a person at Xero's consent page."""
        started = self.connections.start(key.workspace, key.provider, REDIRECT, CALLER)
        body = {
            "authorize_url": started.url,
            "organisations": list(organisations),
            "user": user,
            "deny": deny,
        }
        back = redirect_parameters(self.driver.control("POST", "consent", body)["location"])
        assert back["state"] == started.state
        return self.connections.complete(
            Return(state=back["state"]), back.get("code", ""), back.get("error", ""), CALLER
        )

    def fault(self, kind: FaultKind, path: str, count: int = 1) -> None:
        """Order a fault for the next calls of a path."""
        self.driver.simulator.parts.faults.add(Fault(fault_id=0, kind=kind, path=path, count=count))

    def live(self) -> int:
        """Return how many connections Xero holds."""
        return sum(each.live for each in self.driver.simulator.parts.connections.everything())

    def calls(self, path: str) -> int:
        """Return how many requests went to a path."""
        return sum(request.url.path == path for request in self.way.requests)
