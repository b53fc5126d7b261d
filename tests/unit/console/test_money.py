"""Amounts as people read them."""

import pytest

from syncline_console.money import differing, figure, money


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1234567.50", "1,234,567.50 NZD"),
        ("0.00", "0.00 NZD"),
        ("-1500.25", "-1,500.25 NZD"),
        ("12345678901234567890.01", "12,345,678,901,234,567,890.01 NZD"),
        ("7", "7.00 NZD"),
        ("0.1234", "0.1234 NZD"),
        ("1E+3", "1,000.00 NZD"),
        ("", ""),
        ("NaN", "NaN NZD"),
        ("<b>", "<b> NZD"),
    ],
)
def test_amount_is_shown_to_the_last_digit(amount: str, shown: str) -> None:
    """Thousands are apart, two decimals stand, no digit is lost; what is no number stays."""
    assert money(amount, "NZD") == shown


def test_amount_without_a_currency() -> None:
    """Where none is known none is shown."""
    assert money("1200.5") == "1,200.50"


@pytest.mark.parametrize(
    ("quantity", "shown"), [("5.0000", "5"), ("1250.5000", "1,250.5"), ("0", "0"), ("some", "some")]
)
def test_figure_has_no_zeros_that_say_nothing(quantity: str, shown: str) -> None:
    """Zeros at the end of decimals go."""
    assert figure(quantity) == shown


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        ("12.00", "12.00 NZD more"),
        ("-0.50", "0.50 NZD less"),
        ("0.00", ""),
        ("-0.00", ""),
        ("", ""),
    ],
)
def test_difference_is_in_words(difference: str, said: str) -> None:
    """More or less, and nothing where there is none."""
    assert differing(difference, "NZD") == said
