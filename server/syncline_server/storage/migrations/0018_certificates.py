"""Client certificates that open what a secret does, by the name in them."""

from typing import Any

_STATEMENTS = """
ALTER TABLE access_tokens ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX access_tokens_certificate ON access_tokens (certificate)
    WHERE certificate <> '' AND revoke_time IS NULL;
"""


def up(_migrator: Any, database: Any) -> None:
    """Add the name; a name opens one thing at a time."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
