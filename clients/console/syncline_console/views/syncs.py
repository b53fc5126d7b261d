"""Syncs: start one, watch it, and what the last one came to."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import ListRunIssuesRequest, RunIssue
from syncline_client import SynclineError
from syncline_console import sync_forms
from syncline_console.advice import Guide
from syncline_console.fragments import Fragment, Looker
from syncline_console.notices import Notice, Tone, done
from syncline_console.people import Role
from syncline_console.plans import plan_of
from syncline_console.routing import CONNECTION, action, page
from syncline_console.standing import Standing
from syncline_console.sync_card import card_of, request_id
from syncline_console.sync_forms import UnreadableFormError
from syncline_console.sync_refusals import refused_plan, refused_start
from syncline_console.visit import Visit

_PLAN_SECONDS: Final = 60.0
"""The server reads the provider for four fifths of it, and answers with what it has read."""
_COLLAPSED: Final = "_LIST_COLLAPSED"
"""How the code of the issue ends that a run leaves when most of what is known was missing."""


def _syncs(standing: Standing, looker: Looker) -> Mapping[str, Any]:
    guide = Guide(standing=standing, looker=looker)
    modules = [node for node in standing.modules if node.kind == Node.KIND_MODULE]
    return {"cards": [card_of(node, guide) for node in modules], "forms": sync_forms}


SYNCS: Final = Fragment(id="syncs", gather=_syncs)


def start(visit: Visit) -> Response:
    """Start a run of the module of the address."""
    standing = visit.standing()
    module = _module(visit, standing)
    if module is None:
        return visit.go(visit.path(), _unknown())
    try:
        request = sync_forms.request_of(visit, module)
        sync_forms.with_id(request, visit.sent("request_id"))
        run = visit.ask(visit.client.integrations.TriggerSync, request).run
    except UnreadableFormError as error:
        return visit.go(visit.path(), Notice(tone=Tone.ERROR, text=str(error)))
    except SynclineError as error:
        return visit.go(visit.path(), refused_start(error, module))
    if run.HasField("end_time"):
        text = f"{module.title} has just run."
        more = "This page was out of date; start it again if you want another run."
        return visit.go(visit.path(), Notice(tone=Tone.INFO, text=text, details=(more,)))
    return visit.go(f"{visit.path()}#sync-{module.id}", done(f"{module.title} was started."))


def show_plan(visit: Visit) -> Response:
    """Show what a run would do, without doing it."""
    standing = visit.standing()
    module = _module(visit, standing)
    if module is None:
        return visit.go(visit.path(), _unknown())
    try:
        request = sync_forms.request_of(visit, module)
        request.validate_only = True
        trigger = visit.client.integrations.TriggerSync
        plan = visit.ask(trigger, request, timeout=_PLAN_SECONDS).plan
    except UnreadableFormError as error:
        return visit.go(visit.path(), Notice(tone=Tone.ERROR, text=str(error)))
    except SynclineError as error:
        return visit.go(visit.path(), refused_plan(error, module))
    return visit.page("plan.html", standing=standing, module=module, plan=plan_of(plan))


def ask_to_believe(visit: Visit) -> Response:
    """Ask whether what the last run did not believe is true."""
    standing = visit.standing()
    module = _module(visit, standing)
    issue = _collapse(visit, module) if module else None
    organisation = standing.connection.organisation.id
    return visit.page(
        "collapsed.html",
        standing=standing,
        module=module,
        issue=issue,
        request_id=request_id(module, organisation) if module else "",
    )


def _collapse(visit: Visit, module: Node) -> RunIssue | None:
    """Return the issue of a module's last run that most was missing; None when there is none."""
    if not module.HasField("last_run"):
        return None
    request = ListRunIssuesRequest(
        parent=module.last_run.name, page_size=1000, unresolved_only=True
    )
    found = visit.ask(visit.client.runs.ListRunIssues, request).issues
    return next((each for each in found if each.code.endswith(_COLLAPSED)), None)


def _module(visit: Visit, standing: Standing) -> Node | None:
    asked = visit.request.path_params["module"]
    return next(
        (node for node in standing.modules if node.id == asked and node.kind == Node.KIND_MODULE),
        None,
    )


def _unknown() -> Notice:
    return Notice(tone=Tone.ERROR, text="There is no such sync here. Choose one below.")


_SYNC: Final = CONNECTION + "/syncs/{module}"
ROUTES: Final = (
    action(_SYNC, start, needs=Role.OPERATOR, back=CONNECTION),
    action(f"{_SYNC}/plan", show_plan, needs=Role.OPERATOR, back=CONNECTION),
    page(f"{_SYNC}/believe", ask_to_believe, needs=Role.OPERATOR),
)
