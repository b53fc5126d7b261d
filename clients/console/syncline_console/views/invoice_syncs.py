"""Pushing and refreshing invoices: what the forms of their pages start."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from starlette.responses import Response

from syncline.v1.integration_pb2 import (
    InvoicePullOptions,
    InvoicePushOptions,
    TriggerSyncRequest,
)
from syncline.v1.run_pb2 import Run
from syncline_client import Aborted, FailedPrecondition, InvalidArgument, ResourceExhausted
from syncline_console.notices import Notice, Tone, done
from syncline_console.people import Role
from syncline_console.records import last
from syncline_console.routing import CONNECTION, action
from syncline_console.sync_refusals import refused_start
from syncline_console.templates import count
from syncline_console.views.invoices import MOST_AT_ONCE, PULL, PUSH
from syncline_console.visit import Visit

_LATEST_ZONE: Final = timedelta(hours=14)
"""How far the clocks of the world are from UTC at most."""
_NO_TIME: Final = "Say since when: choose a date and a time."
_BAD_TIME: Final = "Choose a time that is at most 365 days back, and not in the future."


def push(visit: Visit) -> Response:
    """Push the chosen invoices, or with ``which=all`` every eligible one."""
    back = visit.path("invoices")
    chosen = [] if visit.sent("which") == "all" else visit.all_sent("invoice")
    if visit.sent("which") != "all" and (wrong := _wrong_choice(chosen, "push")):
        return visit.go(back, wrong)
    request = _request(visit, PUSH)
    request.invoice_push.MergeFrom(InvoicePushOptions(invoices=chosen))
    return _start(visit, request, back)


def pull(visit: Visit) -> Response:
    """Refresh linked invoices: those of a window, or with ``window=chosen`` the chosen ones."""
    back = f"{visit.path('invoices')}?list=linked"
    request = _request(visit, PULL)
    options, window = request.invoice_pull, visit.sent("window")
    options.SetInParent()
    if window == "chosen":
        chosen = visit.all_sent("invoice")
        if wrong := _wrong_choice(chosen, "refresh"):
            return visit.go(back, wrong)
        options.invoices.extend(chosen)
    elif window == "since_time":
        since = _since(visit.sent("since"), visit.sent("offset"))
        if since is None:
            return visit.go(back, _error(_NO_TIME))
        options.since_time.FromDatetime(since)
    elif window == "all_linked":
        options.MergeFrom(InvoicePullOptions(all_linked=True))
    return _start(visit, request, back)


def _since(local: str, offset: str) -> datetime | None:
    """Return the time somebody chose; None when it is none.

    :param local: of a ``datetime-local`` field, in their own zone.
    :param offset: minutes from that zone to UTC, as JavaScript's ``getTimezoneOffset`` tells them;
        empty or 0 where the page asked in UTC.
    """
    try:
        chosen = datetime.fromisoformat(local)
        minutes = timedelta(minutes=int(offset or 0))
        if chosen.tzinfo or abs(minutes) > _LATEST_ZONE:
            return None
        return chosen.replace(tzinfo=UTC) + minutes
    except (OverflowError, ValueError):
        return None


def _wrong_choice(chosen: list[str], verb: str) -> Notice | None:
    if not chosen:
        return _error(f"Choose at least one invoice to {verb}.")
    if len(set(chosen)) > MOST_AT_ONCE:
        text = f"You chose {count(len(set(chosen)), 'invoice')}. One {verb} takes at most"
        return _error(f"{text} {MOST_AT_ONCE}: choose fewer, or {verb} all of them.")
    return None


def _error(text: str) -> Notice:
    return Notice(tone=Tone.ERROR, text=text)


def _request(visit: Visit, module: str) -> TriggerSyncRequest:
    return TriggerSyncRequest(connection=visit.connection, module=module)


def _request_id(drawn: str, request: TriggerSyncRequest) -> str:
    """Return the id under which a form asks: another one for other choices.

    :param drawn: what the form was drawn with.
    :raises ValueError: that is none of ours.
    """
    return str(uuid5(UUID(drawn), request.SerializeToString(deterministic=True).hex()))


def _start(visit: Visit, request: TriggerSyncRequest, back: str) -> Response:
    """Start a run and lead to it; say why when it does not start."""
    try:
        request.request_id = _request_id(visit.sent("request_id"), request)
    except ValueError:
        return visit.go(back, _error("That form was not complete. Start it again here."))
    try:
        run = visit.ask(visit.client.integrations.TriggerSync, request).run
    except Aborted as error:
        if error.reason != "RUN_ACTIVE":
            raise
        text = "This run was already going on, so no other was started. Start again once it ends."
        notice = Notice(tone=Tone.WARNING, text=text)
        return visit.go(visit.path("runs", last(error.resource)), notice)
    except (FailedPrecondition, InvalidArgument, ResourceExhausted) as error:
        return visit.go(back, _refused(visit, request, error))
    return visit.go(visit.path("runs", last(run.name)), _started(run))


def _started(run: Run) -> Notice:
    if run.state == Run.STATE_QUEUED:
        return done("Started. This page follows it.")
    text = "That form had started this run before. Nothing was started a second time."
    return Notice(tone=Tone.INFO, text=text)


def _refused(
    visit: Visit,
    request: TriggerSyncRequest,
    error: FailedPrecondition | InvalidArgument | ResourceExhausted,
) -> Notice:
    wrong = error.violations if isinstance(error, InvalidArgument) else ()
    if any(each.field.endswith("since_time") for each in wrong):
        return _error(_BAD_TIME)
    return refused_start(error, visit.standing().node(request.module))


_INVOICES: Final = f"{CONNECTION}/invoices"
ROUTES: Final = (
    action(f"{_INVOICES}/push", push, needs=Role.OPERATOR, back=_INVOICES),
    action(f"{_INVOICES}/pull", pull, needs=Role.OPERATOR, back=f"{_INVOICES}?list=linked"),
)
