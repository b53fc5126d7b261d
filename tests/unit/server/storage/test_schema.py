from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager

from databases import PostgresqlServer, opened
from syncline_server import storage
from syncline_server.core.errors import Reason, Unavailable
from syncline_server.storage.database import open_database
from syncline_server.storage.schema import migrate, pending


@pytest.mark.parametrize(
    "url",
    ["sqlite:///{folder}/missing/syncline.db", "postgresql://me:planted@127.0.0.1:1/name"],
)
def test_a_database_that_is_not_there_is_refused_in_a_sentence(url: str, tmp_path: Path) -> None:
    """Whoever starts the server is told what to look at, without the password of the URL."""
    database = open_database(url.format(folder=tmp_path))

    for look in (migrate, pending):
        with pytest.raises(Unavailable, match="SYNCLINE_DATABASE_URL") as refused:
            look(database)
        assert refused.value.reason is Reason.DATABASE_UNAVAILABLE
        assert "planted" not in str(refused.value)


def test_what_is_pending_is_applied_once(tmp_path: Path) -> None:
    """A fresh database lacks every migration, and none after they were applied."""
    database = open_database(f"sqlite:///{tmp_path}/syncline.db")

    lacking = pending(database)

    assert lacking
    assert migrate(database) == lacking
    assert pending(database) == migrate(database) == []
    database.close()


def test_the_job_engines_schema_is_up_to_date(postgresql: PostgresqlServer) -> None:
    """Our migrations leave nothing out of those that the installed Procrastinate comes with.

    When this fails, a new Procrastinate has brought migrations: add one of ours that applies them.
    """
    database = opened(postgresql.url)
    applied = {name for (name,) in database.tuples("SELECT name FROM schema_migration")}
    ours = Path(storage.__file__).parent / "migrations"
    reached = (ours / "0009_jobs.py").read_text()
    newest = max(file.name for file in Path(SchemaManager.get_migrations_path()).glob("*.sql"))

    assert "0009_jobs" in applied
    assert f'"{newest}"' in reached
    database.close()
