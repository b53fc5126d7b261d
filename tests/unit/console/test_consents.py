"""Which consents a browser's session has begun."""

from typing import Any

from syncline_console.consents import finish, is_newest, is_over, remember, remembered

ACME, GLOBEX = "workspaces/acme/connections/xero", "workspaces/globex/connections/xero"


def test_each_state_leads_to_its_connection() -> None:
    """Two consents of one session are told apart; a state of nobody's leads nowhere."""
    session: dict[str, Any] = {}
    remember(session, "one", ACME)
    remember(session, "two", GLOBEX)

    assert [remembered(session, each) for each in ("one", "two", "three")] == [ACME, GLOBEX, ""]
    assert [is_newest(session, each) for each in ("one", "two")] == [False, True]


def test_consent_that_is_over_stays_known() -> None:
    """A page that is loaded again can say that it was used; others go on."""
    session: dict[str, Any] = {}
    remember(session, "one", ACME)
    remember(session, "two", ACME)
    finish(session, "one")

    assert [is_over(session, each) for each in ("one", "two")] == [True, False]
    assert remembered(session, "one") == ACME


def test_state_is_not_kept() -> None:
    """Whoever reads the session learns nothing that could be replayed."""
    session: dict[str, Any] = {}
    remember(session, "a-state-of-the-provider", ACME)

    assert "a-state" not in str(session)


def test_session_stays_small() -> None:
    """The oldest of many are forgotten: a session is a cookie."""
    session: dict[str, Any] = {}
    for number in range(40):
        remember(session, f"state-{number}", ACME)

    assert len(str(session)) < 500
    assert remembered(session, "state-39") == ACME
    assert remembered(session, "state-0") == ""


def test_strangers_get_no_session() -> None:
    """A way back that nobody began here leaves nothing behind."""
    session: dict[str, Any] = {}
    finish(session, "one")

    assert session == {}
