from dataclasses import replace
from datetime import timedelta

from clockwork import START
from syncline_server.core.tokens import Consent
from syncline_server.storage import consents
from syncline_server.storage.database import Database

END = START + timedelta(minutes=10)
CONSENT = Consent(
    workspace="acme",
    provider="ledger",
    caller="admin",
    redirect_uri="http://localhost/back",
    sealed_verifier="sealed",
    expire_time=END,
)


def test_consent_is_found_by_its_state(database: Database) -> None:
    """What was added under a state comes back for it, and only for it."""
    consents.add(database, "state", CONSENT, START)

    assert consents.find(database, "state") == CONSENT
    assert consents.find(database, "other") is None


def test_state_is_used_once(database: Database) -> None:
    """The first use succeeds, the second does not; the row tells, and has no verifier any more."""
    consents.add(database, "state", CONSENT, START)

    assert consents.use(database, "state", START)
    assert not consents.use(database, "state", START)
    assert consents.find(database, "state") == replace(CONSENT, used=True, sealed_verifier="")


def test_expired_state_cannot_be_used(database: Database) -> None:
    """At its end a state stops working."""
    consents.add(database, "state", CONSENT, START)

    assert not consents.use(database, "state", END)


def test_consents_are_forgotten_a_day_after_their_end(database: Database) -> None:
    """A late return still gets its true reason for a day."""
    consents.add(database, "state", CONSENT, START)

    assert consents.forget(database, END + timedelta(days=1)) == 0
    assert consents.forget(database, END + timedelta(days=1, seconds=1)) == 1
