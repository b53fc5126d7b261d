from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_sdk import LineAmounts
from syncline_server.core import money
from syncline_server.core.money import Amount

NUMBERS = st.decimals(-999_999_999, 999_999_999, places=4)
RATES = st.decimals(0, 100, places=4)
CENTS = st.decimals(-999_999_999, 999_999_999, places=2)


def exact(number: Fraction) -> Decimal:
    """Return a fraction in cents, half away from zero, by integers alone."""
    cents = abs(number) * 100
    whole = (cents.numerator * 2 + cents.denominator) // (cents.denominator * 2)
    return Decimal(whole if number >= 0 else -whole).scaleb(-2)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.0049999", "1.00"), ("2.5", "2.50")],
)
def test_half_a_cent_rounds_away_from_zero(amount: str, cents: str) -> None:
    """A tie goes away from zero on both sides."""
    assert money.to_cents(Decimal(amount)) == Decimal(cents)


@pytest.mark.parametrize(("number", "places"), [("1.50", 1), ("100", 0), ("0.0001", 4), ("0", 0)])
def test_places_are_those_a_number_needs(number: str, places: int) -> None:
    """Trailing zeros need no place."""
    assert money.places(Decimal(number)) == places


@given(quantity=NUMBERS, price=NUMBERS, discount=st.decimals(0, 100, places=2))
def test_line_amount_is_exact_before_it_is_rounded(
    quantity: Decimal, price: Decimal, discount: Decimal
) -> None:
    """Nothing is rounded but the result, however many digits it has."""
    whole = Fraction(quantity) * Fraction(price) * (100 - Fraction(discount)) / 100

    assert money.line_amount(quantity, price, discount) == exact(whole)


@given(amount=CENTS, rate=RATES)
def test_tax_on_top_is_exact(amount: Decimal, rate: Decimal) -> None:
    """Exclusive tax is the rate of the amount, rounded once."""
    tax = money.tax_amount(amount, rate, LineAmounts.EXCLUSIVE)

    assert tax == exact(Fraction(amount) * Fraction(rate) / 100)


@given(amount=CENTS, rate=RATES)
def test_tax_within_is_exact(amount: Decimal, rate: Decimal) -> None:
    """Inclusive tax is the part of the amount that is tax, rounded once."""
    tax = money.tax_amount(amount, rate, LineAmounts.INCLUSIVE)

    assert tax == exact(Fraction(amount) * Fraction(rate) / (100 + Fraction(rate)))


def test_tax_is_rounded_line_by_line() -> None:
    """Three lines of odd cents bring less tax than their sum would."""
    lines = [Decimal(text) for text in ("10.03", "10.05", "10.09")]
    amounts = [
        Amount(line, money.tax_amount(line, Decimal(15), LineAmounts.EXCLUSIVE)) for line in lines
    ]

    totals = money.totals(amounts, LineAmounts.EXCLUSIVE)

    assert totals == (Decimal("30.17"), Decimal("4.52"), Decimal("34.69"))


@given(lines=st.lists(st.tuples(CENTS, RATES), max_size=5), kind=st.sampled_from(LineAmounts))
def test_total_is_subtotal_and_tax(lines: list[tuple[Decimal, Decimal]], kind: LineAmounts) -> None:
    """The three sums agree, and an inclusive total is the sum of the lines."""
    amounts = [Amount(line, money.tax_amount(line, rate, kind)) for line, rate in lines]

    totals = money.totals(amounts, kind)

    assert totals.total == totals.subtotal + totals.total_tax
    if kind is not LineAmounts.EXCLUSIVE:
        assert totals.total == sum(line for line, _ in lines)
