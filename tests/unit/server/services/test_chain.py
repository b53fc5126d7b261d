import threading

import pytest

from bench import Bench
from scripted_modules import installed, module
from syncline_server.core.errors import NotFound
from syncline_server.core.names import Connection
from syncline_server.core.notices import RunChanged
from syncline_server.services.journal import Journal
from syncline_server.storage import runs
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace with contacts on."""
    bench = Bench(database, installed(module("contacts")))
    bench.connect()
    bench.switch(contacts=True)
    return bench


def test_page_is_shown_while_a_run_stores_its_own(bench: Bench) -> None:
    """Whoever looks at the chain does not wait for a page of records to be stored."""
    started = runs.start(bench.database, bench.trigger("contacts"), bench.clock(), None)
    assert started is not None
    journal = Journal(bench.database, started, bench.clock, bench.notices.append)
    seen: list[object] = []

    def look() -> None:
        seen.append(bench.node("contacts").active_run)

    with journal.page() as tally:
        tally.fetched = 1
        onlooker = threading.Thread(target=look, daemon=True)
        onlooker.start()
        onlooker.join(60)
        assert seen == [started]

    assert bench.notices[-1] == RunChanged(bench.connection, started.id)


def test_chain_of_a_provider_that_is_not_installed_is_not_found(bench: Bench) -> None:
    """There is no chain where there is no plugin."""
    with pytest.raises(NotFound):
        bench.chain.view(Connection("acme", "ledger"))
