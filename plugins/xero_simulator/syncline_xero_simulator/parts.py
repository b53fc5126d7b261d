"""Everything a simulator is made of, in one value."""

from dataclasses import dataclass, field

from syncline_xero_simulator.accounting.gate import Gate
from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.connections import Connections
from syncline_xero_simulator.counters import Counters
from syncline_xero_simulator.faults import Faults
from syncline_xero_simulator.idempotency import IdempotencyKeys
from syncline_xero_simulator.limits import Limits
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.oauth.bearer import BearerCheck
from syncline_xero_simulator.oauth.consent import Consent
from syncline_xero_simulator.oauth.grants import Grants
from syncline_xero_simulator.oauth.keys import SigningKey
from syncline_xero_simulator.oauth.token_endpoint import TokenEndpoint
from syncline_xero_simulator.organisations import Organisations
from syncline_xero_simulator.switches import Switches
from syncline_xero_simulator.webhooks.sender import WebhookSender


@dataclass(slots=True)
class SwitchBoard:
    """Holds the switches that are in force."""

    switches: Switches

    def __call__(self) -> Switches:
        """Return the switches that are in force now."""
        return self.switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The living parts, wired by `build_simulator`."""

    clock: SimulatorClock
    mint: Mint
    switches: SwitchBoard
    organisations: Organisations
    connections: Connections
    grants: Grants
    key: SigningKey = field(repr=False)
    consent: Consent
    token_endpoint: TokenEndpoint
    bearer: BearerCheck
    gate: Gate
    limits: Limits
    counters: Counters
    idempotency: IdempotencyKeys
    faults: Faults
    webhooks: WebhookSender
