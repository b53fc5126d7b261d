"""How the story looks in a terminal, and in a file where there is none."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from syncline_client import FailedPrecondition, ResourceExhausted, SynclineError

_INDENT = "   "
_STEP_SECONDS = 0.2


class Stage:
    """Prints acts, lines, refusals, bars and tables.

    :param out: where to; bars move only in a terminal.
    """

    def __init__(self, out: Console) -> None:
        self._out = out
        self._acts = 0

    def act(self, title: str) -> None:
        """Begin the next part."""
        self._acts += 1
        self._out.print(Text.assemble("\n", (f"{self._acts:>2} ", "cyan"), (title, "bold")))

    def say(self, *lines: str, style: str = "") -> None:
        """Print plain lines."""
        for line in lines:
            self._out.print(Text(_INDENT + line, style=style))

    def done(self, line: str) -> None:
        """Print what was achieved."""
        self._out.print(Text.assemble(_INDENT, ("✓ ", "green"), line))

    def refused(self, error: SynclineError) -> None:
        """Print a refusal: code and reason, and everything that stands in the way."""
        blockers = error.blockers if isinstance(error, FailedPrecondition) else ()
        code = f"{error.code.name} {error.reason}"
        said = "" if blockers else f" {error.message}"  # the message repeats what blockers say
        self._out.print(Text.assemble(_INDENT, ("✗ ", "yellow"), (code, "yellow"), said))
        for blocker in blockers:
            self.say(f"  - {blocker.subject}: {blocker.description}")
        if isinstance(error, ResourceExhausted) and error.retry_after is not None:
            self.say(f"  - time left: {error.retry_after.total_seconds():.1f} s")

    def table(self, title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table; every column but the first is aligned right."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for place, name in enumerate(head):
            table.add_column(name, justify="right" if place else "left")
        for row in rows:
            table.add_row(*row)
        self._out.print()
        self._out.print(table)

    @contextmanager
    def bars(self) -> Iterator[Progress]:
        """Show progress bars while inside."""
        columns = (
            TextColumn(_INDENT + "{task.description:<24}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=self._out) as progress:
            yield progress

    def count_down(self, why: str, left: timedelta) -> None:
        """Wait, and show how long is left."""
        seconds = max(left.total_seconds(), 0) + _STEP_SECONDS
        with self.bars() as bars:
            task = bars.add_task(why, total=round(seconds), note="")
            end = time.monotonic() + seconds
            while (rest := end - time.monotonic()) > 0:
                bars.update(task, completed=round(seconds - rest), note=f"{rest:.0f} s left")
                time.sleep(min(_STEP_SECONDS, rest))
            bars.update(task, completed=round(seconds), note="")
