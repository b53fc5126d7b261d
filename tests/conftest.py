"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from databases import PostgresqlServer, SqliteTemplate, opened, running_postgresql
from syncline_server.storage.database import Database

# What fails here fails everywhere, and not because a machine is busy: examples that are made up are
# the same in each run, and none is timed. Others are searched for by ``make bench BENCH=fuzz``.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated SQLite file to copy."""
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for the whole session."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated database, on each kind in turn."""
    if request.param == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        return template.url(tmp_path)
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.empty()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated, open database, on each kind in turn."""
    database = opened(database_url)
    yield database
    database.close()
