"""The issues of one run or of a whole workspace, as a page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from syncline.v1.run_pb2 import ListRunIssuesRequest, RecordKind, RunIssue
from syncline_console.fixes import Group, Way, advice, grouped, noun, of_issue
from syncline_console.people import Role
from syncline_console.records import Records
from syncline_console.visit import Visit

MOST: Final = 1000
"""Issues that are read at once, which is as many as the API gives."""
_CHEAP: Final = 100
"""As many as count as one call of the API."""
_PER_PAGE: Final = 25
_MOST_CANDIDATES: Final = 4


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One issue, with where it is settled."""

    issue: RunIssue
    id: str
    """Of its element."""
    run: str
    """Id of the run that met it."""
    noun: str
    """What kind of record it is about."""
    invoice: str
    """Id of the invoice it is about; empty when it is about none."""
    advice: str
    way: Way | None
    candidates: list[str]
    """What people call the records that fit."""
    more_candidates: int

    @property
    def is_open(self) -> bool:
        """Whether nothing has settled it yet."""
        return not self.issue.HasField("resolve_time")


@dataclass(frozen=True, kw_only=True)
class Issues:
    """A page of them."""

    shown: list[Shown]
    groups: list[Group]
    """All that were read, by what is wrong; empty where that would say nothing new."""
    code: str
    """The one code that is shown; empty: all."""
    first: int
    """How many come before this page."""
    total: int
    """How many there are of what is shown."""
    older: str
    """Where the API goes on behind those that were read; empty at the end."""

    @property
    def next_first(self) -> int:
        """Where the next page begins; 0 on the last."""
        behind = self.first + len(self.shown)
        return behind if behind < self.total else 0

    @property
    def previous_first(self) -> int:
        """Where the page before begins."""
        return max(self.first - _PER_PAGE, 0)


def read(visit: Visit, parent: str, *, open_only: bool, known: int = MOST) -> Issues:
    """Return the page of issues that the address asks for (``code``, ``from``, ``after``).

    :param parent: resource name of a run, or ``workspaces/{workspace}/runs/-``.
    :param known: how many there are at most, as far as is known.
    """
    request = ListRunIssuesRequest(
        parent=parent,
        page_size=_CHEAP if known <= _CHEAP else MOST,
        page_token=visit.asked("after"),
        unresolved_only=open_only,
    )
    answer = visit.ask(visit.client.runs.ListRunIssues, request)
    codes = ((each.code, each.record_kind) for each in answer.issues)
    groups = grouped(codes, visit.path, may_settle=visit.may(Role.OPERATOR))
    code = visit.asked("code")
    wanted = [each for each in answer.issues if code in ("", each.code)]
    first = beginning(visit)
    return Issues(
        shown=list(_shown(visit, wanted[first : first + _PER_PAGE])),
        groups=groups if code or len(answer.issues) > len(groups) else [],
        code=code,
        first=first,
        total=len(wanted),
        older=answer.next_page_token,
    )


def beginning(visit: Visit) -> int:
    """Return how many come before the page that the address asks for."""
    asked = visit.asked("from")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= len("1000") else 0


def _shown(visit: Visit, issues: list[RunIssue]) -> Iterator[Shown]:
    records = Records(visit)
    for issue in issues:
        _, _, _, run, _, number = issue.name.split("/")
        named = issue.candidates[:_MOST_CANDIDATES]
        yield Shown(
            issue=issue,
            id=f"issue-{run}-{number}",
            run=run,
            noun=noun(issue.record_kind).capitalize(),
            invoice=issue.record_id if issue.record_kind == RecordKind.RECORD_KIND_INVOICE else "",
            advice=advice(issue.code, issue.action),
            way=of_issue(issue, visit.path, may_settle=visit.may(Role.OPERATOR)),
            candidates=[records.title(each) for each in named],
            more_candidates=len(issue.candidates) - len(named),
        )
