from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import structlog

from auditing import ACT, MIA, appended, entries
from clockwork import Clockwork
from running import NOON
from syncline_server.core.audit import NO_WORKSPACE, Act
from syncline_server.core.denials import MOST_A_MINUTE
from syncline_server.core.errors import NotFound, Reason, Unavailable
from syncline_server.services import audit
from syncline_server.services.access_tokens import AccessTokens
from syncline_server.services.audit import Trail, acting_as
from syncline_server.services.audit_checks import Checked, verify_chain
from syncline_server.storage.database import Database

REVOKE = Act(actor=MIA, method="tokens revoke", names=("accessTokens/a",))


@pytest.fixture
def trail(database: Database) -> Trail:
    """What writes entries."""
    return Trail(database, lambda: NOON)


@pytest.fixture
def tokens(database: Database) -> AccessTokens:
    """What makes and revokes tokens."""
    return AccessTokens(database, lambda: NOON, lambda: "a", lambda: "secret")


def test_a_command_is_an_act(database: Database, trail: Trail, tokens: AccessTokens) -> None:
    """What a command refuses is in the trail by its code, outside of every workspace."""
    with pytest.raises(NotFound), acting_as(trail, REVOKE):
        tokens.revoke("a")

    (entry,) = entries(database, NO_WORKSPACE)
    assert (entry.method, entry.code, entry.reason) == (
        "tokens revoke",
        "NOT_FOUND",
        "RESOURCE_NOT_FOUND",
    )


def test_a_command_that_crashes_is_told(database: Database, trail: Trail) -> None:
    """A mistake of ours is INTERNAL, and goes on to whoever typed the command."""
    with pytest.raises(KeyError), acting_as(trail, REVOKE):
        raise KeyError

    assert [entry.code for entry in entries(database, NO_WORKSPACE)] == ["INTERNAL"]


def test_an_entry_that_cannot_be_written_changes_no_answer(
    database: Database, trail: Trail
) -> None:
    """Ending an act never raises; the log has what was lost."""
    database.execute("DROP TABLE audit_chains") if database.is_sqlite else database.execute(
        "ALTER TABLE audit_chains RENAME TO elsewhere"
    )
    try:
        with structlog.testing.capture_logs() as lines:
            trail.end(trail.begin(ACT), "NOT_FOUND")
    finally:
        if not database.is_sqlite:
            database.execute("ALTER TABLE elsewhere RENAME TO audit_chains")

    assert [line["action"] for line in lines] == ["audit_entry_lost"]


def test_heads_that_have_grown_are_in_the_log(database: Database, trail: Trail) -> None:
    """The log, which the database's owner cannot rewrite, knows how far a chain has come lately."""
    appended(database, 2, at=NOON - 2 * audit.HEADS_EVERY)
    with structlog.testing.capture_logs() as lines:
        trail.tell_heads()
        appended(database, 1)
        trail.tell_heads()

    assert [(line["chain"], line["number"]) for line in lines] == [("acme", 3)]


def test_old_entries_are_removed_by_name(database: Database) -> None:
    """What is left says who removed how much and why, and is right."""
    appended(database, 2, at=NOON - timedelta(days=400))
    appended(database, 1)

    gone = audit.remove(database, MIA, "acme", NOON - timedelta(days=365), "old", NOON)
    again = audit.remove(database, MIA, "acme", NOON - timedelta(days=365), "again", NOON)

    assert (gone, again) == (2, 0)
    kept, told = entries(database)
    assert (kept.number, told.method, told.actor) == (3, "RemoveAuditEntries", MIA)
    assert told.edits[0][:2] == ("removed_through", "2")
    assert told.edits[1] == ("reason", "", "old")
    assert isinstance(verify_chain(database, "acme", {}), Checked)
    assert audit.remove(database, MIA, "acme", None, "erased", NOON) == 2
    assert isinstance(verify_chain(database, "acme", {}), Checked)


class Away(Database):
    """A database that may be away."""

    is_away = False

    def transaction(self) -> AbstractContextManager[None]:
        """Begin a transaction, or refuse to."""
        if self.is_away:
            raise Unavailable(Reason.DATABASE_UNAVAILABLE, "gone")
        return super().transaction()


def test_a_count_of_refusals_waits_for_a_database_that_is_away(database: Database) -> None:
    """What was left out of the trail is told once it can be."""
    away, clock = Away(database.engine), Clockwork()
    trail = Trail(away, clock)
    for _ in range(MOST_A_MINUTE + 2):
        trail.end(trail.begin(REVOKE), "NOT_FOUND")
    clock.advance(seconds=60)
    away.is_away = True
    with pytest.raises(Unavailable):
        trail.look()
    away.is_away = False

    trail.look()

    told = [entry.omitted for entry in entries(database, NO_WORKSPACE)]
    assert told == [0] * MOST_A_MINUTE + [2]
