"""A run that is RUNNING on a connected organisation, with the journal it writes into."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from syncline_sdk import RecordKind, Trigger, Value
from syncline_server.core.model import ConnectionState, Run, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import FindMaster, Master
from syncline_server.services.journal import Journal
from syncline_server.storage import connections, runs
from syncline_server.storage.database import Database

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
ACME = Connection("acme", "xero")
KAURI = Organisation("acme", "xero", "kauri")
CUSTOMER_FIELDS = frozenset({"name", "code", "email", "phone", "address", "active"})
PRODUCT_FIELDS = frozenset({"sku", "name", "tax_code", "stock_quantity", "default_price"})


def noon() -> datetime:
    """Return the time at which everything in these tests happens."""
    return NOON


def numbered_ids(prefix: str = "id") -> Callable[[], str]:
    """Return a maker of ids that can be foretold: ``id0001``, ``id0002``, ..."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers):04d}"


def connect(database: Database, organisation: Organisation = KAURI) -> None:
    """Store a connection to an organisation."""
    with database.transaction():
        row = connections.lock(database, organisation.connection, NOON)
        connected = replace(row, state=ConnectionState.CONNECTED, organisation_id=organisation.id)
        connections.save(database, connected, NOON)


def running(
    database: Database,
    module: str,
    *,
    id: str = "run1",  # noqa: A002 - as the field of Run is called
    options: dict[str, Value] | None = None,
    organisation: Organisation = KAURI,
) -> Journal:
    """Return the journal of a run that was just started; ends runs of the module before it."""
    database.execute("UPDATE runs SET state = 'SUCCEEDED' WHERE module = ?", (module,))
    run = Run(
        id=id,
        scope=Scope(organisation.connection, module),
        organisation_id=organisation.id,
        generation=connections.get(database, organisation.connection).generation,
        trigger=Trigger.MANUAL,
        state=RunState.QUEUED,
        options=options or {},
        create_time=NOON,
    )
    runs.insert(database, run)
    started = runs.start(database, run, NOON, None)
    if started is None:
        raise AssertionError("the run could not be started")
    return Journal(database, started, noon, lambda _notice: None)


def master(
    kind: RecordKind,
    fields: frozenset[str],
    organisation: Organisation = KAURI,
) -> FindMaster:
    """Return a finder by which a provider owns these fields of this kind, and nothing else."""
    module = "contacts" if kind is RecordKind.CONTACT else "items"
    found = Master(
        connection=organisation.connection,
        kind=kind,
        provider_title="Xero",
        organisation_id=organisation.id,
        module=module,
        module_title=module.title(),
        fields=fields,
    )
    return lambda workspace, asked: (
        found if asked is kind and workspace == organisation.workspace else None
    )


def nobody(_workspace: str, _kind: RecordKind) -> Master | None:
    """Find no master: every sync is off."""
    return None
