"""Issues that are open until something settles them, and modules that are woken by it.

An issue says itself where it belongs, so that what is open is found without its run.
"""

from typing import Any

_STATEMENTS = """
ALTER TABLE run_issues ADD COLUMN workspace TEXT NOT NULL DEFAULT '';
ALTER TABLE run_issues ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE run_issues ADD COLUMN organisation_id TEXT NOT NULL DEFAULT '';
ALTER TABLE run_issues ADD COLUMN module TEXT NOT NULL DEFAULT '';
ALTER TABLE run_issues ADD COLUMN resolve_time BIGINT;
ALTER TABLE run_issues ADD COLUMN resolution TEXT NOT NULL DEFAULT '';
UPDATE run_issues SET
    workspace = (SELECT workspace FROM runs WHERE runs.id = run_id),
    provider = (SELECT provider FROM runs WHERE runs.id = run_id),
    organisation_id = (SELECT organisation_id FROM runs WHERE runs.id = run_id),
    module = (SELECT module FROM runs WHERE runs.id = run_id);
CREATE INDEX run_issues_open ON run_issues (workspace, kind, record_id, code)
    WHERE resolve_time IS NULL;
CREATE INDEX run_issues_newest ON run_issues (workspace, run_id, number)
    WHERE resolve_time IS NULL;
UPDATE run_issues SET resolve_time = run_issues.create_time,
    resolution = 'Met again by a later run.'
    FROM (SELECT workspace, provider, organisation_id, kind, record_id, code,
        MAX(run_id) AS run_id FROM run_issues
        GROUP BY workspace, provider, organisation_id, kind, record_id, code) AS latest
    WHERE latest.workspace = run_issues.workspace AND latest.provider = run_issues.provider
    AND latest.organisation_id = run_issues.organisation_id AND latest.kind = run_issues.kind
    AND latest.record_id = run_issues.record_id AND latest.code = run_issues.code
    AND latest.run_id > run_issues.run_id;
ALTER TABLE module_states ADD COLUMN wake_time BIGINT;
"""


def up(_migrator: Any, database: Any) -> None:
    """Add the columns, find out what is open still, and index that."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
