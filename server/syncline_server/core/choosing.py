"""Which organisation a completed consent connects, or which a person may choose from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from syncline_sdk import Organisation


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a consent came to: one taken, several to choose from, or none."""

    taken: Organisation | None = None
    candidates: tuple[Organisation, ...] = ()
    held: tuple[Organisation, ...] = ()
    """What could have been connected if other workspaces did not hold it."""


def choose(reached: Sequence[Organisation], held_elsewhere: Collection[str]) -> Choice:
    """Decide by what was approved just now, else leave the choice to a person.

    A provider may not mark an organisation that is approved a second time, so where none is marked
    all that the person reaches and no other workspace holds are candidates. Never decided by order
    or age: the list may name organisations that other workspaces connected.

    :param reached: every organisation the person's grant reaches.
    :param held_elsewhere: ids that connections of other workspaces hold.
    """
    approved = tuple(each for each in reached if each.approved_now)
    if len(approved) == 1:
        held = approved[0].id in held_elsewhere
        return Choice(held=approved) if held else Choice(taken=approved[0])
    if approved:
        return Choice(candidates=approved)
    free = tuple(each for each in reached if each.id not in held_elsewhere)
    return Choice(candidates=free) if free else Choice(held=tuple(reached))
