"""What is left to push, found without walking over what is linked."""

from typing import Any

_STATEMENTS = """
ALTER TABLE invoices ADD COLUMN held_at TEXT NOT NULL DEFAULT '';
UPDATE invoices SET held_at = link.provider || '/' || link.organisation_id
    FROM invoice_links AS link
    WHERE link.workspace = invoices.workspace AND link.invoice_id = invoices.id
    AND link.push_state IN ('LINKED', 'SENT', 'UNCERTAIN');
CREATE INDEX invoices_held ON invoices (workspace, held_at, id) WHERE state = 'CONFIRMED';
"""


def up(_migrator: Any, database: Any) -> None:
    """Mark each invoice with an organisation that holds it, if one does, and index the marks."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
