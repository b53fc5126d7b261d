"""A connected workspace whose contacts module is played by the test."""

from collections.abc import Callable

from bench import Bench
from scripted_modules import Scripted, installed, module, step
from syncline_sdk import Contact, Issue, Option, OptionKind, RecordKind, RunContext, Setting
from syncline_server.storage.database import Database

DEPTH = Option(name="depth", title="Depth", kind=OptionKind.INTEGER, default=1)
PHONE = Setting(
    name="phone",
    title="Phone",
    kind=OptionKind.TEXT,
    default="WORK",
    full_read_on_change=True,
)
BAD = Issue(
    code="NO_NAME",
    message="It has no name.",
    action="Name it.",
    kind=RecordKind.CONTACT,
    record_id="c1",
    record_name="",
)


class Scene:
    """A connected workspace whose contacts module is played by the test, behind rates."""

    def __init__(self, database: Database) -> None:
        self.work = Scripted()
        contacts = module(
            "contacts", after=["mapping"], run=self.work, options=[DEPTH], settings=[PHONE]
        )
        self.bench = Bench(
            database, installed(module("rates"), step("mapping", requires=["rates"]), contacts)
        )
        self.bench.connect()
        self.bench.switch(contacts=True)


def store(ctx: RunContext, *names: str) -> None:
    """Store one page, with its last name as the cursor."""
    records = [Contact(id=name, name=name) for name in names]
    ctx.contacts.store(records, cursor=names[-1])


def raising(error: BaseException) -> Callable[[RunContext], None]:
    """Return an act that stores one page and raises."""

    def act(ctx: RunContext) -> None:
        store(ctx, "a", "b")
        ctx.advance_watermark(ctx.now())
        raise error

    return act
