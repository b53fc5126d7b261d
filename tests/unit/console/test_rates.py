"""How often somebody may ask."""

import pytest
from starlette.exceptions import HTTPException

from syncline_console.rates import OF_ONE, OF_STRANGERS, Rates


def refused(rates: Rates, person: str = "") -> str:
    """Return what somebody is told to wait; empty when they may ask."""
    try:
        rates.count(person)
    except HTTPException as error:
        return f"{error.status_code}: {(error.headers or {})['Retry-After']}"
    return ""


def test_who_asks_too_often_waits_until_there_is_room() -> None:
    """After what may be asked at once there is a wait, and it is over by itself."""
    now = [1000.0]
    rates = Rates(lambda: now[0])

    assert not any(refused(rates, "mia") for _ in range(OF_ONE.at_once))
    assert refused(rates, "mia") == "429: 1"
    now[0] += OF_ONE.seconds_each * 2
    assert [refused(rates, "mia") for _ in range(3)] == ["", "", "429: 1"]


@pytest.mark.parametrize("other", ["noa", ""], ids=["person", "stranger"])
def test_others_are_not_held_up(other: str) -> None:
    """Each person has an allowance of their own, and strangers one together."""
    rates = Rates(lambda: 1000.0)
    for _ in range(OF_ONE.at_once):
        rates.count("mia")

    assert refused(rates, "mia")
    assert not refused(rates, other)


def test_strangers_leave_the_server_to_people() -> None:
    """All of them together ask for a tenth of what the server allows to the console."""
    assert 60 / OF_STRANGERS.seconds_each <= 600
    assert OF_STRANGERS.at_once <= 600
