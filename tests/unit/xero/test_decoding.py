from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_xero import wire
from syncline_xero.decoding import Element, ListDecoder, UnreadableAnswer

ITEMS = ListDecoder(wire.Item, Element(id_key="ItemID", name_key="Name"))


def test_one_malformed_element_does_not_lose_its_page() -> None:
    """Neighbours of an element that cannot be decoded are read, and it is named."""
    body = (
        b'{"Items":[{"ItemID":"a","Code":"A"},{"ItemID":"b","Name":"Bad","Code":7},'
        b'3,null,{"ItemID":"c"}]}'
    )

    answer = ITEMS.decode(body)

    assert [row.id for row in answer.rows] == ["a", "c"]
    assert [(bad.id, bad.name) for bad in answer.bad] == [("b", "Bad"), ("", ""), ("", "")]
    assert answer.size == 5


def test_an_element_with_broken_text_is_reported_without_its_name() -> None:
    """Bytes that are no UTF-8 lose the one element they are in."""
    answer = ITEMS.decode(b'{"Items":[{"ItemID":"a","Name":"\xff"},{"ItemID":"b"}]}')

    assert [row.id for row in answer.rows] == ["b"]
    assert [bad.id for bad in answer.bad] == [""]


@pytest.mark.parametrize(
    "body",
    [b"", b"<Response/>", b'{"Items":[{"ItemID":"a"', b"[]", b'{"Status":"OK"}', b'{"Items":3}'],
    ids=["empty", "xml", "cut off", "bare list", "no list", "no list but a number"],
)
def test_an_answer_without_a_list_is_unreadable(body: bytes) -> None:
    """What is not the list that was asked for raises, instead of being taken for an empty one."""
    with pytest.raises(UnreadableAnswer):
        ITEMS.decode(body)


def test_unknown_members_and_values_are_tolerated() -> None:
    """Members and enumeration values Xero adds later change nothing; null is as good as omitted."""
    body = b'{"New":1,"Items":[{"ItemID":"a","Mood":{"x":[1]},"Code":null,"IsSold":"true"}]}'

    row = ITEMS.decode(body).rows[0]

    assert (row.id, row.code, row.is_sold) == ("a", None, True)


def test_an_unreadable_answering_time_counts_as_none() -> None:
    """A time stamp that makes no sense loses the watermark, not the page."""
    answer = ITEMS.decode(b'{"DateTimeUTC":"soon","Items":[]}')

    assert answer.answered is None


@settings(deadline=None)  # the machine may be busy
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.booleans())
def test_numbers_keep_every_digit(number: Decimal, quoted: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
    """A number is read digit by digit, whether it comes as a number or as a string."""
    text = f'"{number:f}"' if quoted else f"{number:f}"
    body = f'{{"Items":[{{"SalesDetails":{{"UnitPrice":{text}}}}}]}}'.encode()

    sales = ITEMS.decode(body).rows[0].sales

    assert sales is not None
    assert str(sales.unit_price) == f"{number:f}"
