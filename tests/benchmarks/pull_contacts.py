"""How fast contacts are stored: 100,000 in pages of 1,000, twice, on both databases.

Run by hand, from the project's folder::

    PYTHONPATH=tests/fakes .venv/bin/python tests/benchmarks/pull_contacts.py [how many]
"""

import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from databases import SqliteTemplate, opened, running_postgresql
from running import CUSTOMER_FIELDS, connect, master, running
from syncline_sdk import Address, Contact, RecordKind
from syncline_server.core.identifiers import make_id
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.storage.database import Database

_PAGE = 1_000
_WORDS = ("Kauri", "Harbour", "Southern", "Pukeko", "Ridge", "Copper", "Willow", "Quarry")


def contacts(how_many: int) -> Iterator[Contact]:
    """Yield contacts as full as real ones are."""
    dice = random.Random(7)  # noqa: S311 - the same contacts every time
    for number in range(how_many):
        word = dice.choice(_WORDS)
        yield Contact(
            id=f"{dice.getrandbits(128):032x}",
            name=f"{word} {dice.choice(_WORDS)} Traders {number:06d}",
            codes=(f"C-{number:06d}", f"ACC{number:06d}"),
            email=f"accounts@{word.lower()}{number}.example",
            phone=f"+64 3 555{number:05d}",
            address=Address((f"{number % 200} Hardy Street",), "Nelson", "", "7010", "NZ", ""),
            active=number % 25 != 0,
        )


def measure(database: Database, records: list[Contact]) -> None:
    """Store the records twice and print what each pass took."""
    connect(database)
    for passing in ("first", "second"):
        journal = running(database, "contacts", id=passing)
        sink = ContactSink(journal, master(RecordKind.CONTACT, CUSTOMER_FIELDS), _new_id)
        wall, cpu = time.perf_counter(), time.process_time()
        for begin in range(0, len(records), _PAGE):
            sink.store(records[begin : begin + _PAGE], cursor=str(begin))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(  # noqa: T201 - a program run by hand
            f"  {passing:7} {len(records) / wall:9,.0f} records/s"
            f" {cpu * 100_000 / len(records):6.2f} CPU s per 100k"
        )


def _new_id() -> str:
    return make_id(datetime.now(UTC), secrets.token_bytes(10))


def main(how_many: int) -> None:
    """Measure both databases."""
    records = list(contacts(how_many))
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite")  # noqa: T201 - a program run by hand
        template = SqliteTemplate(Path(folder))
        measure(opened(template.url(Path(folder))), records)
    with running_postgresql() as server:
        print("PostgreSQL (CPU of this process alone)")  # noqa: T201 - a program run by hand
        database = opened(server.empty())
        measure(database, records)
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
