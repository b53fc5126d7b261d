"""What a person is told when a sync cannot be started or planned, and what to do then."""

from dataclasses import replace

from syncline.v1.integration_pb2 import Node
from syncline_client import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    SynclineError,
)
from syncline_client.errors import DeadlineExceeded
from syncline_console.notices import BUSY, Notice, Tone, again, refusal


def refused_start(error: SynclineError, module: Node) -> Notice:
    """Return why a module was not started, or what it would do was not found out."""
    title = module.title
    if isinstance(error, FailedPrecondition):
        return _blocked(error, title)
    if isinstance(error, ResourceExhausted):
        return _too_early(error, title)
    if isinstance(error, InvalidArgument):
        return _malformed(error, module)
    return _missed(error, title) or refusal(error)


def refused_plan(error: SynclineError, module: Node) -> Notice:
    """Return why it was not found out what a module would do. See :func:`refused_start`."""
    if isinstance(error, DeadlineExceeded):
        text = f"Finding out what {module.title} would do took longer than a minute."
        return _warning(text, "Nothing was changed. Try again later, or start it.")
    return refused_start(error, module)


def _blocked(error: FailedPrecondition, title: str) -> Notice:
    if error.reason == "NOT_PLANNABLE":  # nothing is wrong
        return replace(refusal(error), tone=Tone.INFO)
    if error.reason == "PROVIDER_REFUSED" or not error.blockers:
        return refusal(error)
    steps = tuple(each.description for each in error.blockers)
    return Notice(tone=Tone.ERROR, text=f"{title} cannot start yet.", details=steps)


def _missed(error: SynclineError, title: str) -> Notice | None:
    """Return what is told where something has changed since the page was drawn."""
    match error.reason:
        case "RUN_ACTIVE" if isinstance(error, Aborted):
            text = f"{title} is running already (run {error.resource.rpartition('/')[2]})."
            return _warning(text, "Wait until it has ended, or cancel it.")
        case "REQUEST_ID_REUSED":
            return _warning("This page was out of date. Nothing was started; start it again.")
        case "RESOURCE_NOT_FOUND":
            return Notice(tone=Tone.ERROR, text=f"There is no sync called {title} any more.")
    return None


def _too_early(error: ResourceExhausted, title: str) -> Notice:
    then = again(error)
    if error.reason == "COOLDOWN":
        return _warning(f"{title} was started a moment ago.", then)
    if error.reason == "QUOTA":
        return _warning("Others are finding out what a sync would do right now.", then)
    return _warning(BUSY, then)


def _malformed(error: InvalidArgument, module: Node) -> Notice:
    titles = {spec.id: spec.title for spec in module.options}
    fields = tuple(
        f"{titles.get(each.field.rpartition('.')[2], each.field)}: {each.description}"
        for each in error.violations
    )
    return Notice(tone=Tone.ERROR, text=f"{module.title} was not started.", details=fields)


def _warning(text: str, *details: str) -> Notice:
    return Notice(tone=Tone.WARNING, text=text, details=details)
