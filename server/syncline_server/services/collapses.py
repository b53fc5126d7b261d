"""Holding back runs that found most of what is known gone: nothing vanishes by them."""

from syncline_sdk import Issue, RecordKind
from syncline_server.core.collapse import collapse_issue, is_collapse
from syncline_server.core.model import Run
from syncline_server.services.journal import Journal, Tally
from syncline_server.storage import runs


def find_collapse(run: Run, kind: RecordKind, known: int, kept: int) -> Issue | None:
    """Return why what a run was told is not believed; None when it is, or a person says it is so.

    :param known: how many records are known here.
    :param kept: how many of those the provider told of.
    """
    if run.accept_collapse or not is_collapse(known, kept):
        return None
    return collapse_issue(run.scope.connection.provider, kind, known, kept)


def hold_back(journal: Journal, tally: Tally, issue: Issue) -> None:
    """Write down that the run collapsed, so that it ends without having achieved anything."""
    if runs.collapse(journal.database, journal.run.id):
        tally.issue(issue)
