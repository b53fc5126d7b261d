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


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"Ka\xffuri", "Ka\ufffduri"),
        (rb"Ka\u0000uri", "Ka\ufffduri"),
        (rb"Ka\ud800uri", "Ka\ufffduri"),
        (rb"Ka\udc00\ud800\u0000", "Ka\ufffd\ufffd\ufffd"),
        (rb"Ka\\u0000 \\\u0000", "Ka\\u0000 \\\ufffd"),
        (rb"\ud83d\ude00\ud800", "\U0001f600\ufffd"),
        (b"Ka\x00\turi", "Ka  uri"),
        ("\u202eirua\u05d0".encode(), "\u202eirua\u05d0"),
    ],
    ids=[
        "no UTF-8",
        "NUL",
        "half a pair",
        "halves",
        "escaped",
        "a pair",
        "controls",
        "right to left",
    ],
)
def test_text_that_no_database_takes_is_read_with_replacements(sent: bytes, read: str) -> None:
    """Neither NULs nor half surrogates nor broken bytes cost a record, nor its page."""
    answer = ITEMS.decode(b'{"Items":[{"ItemID":"a","Name":"' + sent + b'"},{"ItemID":"b"}]}')

    assert [(row.id, row.name) for row in answer.rows] == [("a", read), ("b", None)]
    assert answer.bad == []


def test_a_text_without_end_loses_its_element_alone() -> None:
    """It is named by as much of it as people can read."""
    name = "x" * 100_000
    body = b'{"Items":[{"ItemID":"a","Name":"%s"},{"ItemID":"b"}]}' % name.encode()

    answer = ITEMS.decode(body)

    assert [row.id for row in answer.rows] == ["b"]
    assert [(bad.id, bad.name) for bad in answer.bad] == [("a", name[:200])]


@pytest.mark.parametrize(
    "said", [b"7", b"null", b'{"itemCount":-1}', b'{"pageCount":1e30}', b'{"pageSize":"many"}']
)
def test_counts_that_make_no_sense_are_not_said(said: bytes) -> None:
    """They spoil no record."""
    answer = ITEMS.decode(b'{"Items":[{"ItemID":"a"}],"pagination":' + said + b"}")

    assert [row.id for row in answer.rows] == ["a"]
    assert answer.pagination is None


def test_nesting_without_end_is_unreadable() -> None:
    """However deep an answer is, it is told apart from a fault of ours."""
    deep = b"[" * 100_000

    with pytest.raises(UnreadableAnswer):
        ITEMS.decode(b'{"Items":' + deep)


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
