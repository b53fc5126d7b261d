"""Wiring what tells a run before it is started."""

from collections.abc import Callable

from syncline_server.app.access import Access
from syncline_server.app.outside import Outside
from syncline_server.engine.context import Doors
from syncline_server.engine.planning import AT_ONCE, Planner
from syncline_server.services.chain import Chain
from syncline_server.services.contact_plan import ContactPlan
from syncline_server.services.invoice_plan import InvoicePlan
from syncline_server.services.item_plan import ItemPlan
from syncline_server.services.outbox_plan import OutboxPlan
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.services.tax_rate_plan import TaxRatePlan
from syncline_server.storage.database import Database


def build_planner(
    outside: Outside, database: Database, chain: Chain, access: Access, threads: int
) -> Planner:
    """Wire it.

    :param threads: how many answer calls; plans leave one free wherever there are several.
    """
    return Planner(
        database=database,
        chain=chain,
        clock=outside.clock,
        make_id=outside.make_id,
        open_client=access.open_client,
        open_doors=plan_doors(outside, chain),
        lose_access=access.connections.mark_reconnect_required,
        at_once=min(AT_ONCE, max(threads - 1, 1)),
    )


def plan_doors(outside: Outside, chain: Chain) -> Callable[[Rehearsal], Doors]:
    """Return what opens the doors of a plan."""

    def open_doors(rehearsal: Rehearsal) -> Doors:
        return Doors(
            contacts=ContactPlan(rehearsal, chain.find_master, outside.make_id),
            items=ItemPlan(rehearsal, chain.find_master, outside.make_id),
            tax_rates=TaxRatePlan(rehearsal),
            linked_invoices=InvoicePlan(rehearsal),
            outbox=OutboxPlan(),
        )

    return open_doors
