"""Triggering runs and following them with bars."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from rich.progress import Progress, TaskID

from syncline.v1.run_pb2 import Run
from syncline_client import Aborted, ResourceExhausted, SynclineError
from syncline_demo.story.cast import Cast
from syncline_demo.story.errors import StoryError

_GOOD_ENDS = (Run.STATE_SUCCEEDED, Run.STATE_PARTIAL)
_SHOWN_ISSUES = 3


def run(cast: Cast, *modules: str) -> list[Run]:
    """Run modules side by side, waiting out cooldowns; return the runs as they ended.

    :raises StoryError: one did not reach its end.
    """
    started = [_trigger(cast, module) for module in modules]
    ended = _follow_all(cast, started)
    for one in ended:
        _report(cast, one)
    return ended


def refusal(what: str, call: Callable[[], object]) -> SynclineError:
    """Return what a call is refused with; raise :class:`StoryError` if it is not refused."""
    try:
        call()
    except SynclineError as error:
        return error
    raise StoryError(f"The server accepted {what}, which it should have refused.")


def _trigger(cast: Cast, module: str) -> Run:
    try:
        return _trigger_behind(cast, module)
    except ResourceExhausted as error:
        if error.retry_after is None:
            raise
        cast.stage.count_down(f"{module} cools down", error.retry_after)
        return _trigger_behind(cast, module)


def _trigger_behind(cast: Cast, module: str) -> Run:
    """Trigger a module when the runs that webhooks started before have ended."""
    while True:
        try:
            return cast.workspace.trigger(module)
        except Aborted as error:
            for _ in cast.workspace.watch(Run(name=error.resource)):
                pass


def _follow_all(cast: Cast, runs: Sequence[Run]) -> list[Run]:
    with cast.stage.bars() as bars, ThreadPoolExecutor(len(runs)) as threads:
        tasks = [bars.add_task(run.module, total=None, note="queued") for run in runs]
        following = [
            threads.submit(_follow, cast, run, bars, task)
            for run, task in zip(runs, tasks, strict=True)
        ]
        return [future.result() for future in following]


def _follow(cast: Cast, run: Run, bars: Progress, task: TaskID) -> Run:
    for now in cast.workspace.watch(run):
        run = now
        done = max(run.counts.fetched, run.counts.created + run.counts.failed)
        note = run.wait_reason or Run.State.Name(run.state).removeprefix("STATE_").lower()
        bars.update(task, completed=done, total=run.counts.total or None, note=note)
    bars.update(task, total=run.counts.total or run.counts.fetched or 1)
    return run


def _report(cast: Cast, run: Run) -> None:
    if run.state not in _GOOD_ENDS:
        why = run.error.message or Run.State.Name(run.state)
        raise StoryError(f"The run of {run.module} did not succeed: {why}")
    counts = run.counts
    cast.stage.done(
        f"{run.module}: {counts.fetched} fetched, {counts.created} created,"
        f" {counts.updated} updated, {counts.unchanged} unchanged, {counts.skipped} left out,"
        f" {run.issue_count} issues"
    )
    for issue in cast.workspace.issues(run)[:_SHOWN_ISSUES] if run.issue_count else ():
        cast.stage.say(f"  ! {issue.record_name}: {issue.message} {issue.action}", style="yellow")
