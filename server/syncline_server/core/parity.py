"""Whether what is here is what a provider has: figures of both sides, and what differs."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_NAMED: Final = 20
"""Records that one difference names at most."""
REPAIR: Final = (
    "Run this module with full_read. If it differs after that as well, look at the module's issues."
)


@dataclass(frozen=True)
class Difference:
    """One figure that is not the same on both sides."""

    subject: str
    """What was counted or added up, in plain words."""
    local: str
    provider: str
    ids: tuple[str, ...] = ()
    """The provider's ids of records that differ; the first 20."""
    titles: tuple[str, ...] = ()
    """What people call those."""


@dataclass(frozen=True, kw_only=True)
class Parity:
    """What the newest comparison found."""

    check_time: datetime
    compared: int
    """How many records were compared one by one."""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Records of both sides, each by the provider's id, with something that tells its content."""

    noun: str
    """What the records are called, in the plural, with a capital."""
    here: Mapping[str, object]
    """Those to be found at the provider; None as content where it is to be read anew anyway."""
    there: Mapping[str, object]
    """Those the provider has."""
    left_out: Collection[str] = ()
    """Ids that say nothing: changed at the provider since the last run, or unreadable there."""
    complete: bool = False
    """Whether the provider has no others, so that those it has should all be here."""

    @property
    def compared(self) -> list[str]:
        """The records that are on both sides and have a content to compare, by id."""
        return [
            id_
            for id_, content in self.here.items()
            if content is not None and id_ in self.there and id_ not in self.left_out
        ]


def differences(sides: Sides) -> list[Difference]:
    """Return what differs record by record."""
    left_out = frozenset(sides.left_out)
    here, there = sides.here.keys() - left_out, sides.there.keys() - left_out
    unlike = [id_ for id_ in sides.compared if sides.here[id_] != sides.there[id_]]
    found = [
        _fewer(f"{sides.noun} here that the provider has", len(here), sorted(here - there)),
        _fewer(f"{sides.noun} with the same values", len(sides.compared), unlike),
    ]
    if sides.complete:
        extra = sorted(there - here)
        subject = f"{sides.noun} of the provider"
        found.append(_figures(subject, len(there) - len(extra), len(there), extra))
    return [each for each in found if each is not None]


def counted(subject: str, local: int, bounds: tuple[int, int], provider: int) -> list[Difference]:
    """Return the difference of a count, if there is one.

    :param local: the count here.
    :param bounds: the least and the most that is as good.
    """
    least, most = bounds
    return [] if least <= provider <= most else [Difference(subject, str(local), str(provider))]


def added_up(
    subject: str, local: Mapping[str, object], provider: Mapping[str, object]
) -> list[Difference]:
    """Return which sums differ.

    :param subject: what was added up; the key follows it.
    """
    return [
        Difference(f"{subject} {key}", str(local.get(key, 0)), str(provider.get(key, 0)))
        for key in sorted(local.keys() | provider.keys())
        if local.get(key, 0) != provider.get(key, 0)
    ]


def titled(found: Collection[Difference], title: Callable[[str], str]) -> tuple[Difference, ...]:
    """Return differences with what people call their records."""
    return tuple(
        Difference(each.subject, each.local, each.provider, each.ids, tuple(map(title, each.ids)))
        for each in found
    )


def _fewer(subject: str, looked_at: int, lacking: list[str]) -> Difference | None:
    return _figures(subject, looked_at, looked_at - len(lacking), lacking)


def _figures(subject: str, local: int, provider: int, ids: list[str]) -> Difference | None:
    if not ids:
        return None
    return Difference(subject, str(local), str(provider), tuple(ids[:MOST_NAMED]))
