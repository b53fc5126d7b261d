"""How a connection moves between its states, and what is said when it may not. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from syncline_sdk import Organisation
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.model import Candidate, ConnectionRow, ConnectionState

STATE_LIFE: Final = timedelta(minutes=10)
"""How long a person may take at the provider's consent page."""
CHOICE_LIFE: Final = timedelta(minutes=10)
"""How long a person may take to choose among several organisations."""


def candidate_of(organisation: Organisation) -> Candidate:
    """Return what is kept of an organisation that may be chosen."""
    return Candidate(
        id=organisation.id, name=organisation.name, connection_id=organisation.connection_id
    )


def connected(row: ConnectionRow, chosen: Candidate, grant_id: str, now: datetime) -> ConnectionRow:
    """Return the connection pointing to an organisation, as a new generation."""
    return replace(
        without_candidates(row),
        state=ConnectionState.CONNECTED,
        state_reason="",
        generation=row.generation + 1,
        organisation_id=chosen.id,
        organisation_name=chosen.name,
        provider_connection_id=chosen.connection_id,
        grant_id=grant_id,
        connect_time=now,
    )


def offering(
    row: ConnectionRow, candidates: Sequence[Candidate], grant_id: str, now: datetime
) -> ConnectionRow:
    """Return the connection with organisations to choose from; what it points to stays."""
    return replace(
        row,
        candidates=tuple(candidates),
        candidates_grant_id=grant_id,
        candidates_expire_time=now + CHOICE_LIFE,
    )


def without_candidates(row: ConnectionRow) -> ConnectionRow:
    """Return the connection with nothing to choose from."""
    return replace(row, candidates=(), candidates_grant_id="", candidates_expire_time=None)


def disconnected(row: ConnectionRow) -> ConnectionRow:
    """Return the connection pointing nowhere, as a new generation."""
    return replace(
        without_candidates(row),
        state=ConnectionState.NOT_CONNECTED,
        state_reason="",
        generation=row.generation + 1,
        organisation_id="",
        organisation_name="",
        provider_connection_id="",
        grant_id="",
        connect_time=None,
    )


def was_away(row: ConnectionRow, organisation_id: str) -> bool:
    """Return whether nobody owned an organisation's records here until it is connected now."""
    return row.state is ConnectionState.NOT_CONNECTED or row.organisation_id != organisation_id


def lost(row: ConnectionRow, reason: str) -> ConnectionRow:
    """Return the connection waiting for a person to connect it again; its organisation stays."""
    return replace(row, state=ConnectionState.RECONNECT_REQUIRED, state_reason=reason)


def visible(row: ConnectionRow, now: datetime) -> ConnectionRow:
    """Return the connection as it is shown: without candidates that can no longer be chosen."""
    return without_candidates(row) if row.candidates and not may_choose(row, now) else row


def may_choose(row: ConnectionRow, now: datetime) -> bool:
    """Return whether there are organisations to choose from, and still time to."""
    return row.candidates_expire_time is not None and now < row.candidates_expire_time


_STATE_TEXTS: Final = {
    Reason.STATE_UNKNOWN: "This way back from the consent page is not known.",
    Reason.STATE_EXPIRED: "The consent took longer than ten minutes.",
    Reason.STATE_USED: "This way back from the consent page was used already.",
}


def state_refused(reason: Reason) -> FailedPrecondition:
    """Return the refusal of an OAuth state; the reason is one of ``STATE_*``."""
    return _refusal(reason, _STATE_TEXTS[reason], "state", "The state of the consent")


def consent_refused(reason: Reason, provider: str, title: str) -> FailedPrecondition:
    """Return the refusal of a consent that did not come about.

    :param reason: ``CONSENT_DENIED`` or ``CONSENT_FAILED``.
    """
    declined = reason is Reason.CONSENT_DENIED
    said = "Access was declined at" if declined else "The consent could not be completed with"
    return _refusal(reason, f"{said} {title}.", provider, title)


def organisation_taken(organisation_id: str) -> FailedPrecondition:
    """Return the refusal of an organisation that another workspace holds, without saying whose."""
    blocker = Blocker(
        reason=Reason.ORGANISATION_TAKEN,
        subject=organisation_id,
        title="The organisation",
        description="Choose another organisation, or disconnect it where it is connected.",
    )
    return FailedPrecondition("This organisation is connected to another workspace.", [blocker])


def not_a_candidate(organisation_id: str) -> FailedPrecondition:
    """Return the refusal of an organisation that is not among those to choose from."""
    blocker = Blocker(
        reason=Reason.ORGANISATION_NOT_A_CANDIDATE,
        subject=organisation_id,
        title="The organisation",
        description="Choose one of the organisations that were approved.",
    )
    return FailedPrecondition("This organisation is not among the candidates.", [blocker])


def selection_expired(row: ConnectionRow) -> FailedPrecondition:
    """Return the refusal of a choice when there is none, or no time left to make it."""
    said = "There is no organisation to choose, or the time to choose is over."
    return _refusal(Reason.SELECTION_EXPIRED, said, str(row.key), "The choice of an organisation")


def misconfigured(provider: str, title: str) -> FailedPrecondition:
    """Return the refusal for a fault that an operator must mend."""
    blocker = Blocker(
        reason=Reason.PROVIDER_MISCONFIGURED,
        subject=provider,
        title=title,
        description=f"Ask the operator of this server to check its registration with {title}.",
    )
    return FailedPrecondition(f"This server is not set up to connect to {title}.", [blocker])


def _refusal(reason: Reason, message: str, subject: str, title: str) -> FailedPrecondition:
    blocker = Blocker(
        reason=reason, subject=subject, title=title, description="Start connecting again."
    )
    return FailedPrecondition(message, [blocker])
