"""When a module last read everything, what a full read has seen, what vanished, and parity.

A provider's contact that a full read proves gone stays, and is not ``present`` any more.
"""

from typing import Any

_STATEMENTS = """
ALTER TABLE module_states ADD COLUMN full_read_time BIGINT;
UPDATE module_states SET full_read_time = complete_time;
ALTER TABLE runs ADD COLUMN full_read BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE runs ADD COLUMN accept_collapse BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE runs ADD COLUMN collapsed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE contacts ADD COLUMN present BOOLEAN NOT NULL DEFAULT TRUE;
CREATE TABLE run_pages (
    run_id TEXT NOT NULL,
    ids TEXT NOT NULL,
    fresh TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX run_pages_run ON run_pages (run_id);
UPDATE runs SET position = NULL
    WHERE state IN ('QUEUED', 'RUNNING', 'WAITING')
    AND read_since IS NULL AND watermark IS NOT NULL;
CREATE TABLE parity_checks (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    module TEXT NOT NULL,
    begin_time BIGINT NOT NULL,
    check_time BIGINT,
    compared INTEGER NOT NULL DEFAULT 0,
    differences TEXT NOT NULL DEFAULT '[]',
    walked_to TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (workspace, provider, organisation_id, module)
);
"""


def up(_migrator: Any, database: Any) -> None:
    """Add the columns and the tables; what was complete counts as read fully when it was.

    A full read that is under way begins anew: nobody has noted what it has seen.
    """
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
