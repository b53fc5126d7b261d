from decimal import Decimal

import pytest

from syncline_server.rpc.messages.amount import cents, plain


@pytest.mark.parametrize(
    ("number", "text"),
    [("15.0000", "15"), ("12.50", "12.5"), ("1E+3", "1000"), ("0.0001", "0.0001"), ("100", "100")],
)
def test_numbers_are_plain(number: str, text: str) -> None:
    """No exponent, no needless zeros."""
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [("1", "1.00"), ("1.5", "1.50"), ("1.500", "1.50"), ("10.005", "10.005"), ("-3", "-3.00")],
)
def test_money_has_two_decimals_or_more(number: str, text: str) -> None:
    """Amounts have two decimals; a price that has more keeps them."""
    assert cents(Decimal(number)) == text


def test_nothing_is_empty() -> None:
    """None is the empty text."""
    assert plain(None) == cents(None) == ""
