"""What the audit trail costs: changing calls beside the same without it, and verifying a chain.

The two servers are called in turn, on one machine and kind of database, so that a busy machine
disturbs both alike.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from figures import Figure
from lab import Lab
from sizes import Sizes

from auditing import ACT
from databases import PostgresqlServer, SqliteTemplate, opened, private_postgresql
from running import NOON
from syncline.v1 import customer_pb2, record_pb2
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from syncline_server.config import LogFormat
from syncline_server.core.audit import Draft
from syncline_server.core.names import Connection
from syncline_server.logs import configure_logs
from syncline_server.services.audit_checks import verify_chain
from syncline_server.storage import audit
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros
from wiring import Served, Wired, Wishes, served

_AT_ONCE = 1_000
_MILLISECONDS = 1_000
Call = Callable[[Client, int], object]


def measure(_lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the medians of each call with the trail, beside those without; then the verifying."""
    configure_logs(LogFormat.JSON, "error")
    with tempfile.TemporaryDirectory() as folder, private_postgresql() as server:
        template = SqliteTemplate(Path(folder))
        for kind, url in (
            ("SQLite", template.url(Path(folder))),
            ("PostgreSQL", PostgresqlServer(server.get_uri()).empty()),
        ):
            database = opened(url)
            yield from _calls(kind, database, sizes.audited_calls)
            yield _verifying(kind, database, sizes.audit_entries)
            database.close()


def _calls(kind: str, database: Database, count: int) -> Iterator[Figure]:
    with _both(database) as (watched, bare):
        watched.wired.connect()
        for number in range(2 * count):
            key = Connection(f"shop{number}", "ledger")
            watched.wired.connect(key, f"books{number}")
            watched.wired.switch_on("contacts", key=key)
        with watched.client() as with_trail, bare.client() as without:
            for name, call in _CALLS.items():
                ours, theirs = _in_turn(call, (with_trail, without), count)
                yield Figure(
                    name=f"{name} with its audit entry ÷ without, {kind}, p50",
                    measured=median(ours) / median(theirs),
                    told=f"{median(ours):.2f} ÷ {median(theirs):.2f} ms; p99"
                    f" {_last(ours):.1f} ÷ {_last(theirs):.1f} ms",
                )


@contextmanager
def _both(database: Database) -> Iterator[tuple[Served, Served]]:
    with (
        served(Wired(database)) as watched,
        served(Wired(database, Wishes(with_trail=False, first_id=500_000))) as bare,
    ):
        yield watched, bare


def _in_turn(call: Call, clients: tuple[Client, Client], count: int) -> tuple[list[float], ...]:
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * count):
        which = number % 2
        begin = time.perf_counter()
        call(clients[which], number)
        took[which].append((time.perf_counter() - begin) * _MILLISECONDS)
    return took


def _last(took: list[float]) -> float:
    return quantiles(took, n=100, method="inclusive")[98]


def _create(client: Client, number: int) -> object:
    customer = customer_pb2.Customer(display_name=f"Customer {number}")
    request = record_pb2.CreateCustomerRequest(parent="workspaces/acme", customer=customer)
    return client.records.CreateCustomer(request)


def _set(client: Client, number: int) -> object:
    settings = pb.Settings(name="workspaces/acme/connections/ledger/settings")
    settings.toggles["contacts"] = number % 4 > 1
    return client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))


def _trigger(client: Client, number: int) -> object:
    name = f"workspaces/shop{number}/connections/ledger"
    request = pb.TriggerSyncRequest(connection=name, module="contacts")
    return client.integrations.TriggerSync(request)


_CALLS: dict[str, Call] = {
    "CreateCustomer": _create,
    "UpdateSettings": _set,
    "TriggerSync": _trigger,
}


def _verifying(kind: str, database: Database, count: int) -> Figure:
    for begin in range(0, count, _AT_ONCE):
        with database.transaction():
            for _ in range(min(_AT_ONCE, count - begin)):
                audit.note(database, Draft(act=ACT, time=to_micros(NOON)))
    begin_time = time.perf_counter()
    verify_chain(database, "acme", {})
    took = time.perf_counter() - begin_time
    return Figure(
        name=f"entries verified, {kind}",
        measured=count / took,
        unit="a second",
        told=f"{count:,} in {took:.1f} s",
    )
