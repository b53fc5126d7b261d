"""How much each measurement takes on."""

from dataclasses import dataclass, field

from moving_in import Crowd


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes of one run of the program; the defaults are those of ``make bench``."""

    rounds: int = 3
    """How often what is compared is measured in turn."""
    contacts: int = 100_000
    postgresql_contacts: int = 50_000
    sdk_contacts: int = 10_000
    memory_contacts: int = 150_000
    invoices: int = 260
    pages: int = 25
    """How often each page of a list is asked for."""
    call_seconds: float = 3.0
    """How long a server is called as fast as it answers."""
    trigger_seconds: float = 6.0
    starts: int = 5
    streams: int = 1000
    open_pages: int = 500
    change_seconds: float = 10.0
    """How long what open pages show is changed."""
    feed_contacts: int = 20_000
    feed_updates: int = 200
    imported: int = 1000
    crowd: Crowd = field(
        default_factory=lambda: Crowd(customers=5_000, contacts=20_000, matching=3_000, doubtful=20)
    )
    idle_seconds: float = 10.0
    processes: int = 8
    budget_seconds: float = 200.0
    """How long an organisation is called at its limits: two whole minutes of Xero's at least."""
    audited_calls: int = 300
    audit_entries: int = 200_000
    kills: int = 2_000
    fuzz_rounds: int = 8
    """Rounds over all methods; the server's memory is looked at after each."""
    fuzz_examples: int = 60
    """Requests of each method in a round; a spoiled copy of each is sent, too."""
    fuzz_http_examples: int = 1_000
    seed: str = ""
    """Decides what is drawn at random; empty takes another one each time."""


TINY = Sizes(
    rounds=1,
    contacts=2000,
    postgresql_contacts=2000,
    sdk_contacts=1000,
    memory_contacts=1000,
    invoices=60,
    pages=3,
    call_seconds=1.0,
    trigger_seconds=0.4,
    starts=1,
    streams=20,
    open_pages=10,
    change_seconds=1.0,
    feed_contacts=1000,
    feed_updates=5,
    imported=20,
    crowd=Crowd(customers=100, contacts=300, matching=30, doubtful=5),
    idle_seconds=0.2,
    processes=2,
    budget_seconds=10.0,
    audited_calls=5,
    audit_entries=500,
    kills=10,
    fuzz_rounds=2,
    fuzz_examples=3,
    fuzz_http_examples=20,
)
"""Enough to see that every measurement works; the figures say nothing."""
