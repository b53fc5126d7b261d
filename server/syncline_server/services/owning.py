"""Under whose ownership a running pull writes."""

from syncline_sdk import RecordKind, RunFailed
from syncline_server.core.model import Run
from syncline_server.core.organisations import of_run
from syncline_server.core.ownership import FindMaster


def owned_now(find_master: FindMaster, run: Run, kind: RecordKind) -> frozenset[str]:
    """Return the fields of our records this run's provider owns now.

    :raises RunFailed: the module was turned off, or another provider owns the records by now, so
        that nothing may be taken over any more.
    """
    master = find_master(run.scope.connection.workspace, kind)
    organisation = of_run(run)
    if (
        master is None
        or master.connection != organisation.connection
        or master.organisation_id != organisation.id
    ):
        raise RunFailed(
            "MODULE_OFF",
            "This sync was turned off while it ran.",
            action="Turn it on and sync again.",
        )
    return master.fields
