"""Xero as a provider: where it is, what we ask for, how to read who approved what."""

from __future__ import annotations

from collections.abc import Mapping

from syncline_sdk import AccessLost, Addresses, Identity, Provider
from syncline_xero.allowance import XERO_LIMITS, read_allowance
from syncline_xero.connections import disconnect, list_organisations
from syncline_xero.webhooks import xero_webhooks

PROVIDER_NAME = "xero"

# Granular scopes (developer.xero.com, "Scopes"; the broad ones end in September 2027). Contacts
# with write access, because new customers are created in Xero first; invoices include items.
_SCOPES = (
    "openid",
    "profile",
    "email",
    "offline_access",
    "accounting.contacts",
    "accounting.settings.read",
    "accounting.invoices",
)


def xero_provider() -> Provider:
    """Return the provider ``xero``."""
    return Provider(
        name=PROVIDER_NAME,
        title="Xero",
        addresses=Addresses(
            authorize="https://login.xero.com/identity/connect/authorize",
            token="https://identity.xero.com/connect/token",  # noqa: S106 - an address, no secret
            revocation="https://identity.xero.com/connect/revocation",
            api="https://api.xero.com/api.xro/2.0/",
        ),
        scopes=_SCOPES,
        limits=XERO_LIMITS,
        identify=identify,
        list_organisations=list_organisations,
        disconnect=disconnect,
        organisation_headers=organisation_headers,
        read_allowance=read_allowance,
        # identity.xero.com/.well-known/openid-configuration
        issuer="https://identity.xero.com",
        webhooks=xero_webhooks(),
    )


def identify(claims: Mapping[str, object]) -> Identity:
    """Return whose access token this is and which consent it came from.

    :param claims: of the access token; the id token lacks the event.
    :raises AccessLost: if the token names no person; it is of no use then.
    """
    subject = claims.get("xero_userid")
    event = claims.get("authentication_event_id")
    if not isinstance(subject, str) or not subject:
        raise AccessLost("Xero's token does not say whose it is. Connect again.")
    return Identity(subject=subject, event=event if isinstance(event, str) else "")


def organisation_headers(organisation_id: str) -> Mapping[str, str]:
    """Return what every accounting call carries; without ``Accept`` Xero answers in XML."""
    return {"xero-tenant-id": organisation_id, "Accept": "application/json"}
