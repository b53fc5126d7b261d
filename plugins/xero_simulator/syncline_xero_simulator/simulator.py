"""The composition root: the only place that constructs and wires."""

from dataclasses import dataclass

from syncline_xero_simulator.accounting.call import Category
from syncline_xero_simulator.accounting.endpoints import endpoints
from syncline_xero_simulator.accounting.gate import Gate
from syncline_xero_simulator.accounting.service import AccountingService, ServiceParts
from syncline_xero_simulator.application import Application
from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.config import SimulatorConfig
from syncline_xero_simulator.connections import Connections
from syncline_xero_simulator.control.routes import ControlApi
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
from syncline_xero_simulator.oauth.tokens import TokenIssuer
from syncline_xero_simulator.oauth.views import IdentityViews
from syncline_xero_simulator.organisations import Organisations
from syncline_xero_simulator.parts import Parts, SwitchBoard
from syncline_xero_simulator.seeds.organisation import seeded_books
from syncline_xero_simulator.webhooks.sender import Post, WebhookSender, post_over_http


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """A simulated Xero: `app` is the WSGI application, `parts` its living state."""

    config: SimulatorConfig
    app: Application
    parts: Parts


def build_simulator(
    config: SimulatorConfig,
    clock: SimulatorClock,
    *,
    key: SigningKey | None = None,
    post: Post = post_over_http,
) -> Simulator:
    """Return a simulator seeded as `config` says.

    `key` saves the time of making one; `post` sends webhooks.
    """
    parts = _parts(config, clock, key or SigningKey.generate(), post)
    for spec in config.organisations:
        parts.organisations.add(seeded_books(spec, config.seed, clock.now()))
    identity = IdentityViews(config, parts)
    app = Application(
        parts, identity, _accounting(config, parts), ControlApi(config, parts, identity)
    )
    return Simulator(config=config, app=app, parts=parts)


def _parts(config: SimulatorConfig, clock: SimulatorClock, key: SigningKey, post: Post) -> Parts:
    mint = Mint(f"{config.seed}/{clock.now().isoformat()}")
    organisations, grants = Organisations(), Grants()
    connections, limits = Connections(mint), Limits(config.allowances)
    bearer = BearerCheck(key, grants, config.public_url)
    issuer = TokenIssuer(config, key, mint, grants)
    return Parts(
        clock=clock,
        mint=mint,
        switches=SwitchBoard(config.switches),
        organisations=organisations,
        connections=connections,
        grants=grants,
        key=key,
        consent=Consent(grants, connections, mint, clock),
        token_endpoint=TokenEndpoint(grants, connections, issuer, clock),
        bearer=bearer,
        gate=Gate(bearer, connections, organisations, limits, mint),
        limits=limits,
        counters=Counters(),
        idempotency=IdempotencyKeys(),
        faults=Faults(),
        webhooks=WebhookSender(clock, mint, config.public_url, post),
    )


def _accounting(config: SimulatorConfig, parts: Parts) -> AccountingService:
    def announce(tenant_id: str, category: Category, record_id: str, is_new: bool) -> None:  # noqa: FBT001 - the callable type of ServiceParts
        parts.webhooks.announce(tenant_id, category, record_id, is_new=is_new)

    return AccountingService(
        ServiceParts(
            gate=parts.gate,
            limits=parts.limits,
            counters=parts.counters,
            idempotency=parts.idempotency,
            clock=parts.clock,
            mint=parts.mint,
            endpoints=endpoints(),
            app_name=config.app.name,
            switches=parts.switches,
            announce=announce,
        )
    )
