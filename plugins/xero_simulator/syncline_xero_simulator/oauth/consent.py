"""The decision on the consent page, apart from HTTP and HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.connections import Connections
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.oauth.authorize import AuthorizeError, AuthorizeRequest
from syncline_xero_simulator.oauth.grants import AuthorizationCode, Grants
from syncline_xero_simulator.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a person ticked: themselves and the organisations."""

    user_id: str
    tenant_ids: tuple[str, ...]


class Consent:
    """Turns a person's decision into the redirect that carries it to the app."""

    def __init__(
        self, grants: Grants, connections: Connections, mint: Mint, clock: SimulatorClock
    ) -> None:
        self._grants = grants
        self._connections = connections
        self._mint = mint
        self._clock = clock

    def approve(self, request: AuthorizeRequest, approval: Approval, switches: Switches) -> str:
        """Connect the organisations and return the redirect with the code.

        Raises `AuthorizeError` when no organisation is chosen, or several where one is allowed.
        """
        _check_choice(request, approval.tenant_ids)
        event = self._mint.guid()
        now = self._clock.now()
        for tenant_id in approval.tenant_ids:
            self._connections.connect(approval.user_id, tenant_id, event, now, switches)
        code = self._mint.token()
        self._grants.add_code(
            AuthorizationCode(
                code=code,
                user_id=approval.user_id,
                auth_event_id=event,
                redirect_uri=request.redirect_uri,
                scopes=request.scopes,
                challenge=request.challenge,
                nonce=request.nonce,
                issued=now,
            )
        )
        extra = [("scope", " ".join(request.scopes)), ("session_state", self._mint.token()[:43])]
        pairs = [("code", code), *(extra if switches.consent_extra_parameters else [])]
        return _redirect(request, pairs)

    def deny(self, request: AuthorizeRequest, switches: Switches) -> str:
        """Return the redirect that tells the app of the refusal."""
        return _redirect(request, [("error", switches.denial_error)])


def _check_choice(request: AuthorizeRequest, tenant_ids: Sequence[str]) -> None:
    if not tenant_ids:
        raise AuthorizeError("invalid_request", "Choose an organisation to connect")
    if len(tenant_ids) > 1 and not request.several_organisations:
        raise AuthorizeError("invalid_request", "Only one organisation can be connected at a time")


def _redirect(request: AuthorizeRequest, pairs: list[tuple[str, str]]) -> str:
    if request.state:
        pairs.append(("state", request.state))
    joiner = "&" if urlsplit(request.redirect_uri).query else "?"
    return f"{request.redirect_uri}{joiner}{urlencode(pairs)}"
