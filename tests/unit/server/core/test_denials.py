from datetime import UTC, datetime, timedelta

from syncline_server.core.access import Credentials
from syncline_server.core.audit import Act, Actor
from syncline_server.core.denials import MOST_A_MINUTE, Denials, LeftOut

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
DENIED = "PERMISSION_DENIED"


def act(subject: str = "eve") -> Act:
    """Return an attempt of somebody."""
    who = Actor(subject=subject, title=subject, credentials=Credentials.ACCESS_TOKEN)
    return Act(actor=who, method="Disconnect", workspace="acme")


def flood(denials: Denials, count: int, code: str = DENIED, at: datetime = NOON) -> int:
    """Return how many of so many refusals are written down."""
    return sum(denials.admit(act(), code, at) for _ in range(count))


def test_a_flood_is_counted() -> None:
    """So many a minute are written down; the others are counted and told once it is over."""
    denials = Denials()

    assert flood(denials, MOST_A_MINUTE + 70) == MOST_A_MINUTE
    assert denials.over(NOON + timedelta(seconds=59)) == []
    assert denials.over(NOON + timedelta(seconds=60)) == [LeftOut(act(), DENIED, 70)]
    assert denials.over(NOON + timedelta(seconds=60)) == []


def test_a_flood_of_one_code_hides_no_other() -> None:
    """Malformed requests do not use up what denied ones may leave, nor another caller's."""
    denials = Denials()
    flood(denials, 500, "INVALID_ARGUMENT")

    assert flood(denials, 5) == 5
    assert denials.admit(act("mia"), "INVALID_ARGUMENT", NOON)


def test_the_next_minute_begins_anew() -> None:
    """Once a minute is over, refusals are written down again."""
    denials = Denials()
    flood(denials, MOST_A_MINUTE)
    later = NOON + timedelta(minutes=1)

    denials.over(later)

    assert flood(denials, 3, at=later) == 3
