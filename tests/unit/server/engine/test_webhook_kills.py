"""The process is killed at every step between a delivery and its work, and the next one goes on."""

import contextlib

from bench import Bench
from clockwork import Clockwork
from databases import opened
from hand_timetable import HandTimetable
from mortal import Killed, MortalDatabase
from scripted_modules import installed, module
from syncline_sdk import Contact, RunContext
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.storage.database import Database
from told import Told

TABLES = ("connections", "settings", "module_states", "cooldowns", "runs", "webhook_events")
EVENTS = (Told("kauri", "CONTACT", "c1"), Told("kauri", "CONTACT", "c2"))
MANY = 200


class Reading:
    """A contacts module that reads its targets one by one."""

    def __init__(self) -> None:
        self.stored: list[str] = []

    def pull(self, ctx: RunContext) -> None:
        """Store a page for each."""
        behind = ctx.targets.index(ctx.cursor) + 1 if ctx.cursor else 0
        for name in ctx.targets[behind:]:
            ctx.contacts.store([Contact(id=name, name=name)], cursor=name)
            self.stored.append(name)


def prepared(database: Database, clock: Clockwork) -> None:
    """Connect a workspace whose contacts have been read once."""
    for table in TABLES:
        database.execute(f"DELETE FROM {table}")
    bench = Bench(database, installed(module("contacts")), clock)
    bench.connect()
    bench.switch(contacts=True)
    bench.complete("contacts")


def live(database: Database, reading: Reading, clock: Clockwork) -> None:
    """Start, take what the provider sends until it has an answer, and work until all is read."""
    contacts = module("contacts", run=reading.pull, takes_targets=True)
    bench, timetable = Bench(database, installed(contacts), clock), HandTimetable()
    # Numbers go on where the last process ended.
    for _ in database.rows("SELECT id FROM runs"):
        next(bench._numbers)
    engine = EmbeddedEngine(database, timetable, bench.execution.execute)
    engine.start()
    timetable.work(clock())
    bench.tell(*EVENTS)
    for run in bench.look():
        engine.enqueue(run.id)
    timetable.work(clock())


def dies(database: Database, reading: Reading, clock: Clockwork) -> bool:
    """Live until the end or the kill; tell whether there was one."""
    try:
        live(database, reading, clock)
    except Killed:
        return True
    return False


def test_no_kill_loses_what_was_told(database_url: str) -> None:
    """Killed before any one of its writes, the next life reads what was told, in one run."""
    for step in range(1, MANY):
        clock, reading = Clockwork(), Reading()
        with contextlib.closing(opened(database_url)) as database:
            prepared(database, clock)
            killed = dies(MortalDatabase(database, step), reading, clock)
        with contextlib.closing(opened(database_url)) as survivor:
            live(survivor, reading, clock)
            states = survivor.tuples("SELECT state FROM runs WHERE trigger_kind = 'WEBHOOK'")
            waiting = survivor.tuples("SELECT 1 FROM webhook_events WHERE done_time IS NULL")
        assert states == [("SUCCEEDED",)], step
        assert waiting == []
        assert set(reading.stored) == {"c1", "c2"}
        if not killed:
            assert step > 5
            return
    raise AssertionError("it never ended")
