"""Runs: what they do, did and could not do."""

from datetime import UTC, datetime
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import CancelRunRequest, GetRunRequest, ListRunsRequest, RecordKind, Run
from syncline_client import FailedPrecondition
from syncline_console import issue_list, run_states
from syncline_console.advice import Guide
from syncline_console.headers import PAGE_HEADERS
from syncline_console.notices import Notice, Tone, done
from syncline_console.people import Role
from syncline_console.records import last
from syncline_console.routing import CONNECTION, action, page
from syncline_console.run_errors import trouble
from syncline_console.standing import Standing
from syncline_console.visit import Visit

_PER_PAGE: Final = 25
_OUTCOMES: Final = {
    "active": ("Not ended yet", run_states.ACTIVE),
    "succeeded": ("Succeeded", (Run.STATE_SUCCEEDED,)),
    "issues": ("With issues", (Run.STATE_PARTIAL,)),
    "failed": ("Failed", (Run.STATE_FAILED,)),
    "cancelled": ("Cancelled", (Run.STATE_CANCELLED,)),
}
"""By what the address says."""


def show(visit: Visit) -> Response:
    """Show the connection's runs, newest first."""
    module, outcome = visit.asked("module"), visit.asked("outcome")
    _, states = _OUTCOMES.get(outcome, ("", ()))
    request = ListRunsRequest(
        parent=visit.parent,
        connection=visit.connection,
        module=module,
        states=states,
        page_size=_PER_PAGE,
        page_token=visit.asked("after"),
    )
    answer = visit.ask(visit.client.runs.ListRuns, request)
    standing = visit.standing()
    return visit.page(
        "runs.html",
        runs=[_facts(visit, standing, each) for each in answer.runs],
        modules=[each for each in standing.modules if each.kind == Node.KIND_MODULE],
        outcomes=[(key, title) for key, (title, _) in _OUTCOMES.items()],
        module=module,
        outcome=outcome,
        next_token=answer.next_page_token,
    )


def show_one(visit: Visit) -> Response:
    """Show one run with its issues."""
    run = _read(visit)
    return visit.page("run.html", **_one(visit, run, visit.standing()), **_issues(visit, run))


def show_now(visit: Visit) -> Response:
    """Send the part of a run's page that changes: what is asked for while it is active.

    Its issues come when it has ended: while there are more and more of them, each answer would read
    all of them anew. Notices that wait are left to the next page.
    """
    run = _read(visit)
    values = _one(visit, run, visit.standing())
    if run_states.is_active(run):
        body: Markup = visit.render("run_facts.html", **values)
    else:
        body = visit.render("run_now.html", **values, **_issues(visit, run))
    return HTMLResponse(body, headers=PAGE_HEADERS)


def cancel(visit: Visit) -> Response:
    """Ask a run to end."""
    here = visit.path("runs", visit.request.path_params["run"])
    try:
        run = visit.ask(visit.client.runs.CancelRun, CancelRunRequest(name=_name(visit))).run
    except FailedPrecondition as error:
        if error.reason != "RUN_ENDED":
            raise
        text = "It had ended before it could be cancelled."
        return visit.go(here, Notice(tone=Tone.INFO, text=text))
    if run.state == Run.STATE_CANCELLED:
        return visit.go(here, done("Cancelled. What it had stored stays."))
    text = "It ends as soon as it reaches a safe place. What it has stored stays."
    return visit.go(here, done("Asked to cancel.", text))


def _name(visit: Visit) -> str:
    return f"{visit.parent}/runs/{visit.request.path_params['run']}"


def _read(visit: Visit) -> Run:
    return visit.ask(visit.client.runs.GetRun, GetRunRequest(name=_name(visit))).run


def _one(visit: Visit, run: Run, standing: Standing) -> dict[str, Any]:
    """Return everything that is said of one run but its issues."""
    return {
        **_facts(visit, standing, run),
        "trouble": trouble(run, Guide(standing=standing, looker=visit.looker)),
    }


def _issues(visit: Visit, run: Run) -> dict[str, Any]:
    """Return the issues of a run, open ones alone where there are any."""
    is_open_only = visit.asked("issues") != "all" and bool(run.open_issue_count)
    return {
        "open_only": is_open_only,
        "issues": issue_list.read(visit, run.name, open_only=is_open_only, known=run.issue_count)
        if run.issue_count
        else None,
    }


def _facts(visit: Visit, standing: Standing, run: Run) -> dict[str, Any]:
    """Return what a list and a page say of a run."""
    node = standing.node(run.module)
    return {
        "run": run,
        "id": last(run.name),
        "path": visit.path("runs", last(run.name)),
        "title": node.title or run.module,
        "state": run_states.state_of(run),
        "is_of_invoices": node.record_kind == RecordKind.RECORD_KIND_INVOICE,
        "is_active": run_states.is_active(run),
        "asked": run_states.asked(run, standing.connection.provider_title),
        "counts": run_states.counted(run, node.direction),
        "done_thousandths": run_states.share(run.counts),
        "progress": run_states.handled(run.counts, node.direction),
        "lasted": run_states.lasted(run, datetime.now(UTC)),
    }


_RUN: Final = f"{CONNECTION}/runs/{{run}}"
ROUTES: Final = (
    page(f"{CONNECTION}/runs", show),
    page(_RUN, show_one),
    page(f"{_RUN}/now", show_now, is_use=False),
    action(f"{_RUN}/cancel", cancel, needs=Role.OPERATOR, back=_RUN),
)
