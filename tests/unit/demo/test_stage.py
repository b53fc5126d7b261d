import io
from datetime import timedelta

import grpc
from rich.console import Console

from syncline_client import Blocker, FailedPrecondition, ResourceExhausted
from syncline_client.errors import Explanation
from syncline_demo.story.stage import Stage


def staged() -> tuple[Stage, io.StringIO]:
    """Return a stage that prints into a text, as into a file."""
    text = io.StringIO()
    return Stage(Console(file=text, highlight=False, soft_wrap=True, width=120)), text


def test_a_refusal_shows_every_blocker() -> None:
    """Code and reason first, then what stands in the way, each with what to do."""
    stage, text = staged()
    blockers = (
        Blocker(reason="PREREQUISITE_INCOMPLETE", subject="contacts", description="Run Contacts."),
        Blocker(reason="PREREQUISITE_INCOMPLETE", subject="items", description="Run Items."),
    )
    stage.refused(
        FailedPrecondition(
            Explanation(
                code=grpc.StatusCode.FAILED_PRECONDITION,
                message="Not now.",
                reason="PREREQUISITE_INCOMPLETE",
                metadata={},
                blockers=blockers,
            )
        )
    )
    shown = text.getvalue()
    assert "FAILED_PRECONDITION PREREQUISITE_INCOMPLETE" in shown
    assert "- contacts: Run Contacts." in shown
    assert "- items: Run Items." in shown


def test_a_cooldown_shows_the_time_left() -> None:
    """Seconds with one decimal."""
    stage, text = staged()
    explanation = Explanation(
        code=grpc.StatusCode.RESOURCE_EXHAUSTED,
        message="Too early.",
        reason="COOLDOWN",
        metadata={},
        retry_after=timedelta(seconds=4.25),
    )
    stage.refused(ResourceExhausted(explanation))
    assert "time left: 4.2 s" in text.getvalue()


def test_square_brackets_are_printed_as_they_are() -> None:
    """Names from outside are no markup."""
    stage, text = staged()
    stage.act("[red]")
    stage.say("[bold]")
    stage.done("[link]")
    assert [line.split()[-1] for line in text.getvalue().split("\n") if line] == [
        "[red]",
        "[bold]",
        "[link]",
    ]


def test_without_a_terminal_bars_leave_plain_lines() -> None:
    """A file gets the end of each bar and no control characters."""
    stage, text = staged()
    with stage.bars() as bars:
        task = bars.add_task("contacts", total=2, note="")
        bars.update(task, completed=2, note="succeeded")
    assert "2/2" in text.getvalue()
    assert "\x1b" not in text.getvalue()
