"""The invoices a trigger names."""

from syncline_server.core import names
from syncline_server.core.model import Run


def of_run(run: Run) -> list[str]:
    """Return the ids of the invoices a run's trigger named, in order; empty when it named none."""
    given = run.options.get("invoices")
    workspace = run.scope.connection.workspace
    named = given if isinstance(given, tuple) else ()
    return sorted({identifier(name, workspace) for name in named})


def identifier(name: str, workspace: str) -> str:
    """Return the id in an invoice's resource name or bare id.

    A name of another workspace comes back whole: there is no such id here.
    """
    parsed = names.parse_record(name, "invoices")
    return parsed[1] if parsed and parsed[0] == workspace else name
