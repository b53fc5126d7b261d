from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_xero.dates import as_http_time, parse_day, parse_instant

LOCAL_NOON = datetime(2026, 10, 1, 12, tzinfo=timezone(timedelta(hours=13)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1790831469000+0000)/", datetime(2026, 10, 1, 5, 11, 9, tzinfo=UTC)),
        ("/Date(1790831469000)/", datetime(2026, 10, 1, 5, 11, 9, tzinfo=UTC)),
        ("/Date(1790831469000+1300)/", datetime(2026, 10, 1, 5, 11, 9, tzinfo=UTC)),
        ("/Date(0+0000)/", datetime(1970, 1, 1, tzinfo=UTC)),
        ("/Date(-1565568000000+0000)/", datetime(1920, 5, 23, tzinfo=UTC)),
        ("2026-10-01T02:11:09.5165400", datetime(2026, 10, 1, 2, 11, 9, 516540, tzinfo=UTC)),
        ("2026-10-01T02:11:09Z", datetime(2026, 10, 1, 2, 11, 9, tzinfo=UTC)),
        ("2026-10-01T02:11:09+02:00", datetime(2026, 10, 1, 0, 11, 9, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_every_form_xero_writes(text: str, expected: datetime) -> None:
    """Milliseconds are UTC whatever offset stands beside them, and zoneless ISO texts are UTC."""
    assert parse_instant(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1790812800000+0000)/", date(2026, 10, 1)),
        ("/Date(1790812800000)/", date(2026, 10, 1)),
        ("/Date(1790812800000-0500)/", date(2026, 10, 1)),
        ("/Date(1790766000000+1300)/", date(2026, 10, 1)),
        ("/Date(1790830800000-0500)/", date(2026, 10, 1)),
        ("/Date(-1565568000000+0000)/", date(1920, 5, 23)),
        ("2026-10-01T00:00:00", date(2026, 10, 1)),
        ("2026-10-01", date(2026, 10, 1)),
    ],
)
def test_calendar_dates_keep_their_day(text: str, expected: date) -> None:
    """A calendar date is the day of UTC midnight, or of the local midnight its offset names."""
    assert parse_day(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "/Date(x)/",
        "/Date(99999999999999999999)/",
        "/Date(253402300799999+1300)/",
        "0001-01-01T00:00:00+13:00",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Texts that are no date, or lie outside the calendar, raise ValueError."""
    with pytest.raises(ValueError, match=r"."):
        parse_day(text) if "1300" in text else parse_instant(text)


@settings(deadline=None)  # the machine may be busy
@given(st.datetimes(timezones=st.just(UTC)))
def test_every_instant_survives_its_wire_form(moment: datetime) -> None:
    """Reading what Xero would write for a moment gives the moment, to the millisecond."""
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert parse_instant(f"/Date({milliseconds}+0000)/") == moment


@settings(deadline=None)  # the machine may be busy
@given(st.dates(), st.integers(-11, 14))
def test_every_day_survives_in_any_zone(day: date, hours: int) -> None:
    """A UTC midnight is its own day, whatever offset is written beside it."""
    milliseconds = (day - date(1970, 1, 1)).days * 86_400_000

    assert parse_day(f"/Date({milliseconds}{hours:+03d}00)/") == day


def test_if_modified_since_is_utc_in_whole_seconds() -> None:
    """The header carries UTC without zone or fraction."""
    assert as_http_time(LOCAL_NOON) == "2026-09-30T23:00:00"
