"""The order of tax types, and what each may be mapped to."""

from syncline.v1.mapping_pb2 import TaxMapping
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_console.tax_board import Board, board, same_rate


def mapping(tax_type: str, state: TaxMapping.State, **more: object) -> TaxMapping:
    """Return a tax type that is for sales."""
    values = {"title": tax_type, "rate": "15", "active": True, "applies_to_sales": True, **more}
    return TaxMapping(tax_type=tax_type, state=state, **values)  # type: ignore[arg-type]  # a test's own words


def code(name: str, rate: str, *, active: bool = True) -> TaxCode:
    """Return a tax code."""
    return TaxCode(name=name, code=name, display_name=name, rate=rate, active=active)


def every_state() -> Board:
    """Return a board with a tax type in each state."""
    return board(
        [
            mapping("off", TaxMapping.STATE_NOT_USED, not_used=True),
            mapping("done", TaxMapping.STATE_MAPPED, tax_code="a"),
            mapping("archived", TaxMapping.STATE_UNMAPPED, active=False),
            mapping("bought", TaxMapping.STATE_UNMAPPED, applies_to_sales=False),
            mapping("Open", TaxMapping.STATE_UNMAPPED, suggestion="b"),
            mapping("changed", TaxMapping.STATE_NEEDS_REVIEW, active=False, tax_code="old"),
        ],
        [code("b", "15.00"), code("a", "12.5"), code("old", "15", active=False)],
    )


def test_open_ones_come_first_and_those_nobody_needs_last() -> None:
    """The order is by what a person has to do, then by title, whatever its case."""
    found = every_state()

    assert [row.id for row in found.rows] == [
        "changed",
        "Open",
        "done",
        "off",
        "archived",
        "bought",
    ]
    assert found.counts() == {"open": 2, "mapped": 1, "not_used": 1, "idle": 2}
    assert found.suggested == {"Open": "b"}


def test_choices_are_by_rate() -> None:
    """Tax codes of the same rate are offered first; inactive ones only where they are mapped."""
    found = every_state()
    choices = {
        row.id: {
            label: [each.name for each in codes] for label, codes in found.choices(row).items()
        }
        for row in found.rows
    }

    assert choices["Open"] == {"Same rate": ["b"], "Other rates": ["a"]}
    assert choices["changed"] == {"Same rate": ["old"], "Other rates": []}
    assert choices["bought"] == {"Same rate": [], "Other rates": []}


def test_rates_are_numbers() -> None:
    """Zeros at the end make no difference, and digits do."""
    assert same_rate("15", "15.00")
    assert not same_rate("15", "15.0001")
    assert [row.id for row in every_state().rows if row.differs] == ["done"]
