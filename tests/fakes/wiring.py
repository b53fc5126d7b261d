"""A whole server on loopback: real database, real gRPC, the fake provider, a standing clock."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path

import grpc
import httpx

from clockwork import Clockwork
from fake_provider import FAKE, fake_catalogue
from ledger import CLIENT_ID, CLIENT_SECRET, REDIRECT, Ledger
from syncline_client import Client, Tls, connect
from syncline_sdk import RecordKind
from syncline_server.app import Outside
from syncline_server.app.access import build_access
from syncline_server.app.callers import Callers, build_callers, surroundings
from syncline_server.app.calls import Core, build_calls
from syncline_server.app.changes import build_changes
from syncline_server.app.creations import build_creations
from syncline_server.app.parity import build_parity_checks
from syncline_server.app.planning import build_planner
from syncline_server.app.webhooks import build_webhooks
from syncline_server.app.work import Ground
from syncline_server.app.workspaces import Workspaces, build_workspaces
from syncline_server.config import Config, read_config
from syncline_server.core.access import Role
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionState, Run, RunState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, RunChanged
from syncline_server.engine.parity import ParityChecks
from syncline_server.engine.timetable import Timetable
from syncline_server.rpc import identity
from syncline_server.rpc.acting import unwatched
from syncline_server.rpc.health import Health
from syncline_server.rpc.intake import Intake, Room
from syncline_server.rpc.interceptors import CallInterceptor
from syncline_server.rpc.seats import Seats
from syncline_server.rpc.server import Calls, Limits, create_server
from syncline_server.rpc.throttling import MISTAKES, Buckets, Throttle, slowing_guesses, unlimited
from syncline_server.rpc.watching import Hub, Pace
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.services.audit import Trail
from syncline_server.services.chain import Chain
from syncline_server.services.consents import Return
from syncline_server.services.runs import Runs
from syncline_server.services.settings import SettingsService
from syncline_server.services.syncs import Syncs
from syncline_server.storage import connections as connection_rows
from syncline_server.storage import module_states, runs, tax_rates
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database
from told import WEBHOOK_KEY

CONFIG = read_config(
    {
        "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
        "SYNCLINE_REDIRECT_URIS": REDIRECT,
        f"SYNCLINE_{FAKE.upper()}_CLIENT_ID": CLIENT_ID,
        f"SYNCLINE_{FAKE.upper()}_CLIENT_SECRET": CLIENT_SECRET,
        f"SYNCLINE_{FAKE.upper()}_WEBHOOK_KEY": f"new-{WEBHOOK_KEY}, {WEBHOOK_KEY}",
    }
)
ACME = Connection("acme", FAKE)
GLOBEX = Connection("globex", FAKE)
ORGANISATION = "kauri"
QUICK = Pace(coalesced=timedelta(milliseconds=5))
_PATIENCE = 60.0
"""Seconds a call may take, on a machine however busy."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a test wants otherwise than usual."""

    with_tokens: bool = False
    """Whether callers need credentials; else everybody is ``local``."""
    config: Config = CONFIG
    """What tells who calls, and what the server shows."""
    identity_provider: httpx.BaseTransport | None = None
    """The way to the issuer of signed tokens; None is the way to the provider."""
    with_trail: bool = True
    """Whether calls are in the audit trail."""
    first_id: int = 1
    """Where identifiers begin; another one for another process on the same database."""
    threads: int = 8
    room: Room = field(default_factory=Room)
    """What may wait for one of them."""
    limits: Limits = field(default_factory=Limits)
    pace: Pace = QUICK
    seats: Seats | None = None
    """How many streams may be open; None does not count them."""
    throttle: Throttle = unlimited
    catalogue: Catalogue = field(default_factory=fake_catalogue)
    """What is installed."""


@dataclass(frozen=True, kw_only=True)
class Numbered(Outside):
    """An outside whose identifiers can be foretold."""

    numbers: Iterator[int]

    def make_id(self) -> str:
        """Return an identifier that sorts behind the ones before it."""
        return f"id{next(self.numbers):06d}"


