"""What providers told by themselves, kept until it is read, and then for telling repeats."""

from typing import Any

_STATEMENTS = """
CREATE TABLE webhook_events (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    module TEXT NOT NULL,
    record_id TEXT NOT NULL,
    event_key TEXT NOT NULL,
    event_time BIGINT NOT NULL,
    receive_time BIGINT NOT NULL,
    run_id TEXT,
    done_time BIGINT,
    PRIMARY KEY (workspace, provider, organisation_id, module, record_id, event_key)
);
CREATE INDEX webhook_events_waiting ON webhook_events (workspace, provider, organisation_id, module)
    WHERE done_time IS NULL;
CREATE INDEX webhook_events_run ON webhook_events (run_id) WHERE done_time IS NULL;
CREATE INDEX webhook_events_old ON webhook_events (receive_time);
CREATE INDEX runs_unprompted ON runs (workspace, provider, module, id)
    WHERE trigger_kind <> 'WEBHOOK';
"""


def up(_migrator: Any, database: Any) -> None:
    """Make the table, and find a module's newest ordinary run without walking past the others."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
