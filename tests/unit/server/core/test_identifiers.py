import re
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_server.core.identifiers import make_id

TIMES = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
RANDOMNESS = st.binary(min_size=10, max_size=10)


@settings(deadline=None, max_examples=100)
@given(TIMES, RANDOMNESS)
def test_identifier_is_a_lower_case_ulid(now: datetime, randomness: bytes) -> None:
    """Every identifier has 26 characters of Crockford's alphabet."""
    assert re.fullmatch(r"[0-7][0-9a-hjkmnp-tv-z]{25}", make_id(now, randomness))


@settings(deadline=None, max_examples=100)
@given(TIMES.filter(lambda time: time.year < 9999), RANDOMNESS, RANDOMNESS)
def test_later_identifiers_sort_later(now: datetime, first: bytes, second: bytes) -> None:
    """One made a millisecond later sorts behind, whatever the randomness."""
    assert make_id(now, first) < make_id(now + timedelta(milliseconds=1), second)


def test_randomness_tells_identifiers_of_one_instant_apart() -> None:
    """In one millisecond the random part decides."""
    now = datetime(2026, 10, 1, tzinfo=UTC)
    assert make_id(now, bytes(10)) != make_id(now, bytes(9) + b"\x01")
