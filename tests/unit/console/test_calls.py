"""How many calls the provider still allows."""

from typing import Any

from bs4 import BeautifulSoup
from google.protobuf.timestamp_pb2 import Timestamp

from syncline.v1.integration_pb2 import Allowance, Connection
from syncline_console.standing import Standing
from syncline_console.statics import Statics
from syncline_console.templates import environment

NOON = Timestamp(seconds=1_791_028_800)


def words(**told: Any) -> str:
    """Return what the page says of an allowance."""
    standing = Standing(connection=Connection(provider_title="Xero"), modules=(), toggles=())
    template = environment(Statics()).get_template("calls.html")
    html = template.render(calls=Allowance(**told), standing=standing)
    parts = BeautifulSoup(html, "html.parser").select("h2, p, dt, dd")
    return " ".join(" ".join(each.get_text().split()) for each in parts)


def test_minute_and_day_are_told() -> None:
    """With when the provider said it, as far as it did."""
    told = words(minute_remaining=57, day_remaining=4812, day_told_time=NOON)

    assert told == "Calls left This minute 57 Today 4,812 as of 3 Oct 2026, 12:00 UTC"
    assert words(minute_remaining=0) == "Calls left This minute 0"
    assert "Today 0" in words(minute_remaining=1, day_remaining=0)


def test_closed_door_is_told_with_its_reason() -> None:
    """Until when nobody calls, why, and that what waits goes on by itself."""
    told = words(closed_until_time=NOON, closed_by=Allowance.LIMIT_DAY)

    assert "Xero takes no calls just now, because the limit of a day was reached." in told
    assert "It takes them again 3 Oct 2026, 12:00 UTC; what waits goes on by itself then." in told
    assert "was reached" not in words(closed_until_time=NOON)
