from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_console.ended import Ended
from syncline_console.people import Role, packed, unpacked
from syncline_console.session_cookie import LARGEST, fitting, has_room
from syncline_console.session_keys import SessionKeys

KEYS = SessionKeys(["a-planted-key-of-thirty-two-chars"])
BASE: dict[str, Any] = {"id": "i", "csrf": "c" * 43, "made": 1, "seen": 1}
WORDS = st.text(max_size=6000)
NOTICE = st.fixed_dictionaries(
    {"tone": st.just("done"), "text": WORDS, "details": st.lists(WORDS, max_size=20)}
)


def notice(text: str, *details: str) -> dict[str, Any]:
    """Return a notice as a session keeps it."""
    return {"tone": "done", "text": text, "details": list(details)}


def noise(length: int, seed: int = 1) -> str:
    """Return a text that cannot be packed."""
    return "".join(
        chr(0x4E00 + (seed * 7919 * each * each + each * 104729) % 20000) for each in range(length)
    )


def told(session: dict[str, Any]) -> list[str]:
    """Return the texts of the notices that were kept."""
    read = KEYS.read(fitting(session, KEYS)) or {}
    return [each["text"] for each in read["notices"]]


@given(st.lists(NOTICE, max_size=8))
def test_a_session_always_fits(notices: list[dict[str, Any]]) -> None:
    """Whatever waits to be told, the cookie is one that browsers keep, and the rest stays in it."""
    value = fitting({**BASE, "notices": notices}, KEYS)

    assert len(value) <= LARGEST
    kept = KEYS.read(value) or {}
    assert {name: kept[name] for name in BASE} == BASE


def test_the_oldest_notice_goes_first() -> None:
    """What somebody did last is what they are told."""
    notices = [notice(noise(500, seed)) for seed in range(1, 6)]

    kept = told({**BASE, "notices": notices})
    assert kept == [each["text"] for each in notices][-len(kept) :]
    assert 0 < len(kept) < 5


def test_details_go_before_the_text() -> None:
    """A long list is cut; what happened is still said."""
    last = notice("240 invoices were not taken.", *(noise(80, seed) for seed in range(1, 60)))
    read = KEYS.read(fitting({**BASE, "notices": [last]}, KEYS)) or {}

    (kept,) = read["notices"]
    assert kept["text"] == last["text"]
    assert kept["details"] == last["details"][: len(kept["details"])]
    assert 0 < len(kept["details"]) < 59


def test_what_does_not_fit_without_notices_is_refused() -> None:
    """Nothing else is ever cut in silence."""
    with pytest.raises(ValueError, match="does not fit"):
        fitting({**BASE, "who": noise(5000)}, KEYS)


def test_whoever_gets_in_stays_in() -> None:
    """With the most roles that are let in, whatever views keep beside them fits, or goes."""
    most = max(number for number in range(150) if has_room(of_roles(number), KEYS))
    assert most > 50
    longest = "w" * 57
    session = {
        **of_roles(most),
        "notices": [notice(noise(400))],
        "recent": [f"{longest}-{noise(5, each)}" for each in range(5)],
        "consents": [[noise(16, each), f"workspaces/{longest}", "open"] for each in range(5)],
        "company": {"state": noise(43), "next": noise(1000)},
        "kept_out": noise(300),
    }

    kept = KEYS.read(fitting(session, KEYS)) or {}

    assert kept["who"] == session["who"]
    assert kept["consents"] == session["consents"][-1:]


def test_what_was_looked_at_goes_before_what_is_to_be_said() -> None:
    """Somebody with many roles still reads what came of what they did."""
    session = {
        **of_roles(max(number for number in range(150) if has_room(of_roles(number), KEYS))),
        "recent": [noise(60, each) for each in range(5)],
        "notices": [notice("Connected to Kauri")],
    }

    assert told(session) == ["Connected to Kauri"]


def of_roles(number: int) -> dict[str, Any]:
    """Return a session of somebody with a role in so many workspaces."""
    names = [sha256(bytes([each])).hexdigest()[:30] for each in range(number)]
    return {**BASE, "who": {"company": "mia", "title": "Mia", "roles": {"A": names}}}


def test_keys_show_nothing() -> None:
    """Printing them gives none away."""
    assert "planted" not in repr(KEYS) + str(vars(KEYS).keys())


def test_roles_are_packed_and_unpacked() -> None:
    """What is read is what was kept."""
    roles = {"acme": Role.ADMIN, "globex": Role.VIEWER, "initech": Role.ADMIN}

    assert unpacked(packed(roles)) == roles


def test_sessions_that_ended_are_bounded() -> None:
    """The newest are known, and they fill no memory."""
    ended = Ended()
    for number in range(10_001):
        ended.add(str(number))

    assert "10000" in ended
    assert "1" in ended
    assert "0" not in ended
