"""The tax types of an organisation as people settle them: what comes first, and what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from syncline.v1.mapping_pb2 import TaxMapping
from syncline.v1.tax_code_pb2 import TaxCode

NOT_USED: Final = "not_used"
"""What is chosen for a tax type that is not used; an empty choice leaves it open."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One tax type, and what its mapping says."""

    mapping: TaxMapping
    code: TaxCode | None
    """What it is mapped to."""
    suggestion: TaxCode | None

    @property
    def id(self) -> str:
        """The tax type."""
        return self.mapping.tax_type

    @property
    def current(self) -> str:
        """The choice that is stored."""
        return self.mapping.tax_code or (NOT_USED if self.mapping.not_used else "")

    @property
    def is_usable(self) -> bool:
        """Whether the provider offers it for sales, so that it can stand for a tax code."""
        return self.mapping.active and self.mapping.applies_to_sales

    @property
    def needs_review(self) -> bool:
        """Whether it changed at the provider since it was mapped."""
        return self.mapping.state == TaxMapping.STATE_NEEDS_REVIEW

    @property
    def is_open(self) -> bool:
        """Whether a person has to settle it."""
        unmapped = self.mapping.state == TaxMapping.STATE_UNMAPPED
        return self.needs_review or (unmapped and self.is_usable)

    @property
    def group(self) -> str:
        """Which of :data:`GROUPS` it belongs to."""
        if self.is_open:
            return "open"
        if self.mapping.state == TaxMapping.STATE_MAPPED:
            return "mapped"
        return "not_used" if self.mapping.not_used else "idle"

    @property
    def differs(self) -> bool:
        """Whether it is mapped to a tax code of another rate."""
        return self.code is not None and not same_rate(self.code.rate, self.mapping.rate)

    def says(self, query: str) -> bool:
        """Return whether its title or key has these words, whatever their case."""
        found = f"{self.mapping.title}\n{self.id}".casefold()
        return query.casefold() in found


GROUPS: Final = {
    "open": "To settle",
    "mapped": "Mapped",
    "not_used": "Not used",
    "idle": "Not needed",
}
"""In the order in which they are listed."""
_RANKS: Final = {group: rank for rank, group in enumerate(GROUPS)}


@dataclass(frozen=True, kw_only=True)
class Board:
    """All of them, those that are open first."""

    rows: Sequence[Row]
    codes: Sequence[TaxCode]
    """The workspace's tax codes that can be chosen, by title."""

    def counts(self) -> dict[str, int]:
        """Return how many there are of each group."""
        groups = [row.group for row in self.rows]
        return {group: groups.count(group) for group in GROUPS}

    @property
    def suggested(self) -> dict[str, str]:
        """The choice that is suggested, by tax type."""
        return {row.id: row.suggestion.name for row in self.rows if row.suggestion}

    def found(self, group: str, query: str) -> list[Row]:
        """Return those of a group, of all without one, that have these words."""
        return [row for row in self.rows if group in ("", row.group) and row.says(query)]

    def choices(self, row: Row) -> dict[str, list[TaxCode]]:
        """Return the tax codes a tax type can be mapped to: of its own rate first, and others."""
        offered = list(self.codes) if row.is_usable else []
        if row.code and row.code.name not in {each.name for each in offered}:
            offered.append(row.code)
        rate = row.mapping.rate
        same = [each for each in offered if same_rate(each.rate, rate)]
        return {"Same rate": same, "Other rates": [each for each in offered if each not in same]}


def board(mappings: Iterable[TaxMapping], codes: Iterable[TaxCode]) -> Board:
    """Return the tax types of an organisation with the workspace's tax codes.

    :param codes: all of them, as inactive ones may be mapped still.
    """
    by_name: Mapping[str, TaxCode] = {each.name: each for each in codes}
    rows = [
        Row(
            mapping=each,
            code=by_name.get(each.tax_code),
            suggestion=by_name.get(each.suggestion),
        )
        for each in mappings
    ]
    rows.sort(key=lambda row: (_RANKS[row.group], row.mapping.title.casefold(), row.id))
    active = (each for each in by_name.values() if each.active)
    return Board(rows=rows, codes=sorted(active, key=lambda each: each.display_name.casefold()))


def same_rate(one: str, other: str) -> bool:
    """Return whether two percentages, as decimal strings, are equal."""
    return Decimal(one or "0") == Decimal(other or "0")
