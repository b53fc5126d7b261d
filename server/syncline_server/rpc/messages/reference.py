"""References to other records on the wire."""

from syncline_server.core import names


def reference(workspace: str, collection: str, identifier: str | None) -> str:
    """Return a record's resource name; empty for none."""
    return names.record(workspace, collection, identifier) if identifier else ""
