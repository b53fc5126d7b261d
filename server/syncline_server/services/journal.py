"""What a run writes down about itself, fenced: a page of records, its counts and its cursor."""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from syncline_sdk import Issue, RecordKind, RunStopped
from syncline_server.core.clock import Clock
from syncline_server.core.model import Run
from syncline_server.core.notices import Notify, RunChanged
from syncline_server.core.organisations import of_run
from syncline_server.storage import run_issues, runs
from syncline_server.storage.database import Database
from syncline_server.storage.run_issues import IssueRow

_MOST_CANDIDATES = 20


@dataclass
class Tally:
    """What one page came to, filled while it is stored."""

    now: datetime
    """The time every row of this page is stamped with."""
    fetched: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    is_further: bool | None = None
    """Whether this page gets the run further; None where its cursor and counts tell."""
    issues: list[IssueRow] = field(default_factory=list)
    judged: dict[RecordKind, set[str]] = field(default_factory=dict)
    """Records of which this page says whatever there is to say."""

    def issue(self, issue: Issue, *, local_id: str = "", candidates: tuple[str, ...] = ()) -> None:
        """Add one record that could not be processed; it counts as failed.

        :param local_id: the id of our record it concerns, when there is one.
        :param candidates: ids of our records to choose from; the first 20 are kept.
        """
        self.failed += 1
        self.remark(issue, local_id=local_id, candidates=candidates)

    def remark(self, issue: Issue, *, local_id: str = "", candidates: tuple[str, ...] = ()) -> None:
        """Add an issue about a record that is counted otherwise: stored all the same, or skipped.

        The parameters are those of :meth:`issue`.
        """
        self.issues.append(IssueRow(issue, local_id, candidates[:_MOST_CANDIDATES]))

    def judge(self, kind: RecordKind, ids: Collection[str]) -> None:
        """Add records whose older open issues are settled unless this page has them as well."""
        self.judged.setdefault(kind, set()).update(ids)


class Journal:
    """The only way a running module's work reaches the database.

    Each page is one transaction that begins by checking that this attempt is still the one that
    may write: not cancelled, not taken over, its connection not disconnected meanwhile.

    :param run: as it was when this attempt started.
    """

    def __init__(self, database: Database, run: Run, clock: Clock, notify: Notify) -> None:
        self.run = run
        self.database = database
        self._clock = clock
        self._notify = notify
        self._open: dict[RecordKind, set[str]] = {}
        self._told: set[tuple[str, str, str]] | None = None if run.attempt > 1 else set()

    @contextlib.contextmanager
    def page(self, cursor: str | None = None) -> Iterator[Tally]:
        """Store one page: whatever the block writes, with its tally and cursor, or none of it.

        :param cursor: where to go on behind this page; None leaves the stored one.
        :raises RunStopped: this attempt may not write any more.
        """
        tally = Tally(now=self._clock())
        with self.database.transaction():
            self._hold()
            yield tally
            runs.add_page(self.database, self.run.id, tally, cursor)
            self._settle(tally)
            run_issues.add(self.database, self.run, tally.issues, tally.now)
            self.database.after_commit(self._tell)

    def total(self, records: int) -> None:
        """Write down how many records there will be."""
        with self.database.transaction():
            self._hold()
            runs.set_total(self.database, self.run.id, records)
            self.database.after_commit(self._tell)

    def watermark(self, until: datetime) -> None:
        """Write down the watermark this run will leave behind if it succeeds."""
        with self.database.transaction():
            self._hold()
            runs.set_watermark(self.database, self.run.id, until)

    def issue(self, issue: Issue) -> None:
        """Write one issue down as a page of its own, unless an earlier attempt of the run did."""
        with self.page() as tally:
            if not self.was_told(issue):
                tally.issue(issue)

    def was_told(self, issue: Issue) -> bool:
        """Return whether an attempt of this run that died told the same of the same record.

        What is told between two pages is told again by the attempt that takes the run up.
        """
        if self._told is None:
            self._told = run_issues.told(self.database, self.run.id)
        return (issue.code, issue.kind, issue.record_id or issue.record_name) in self._told

    def may_go_on(self) -> bool:
        """Return whether this attempt may still write."""
        return runs.is_current(self.database, self.run)

    def _hold(self) -> None:
        if not runs.hold_current(self.database, self.run):
            raise RunStopped

    def _settle(self, tally: Tally) -> None:
        """Close what earlier runs met and this page does not any more."""
        said = {(issue.kind, issue.record_id, issue.code) for issue, _, _ in tally.issues}
        for kind, ids in tally.judged.items():
            if doubtful := self._open_records(kind) & ids:
                found = run_issues.of_records(self.database, of_run(self.run), kind, doubtful)
                gone = [
                    issue
                    for issue in found
                    if issue.run_id != self.run.id
                    and (kind, issue.record_id, issue.code) not in said
                ]
                resolution = f"Run {self.run.id} found it settled."
                run_issues.close(self.database, gone, resolution, tally.now)

    def _open_records(self, kind: RecordKind) -> set[str]:
        # Read once: what else is opened meanwhile is for the next run.
        if kind not in self._open:
            self._open[kind] = run_issues.open_records(self.database, of_run(self.run), kind)
        return self._open[kind]

    def _tell(self) -> None:
        self._notify(RunChanged(self.run.scope.connection, self.run.id))
