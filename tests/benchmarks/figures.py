"""What a measurement comes to: a figure beside its goal."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from rich import box
from rich.table import Table

_MANY = 1000
"""From here on nobody counts in powers of ten."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure.

    :param goal: it is met by a figure that is not above it; None asks for nothing.
    :param at_least: the goal is met by a figure that is not below it instead.
    :param told: the absolute figures behind it, for people.
    """

    name: str
    measured: float
    goal: float | None = None
    at_least: bool = False
    unit: str = ""
    told: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the goal is met; without one it is."""
        if self.goal is None:
            return True
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal


def middle_ratio(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the median of ours ÷ theirs.

    :param pairs: ours and theirs, measured next to each other.
    """
    return median(ours / theirs for ours, theirs in pairs)


def table(figures: Iterable[Figure]) -> Table:
    """Return figures as a table."""
    shown = Table("figure", "measured", "goal", "met", "behind it", box=box.SIMPLE)
    for figure in figures:
        measured = _text(figure.measured, figure.unit)
        shown.add_row(figure.name, measured, *_verdict(figure), figure.told)
    return shown


def _verdict(figure: Figure) -> tuple[str, str]:
    if figure.goal is None:
        return "", ""
    sign = "≥" if figure.at_least else "≤"
    return f"{sign} {_text(figure.goal, figure.unit)}", "yes" if figure.is_met else "NO"


def _text(number: float, unit: str) -> str:
    shown = f"{number:,.0f}" if number >= _MANY else f"{number:.3g}"
    return f"{shown} {unit}".rstrip()
