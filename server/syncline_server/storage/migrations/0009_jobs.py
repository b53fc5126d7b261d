"""The tables of the job engine, Procrastinate, on PostgreSQL.

Its own migrations up to a named one, in order, so that this step makes the same schema whichever
later version is installed. What a later version adds is a later step of ours.
"""

from pathlib import Path
from typing import Any, Final

import peewee
from procrastinate.schema import SchemaManager

LAST: Final = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def up(_migrator: Any, database: Any) -> None:
    """Make them; SQLite's engine needs none."""
    if isinstance(database, peewee.SqliteDatabase):
        return
    for file in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if file.name <= LAST:
            # Past peewee: a file holds many statements, and per cent signs that are no parameters.
            database.connection().execute(file.read_text(encoding="utf-8"))
