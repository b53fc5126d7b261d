"""Wiring what happens without a caller, and what callers ask to happen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from syncline_server.app.access import Access
from syncline_server.app.outside import Outside
from syncline_server.config import Config
from syncline_server.core.model import Run
from syncline_server.core.notices import Notify
from syncline_server.engine.context import Doors
from syncline_server.engine.cooldowns import CooldownWatch
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.engine.engine import Engine, ExecuteRun
from syncline_server.engine.execution import Execution
from syncline_server.engine.fleet import FleetEngine
from syncline_server.engine.job_worker import Pace
from syncline_server.engine.timetable import Timetable
from syncline_server.services.automatic import AutomaticSyncs
from syncline_server.services.chain import Chain
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.intake_tax_rates import TaxRateSink
from syncline_server.services.journal import Journal
from syncline_server.services.linked_invoices import LinkedInvoiceSink
from syncline_server.services.outbox import Outbox
from syncline_server.services.syncs import Accepted, Syncs
from syncline_server.services.webhook_runs import WebhookRuns
from syncline_server.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What work stands on."""

    outside: Outside
    database: Database
    chain: Chain
    notify: Notify


@dataclass(frozen=True, kw_only=True)
class Work:
    """The engine with its clock, and the ways a run comes to it."""

    timetable: Timetable
    engine: Engine
    cooldowns: CooldownWatch
    syncs: Syncs
    automatic: AutomaticSyncs
    webhooks: WebhookRuns

    def look_at_webhooks(self) -> None:
        """Have another thread look at once for what providers told."""
        self.timetable.soon("webhooks/now", self.webhooks.look)


def build_work(ground: Ground, access: Access, config: Config) -> Work:
    """Wire the engine: embedded on SQLite, one of a fleet on PostgreSQL."""
    outside, database, notify = ground.outside, ground.database, ground.notify
    timetable = Timetable(config.workers if database.is_sqlite else 0)
    cooldowns = CooldownWatch(database, timetable, outside.clock, notify)
    engine = _engine(ground, timetable, build_execution(ground, access).execute, config)
    return Work(
        timetable=timetable,
        engine=engine,
        cooldowns=cooldowns,
        syncs=Syncs(
            database=database,
            chain=ground.chain,
            clock=outside.clock,
            make_id=outside.make_id,
            accepted=_accepted(database, engine, cooldowns),
            notify=notify,
        ),
        automatic=AutomaticSyncs(
            database=database,
            chain=ground.chain,
            clock=outside.clock,
            make_id=outside.make_id,
            start_run=engine.enqueue,
            notify=notify,
        ),
        webhooks=WebhookRuns(
            database=database,
            chain=ground.chain,
            clock=outside.clock,
            make_id=outside.make_id,
            start_run=engine.enqueue,
            notify=notify,
        ),
    )


def _engine(ground: Ground, timetable: Timetable, execute: ExecuteRun, config: Config) -> Engine:
    if ground.database.is_sqlite:
        return EmbeddedEngine(ground.database, timetable, execute)
    return FleetEngine(
        database=ground.database,
        timetable=timetable,
        clock=ground.outside.clock,
        execute=execute,
        url=config.database_url,
        pace=Pace(workers=config.workers, takeover=config.takeover),
    )


def build_execution(ground: Ground, access: Access) -> Execution:
    """Wire what executes runs."""
    return Execution(
        database=ground.database,
        chain=ground.chain,
        clock=ground.outside.clock,
        open_client=access.open_client,
        open_doors=_doors(ground),
        lose_access=access.connections.mark_reconnect_required,
        notify=ground.notify,
    )


def _accepted(database: Database, engine: Engine, cooldowns: CooldownWatch) -> Accepted:
    def accepted(run: Run, cooldown_end: datetime) -> None:
        engine.enqueue(run.id)
        database.after_commit(lambda: cooldowns.set(run.scope, cooldown_end))

    return accepted


def _doors(ground: Ground) -> Callable[[Journal], Doors]:
    find_master, make_id = ground.chain.find_master, ground.outside.make_id

    def open_doors(journal: Journal) -> Doors:
        return Doors(
            contacts=ContactSink(journal, find_master, make_id),
            items=ItemSink(journal, find_master, make_id),
            tax_rates=TaxRateSink(journal, ground.notify),
            linked_invoices=LinkedInvoiceSink(journal),
            outbox=Outbox(journal, make_id),
        )

    return open_doors