class Wired:
    """The services of one process, and short ways to bring its rows into a state."""

    def __init__(self, database: Database, wishes: Wishes | None = None) -> None:
        self.database = database
        self.wishes = wishes or Wishes()
        self.clock = Clockwork()
        self.ledger = Ledger(clock=self.clock)
        self.catalogue = self.wishes.catalogue
        self.started: list[str] = []
        """Ids of the runs the engine was told about."""
        self.woken: list[datetime] = []
        """When somebody was told that a provider has told something."""
        self._numbers = count(self.wishes.first_id)
        self.hub = Hub(self.wishes.pace, seats=self.wishes.seats)
        database.listen(self.hub.publish)
        self.health = Health(("database", "engine"))
        self.chain = Chain(
            database, self.catalogue, self.clock, {RecordKind.TAX_RATE: tax_rates.open_count}
        )
        self.outside = Numbered(
            clock=self.clock,
            transport=self.ledger.transport,
            wait=self.clock.wait,
            numbers=self._numbers,
        )
        access = build_access(CONFIG, self.outside, database, self.catalogue, self.hub.publish)
        self._access = access
        self.connections = access.connections
        self.creations = build_creations(self.outside, database, self.chain, access)
        self.changes = build_changes(self.outside, database, self.chain, CONFIG.change_history)
        self.webhooks = build_webhooks(
            CONFIG, self.outside, database, self.catalogue, lambda: self.woken.append(self.clock())
        )
        self.planner = build_planner(
            self.outside, database, self.chain, access, self.wishes.threads
        )
        self.settings = SettingsService(database, self.chain, self.clock, self.hub.publish)
        self.syncs = Syncs(
            database=database,
            chain=self.chain,
            clock=self.clock,
            make_id=self.next_id,
            accepted=lambda run, _cooldown_end: self.started.append(run.id),
            notify=self.hub.publish,
        )

    @cached_property
    def callers(self) -> Callers:
        """What tells who calls."""
        way = self.wishes.identity_provider or self.outside.transport
        return build_callers(
            self.wishes.config, replace(self.outside, transport=way), self.database
        )

    @property
    def tokens(self) -> AccessTokens:
        """The access tokens."""
        return self.callers.tokens

    @cached_property
    def trail(self) -> Trail:
        """What keeps the audit trail."""
        return Trail(self.database, self.clock)

    @cached_property
    def runs(self) -> Runs:
        """What shows runs and cancels them."""
        return Runs(self.database, self.clock, self.hub.publish)

    @cached_property
    def parity(self) -> ParityChecks:
        """What compares."""
        ground = Ground(
            outside=self.outside,
            database=self.database,
            chain=self.chain,
            notify=self.hub.publish,
        )
        return build_parity_checks(ground, self._access, Timetable(1), timedelta(), self.planner)

    @cached_property
    def workspaces(self) -> Workspaces:
        """What exports, erases and forgets."""
        config = replace(CONFIG, data_folder=Path(tempfile.gettempdir()))
        return build_workspaces(config, self.outside, self.database, self.catalogue, self.chain)

    @property
    def calls(self) -> Calls:
        """What handles the methods."""
        return build_calls(self.core)

    @cached_property
    def core(self) -> Core:
        """What stands behind them."""
        return Core(
            outside=self.outside,
            database=self.database,
            catalogue=self.catalogue,
            chain=self.chain,
            connections=self.connections,
            creations=self.creations,
            syncs=self.syncs,
            changes=self.changes,
            webhooks=self.webhooks,
            trail=self.trail,
            make_plan=self.planner.plan,
            check_parity=self.parity.check,
            workspaces=self.workspaces,
            erase_soon=self.erase_soon,
            hub=self.hub,
        )

    @property
    def interceptor(self) -> CallInterceptor:
        """What surrounds them."""
        given = surroundings(self.wishes.config, self.core, self.callers)
        if not self.wishes.with_tokens:
            authenticate = identity.as_local
        elif self.wishes.config.oidc is None:  # also before the first token is made
            authenticate = identity.by_credentials(
                self.tokens.identify, self.tokens.identify_certificate
            )
        else:
            authenticate = self.callers.authenticate
        return CallInterceptor(
            replace(
                given,
                authenticate=slowing_guesses(authenticate, Buckets(MISTAKES, self.seconds)),
                authenticate_again=authenticate,
                throttle=self.wishes.throttle,
                acts=given.acts if self.wishes.with_trail else unwatched,
            )
        )

    def seconds(self) -> float:
        """Return seconds that pass with the clock."""
        return self.clock().timestamp()

    def erase_soon(self) -> None:
        """Leave it to the test to go on with what is being erased."""

    def next_id(self) -> str:
        """Return an identifier that sorts behind the ones before it."""
        return self.outside.make_id()

    def token(self, role: Role, *workspaces: str) -> str:
        """Return the secret of a new token for these workspaces, for all when there are none."""
        new = NewToken(title=f"{role} token", role=role, workspaces=workspaces or None)
        return self.tokens.create(new)[1]

    def connect(self, key: Connection = ACME, organisation: str = ORGANISATION) -> None:
        """Have a connection be CONNECTED."""
        with self.database.transaction():
            row = connection_rows.lock(self.database, key, self.clock())
            row = replace(
                row,
                state=ConnectionState.CONNECTED,
                organisation_id=organisation,
                organisation_name=organisation.title(),
                connect_time=self.clock(),
            )
            connection_rows.save(self.database, row, self.clock())
        self.hub.publish(ConnectionChanged(key))

    def approve(self, key: Connection = ACME, organisation: str = ORGANISATION) -> None:
        """Connect the whole way, so that the provider can be called."""
        started = self.connections.start(key.workspace, key.provider, REDIRECT, "admin")
        code = self.ledger.consent(started.url, "mia", organisation)
        self.connections.complete(Return(state=started.state), code, "", "admin")

    def switch_on(self, *toggles: str, key: Connection = ACME) -> None:
        """Have exactly these toggles be on."""
        with self.database.transaction():
            before = settings_rows.get(self.database, key)
            after = replace(before, on=frozenset(toggles))
            settings_rows.save(self.database, key, after, self.clock())

    def begin(self, run_id: str) -> Run:
        """Have a queued run be RUNNING."""
        run = runs.get(self.database, run_id)
        started = run and runs.start(self.database, run, self.clock(), None)
        if started is None:
            raise AssertionError(f"{run_id} does not start")
        self.tell(started)
        return started

    def end(self, run: Run, state: RunState = RunState.SUCCEEDED) -> None:
        """Have a run end."""
        with self.database.transaction():
            if state is RunState.SUCCEEDED:
                module_states.succeed(self.database, run, self.clock())
            runs.end(self.database, run, state, self.clock())
        self.tell(run)

    def tell(self, run: Run) -> None:
        """Tell whoever watches that a run has changed."""
        self.hub.publish(RunChanged(run.scope.connection, run.id))

    def now(self) -> datetime:
        """Return the time."""
        return self.clock()


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server that answers, with everything behind it."""

    wired: Wired
    port: int
    grpc_server: grpc.Server
    tls: Tls | None = None
    """How its clients connect; None in plaintext."""

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Answer nobody from now on; what is under way breaks."""
        self.grpc_server.stop(None).wait()

    def client(self, token: str | None = None) -> Client:
        """Return a client with this token; close it after use."""
        return connect(self.address, token=token, tls=self.tls or False, timeout=_PATIENCE)

    def channel(self) -> grpc.Channel:
        """Return a bare channel; close it after use."""
        return grpc.insecure_channel(self.address)


@contextmanager
def served(
    wired: Wired,
    credentials: grpc.ServerCredentials | None = None,
    tls: Tls | None = None,
    *,
    port: int = 0,
) -> Iterator[Served]:
    """Yield the server while it runs.

    :param credentials: what it speaks TLS with; None speaks plaintext.
    :param tls: how its clients connect; None in plaintext.
    :param port: where it listens; 0 takes a free one.
    """
    wishes = wired.wishes
    handlers = Intake(wishes.threads, wishes.room)
    server = create_server(wired.calls, wired.interceptor, wired.health, wishes.limits, handlers)
    address = f"127.0.0.1:{port}"
    port = (
        server.add_secure_port(address, credentials)
        if credentials
        else server.add_insecure_port(address)
    )
    wired.hub.start()
    server.start()
    try:
        yield Served(wired=wired, port=port, grpc_server=server, tls=tls)
    finally:
        wired.hub.stop()
        server.stop(None).wait()
        handlers.shutdown()
        wired.workspaces.places.shut_down()
