"""Dates, JSON text, codec, switches, configuration: the small pure parts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_xero_simulator.clock import SimulatorClock, system_time
from syncline_xero_simulator.codec import DecodeError, decode, encode
from syncline_xero_simulator.config import Country, OrganisationSpec, parse_organisation
from syncline_xero_simulator.minting import Mint, derived_id
from syncline_xero_simulator.switches import GateOrder, Switches
from syncline_xero_simulator.wire.dates import (
    bare_instant,
    calendar,
    instant,
    instant_text,
    read_day,
    seven_digits,
    whole_milliseconds,
)
from syncline_xero_simulator.wire.json_text import UnreadableJsonError, read_json, write_json

_MOMENT = datetime(2026, 10, 1, 2, 11, 9, 516540, tzinfo=UTC)


def test_instants_have_their_forms() -> None:
    """Milliseconds with and without offset, seconds with Z, seven digits without zone."""
    assert instant(_MOMENT) == "/Date(1790820669516+0000)/"
    assert bare_instant(_MOMENT) == "/Date(1790820669516)/"
    assert instant_text(_MOMENT) == "2026-10-01T02:11:09Z"
    assert seven_digits(_MOMENT) == "2026-10-01T02:11:09.5165400"
    assert whole_milliseconds(_MOMENT).microsecond == 516000


def test_dates_before_the_epoch_are_negative() -> None:
    """Nothing is cut towards zero."""
    assert calendar(date(1969, 12, 31)) == "/Date(-86400000+0000)/"
    assert (
        instant(datetime(1970, 1, 1, tzinfo=UTC) - timedelta(milliseconds=1)) == "/Date(-1+0000)/"
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-01", date(2026, 10, 1)),
        ("2026-10-01T00:00:00", date(2026, 10, 1)),
        ("2026-10-01T00:00:00+13:00", date(2026, 9, 30)),
        ("/Date(1790812800000+0000)/", date(2026, 10, 1)),
    ],
)
def test_sent_dates_are_read_as_xero_reads_them(text: str, day: date) -> None:
    """A zoned time becomes the day it is in UTC."""
    assert day == read_day(text)


def test_json_keeps_decimals_and_escapes_slashes() -> None:
    """Trailing zeros stay, `/` is escaped, texts stay texts."""
    value = {"a": Decimal("40.00"), "b": 'x/y \u00e9 "q"', "c": [Decimal("1E+2"), None, True]}

    assert write_json(value) == '{"a":40.00,"b":"x\\/y \u00e9 \\"q\\"","c":[100,null,true]}'


# NUL and halves of surrogate pairs are refused; see below.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
        max_leaves=10,
    )
)
def test_what_is_written_can_be_read(value: object) -> None:
    """Any value comes back unchanged."""
    assert value == read_json(write_json(value))


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", '{"a": Infinity}', '"\\u0000"', '"\ud800"', "[" * 100_000]
)
def test_unreadable_json_is_refused(text: str) -> None:
    """No exception of the parser gets out, however odd the text is."""
    with pytest.raises(UnreadableJsonError):
        read_json(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    amount: Decimal
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    country: Country
    leaves: tuple[_Leaf, ...]
    moment: datetime
    known: bool = False


def test_records_survive_encoding() -> None:
    """Nested records, enums, decimals, dates and missing values come back equal."""
    leaves = (_Leaf(amount=Decimal("1.50")), _Leaf(amount=Decimal(0), day=date(2026, 1, 1)))
    tree = _Tree(country=Country.AU, leaves=leaves, moment=_MOMENT, known=True)

    assert tree == decode(_Tree, encode(tree))


@pytest.mark.parametrize(
    "change",
    [{"country": "XX"}, {"leaves": [{"amount": "x"}]}, {"known": 1}, {"extra": 1}, {"moment": 5}],
)
def test_a_record_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    """Whatever is wrong, it is one kind of error."""
    tree = _Tree(country=Country.AU, leaves=(), moment=_MOMENT)

    with pytest.raises(DecodeError):
        decode(_Tree, {**encode(tree), **change})


def test_switches_take_values_of_their_kind() -> None:
    """Enums come as their texts."""
    changed = Switches().change({"gate_order": "scope-tenant-limits", "denial_error": "no"})

    assert (changed.gate_order, changed.denial_error) == (GateOrder.SCOPE_TENANT_LIMITS, "no")


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("Harbour", OrganisationSpec(name="Harbour")),
        (
            "Big Ltd:au:contacts=5:items=0:invoices=2:demo",
            OrganisationSpec(
                name="Big Ltd", country=Country.AU, contacts=5, items=0, invoices=2, demo=True
            ),
        ),
        ("Tea Ltd:UK", OrganisationSpec(name="Tea Ltd", country=Country.UK)),
    ],
)
def test_organisations_are_read_from_the_command_line(text: str, spec: OrganisationSpec) -> None:
    """Name first, the rest in any order."""
    assert spec == parse_organisation(text)


@pytest.mark.parametrize("text", ["", ":NZ", "A:XX", "A:contacts=many", "A:contacts", "A:x=1"])
def test_an_unreadable_organisation_is_refused(text: str) -> None:
    """The message names the part."""
    with pytest.raises(ValueError, match=r"cannot read|needs a name"):
        parse_organisation(text)


def test_ids_are_reproducible_and_distinct() -> None:
    """Equal salts give equal ids, other salts and further calls others."""
    first, second = Mint("a"), Mint("a")

    assert first.guid() == second.guid() != Mint("b").guid()
    assert first.token() != first.token()
    assert derived_id("x", 1) == derived_id("x", 1)


def test_the_real_clock_is_aware() -> None:
    """Without a source the clock tells real time in UTC."""
    clock = SimulatorClock()
    clock.advance(3600)

    assert timedelta(minutes=59) < clock.now() - system_time() < timedelta(minutes=61)
    clock.wait(0)
