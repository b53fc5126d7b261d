"""The acts about the dependency chain."""

import re
from collections.abc import Iterable

from syncline.v1.integration_pb2 import Node
from syncline.v1.mapping_pb2 import (
    BatchUpdateTaxMappingsRequest,
    TaxMapping,
    UpdateTaxMappingRequest,
)
from syncline.v1.record_pb2 import CreateTaxCodeRequest
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_client import AlreadyExists
from syncline_demo.story.cast import Cast
from syncline_demo.story.running import refusal, run

_OPEN = (TaxMapping.STATE_UNMAPPED, TaxMapping.STATE_NEEDS_REVIEW)


def refuse_out_of_order(cast: Cast) -> None:
    """Ask for a push before anything is set up."""
    if cast.workspace.node("invoice_push").ready:
        cast.stage.say("This workspace is set up from before, so there is nothing to refuse.")
        return
    cast.stage.say("TriggerSync invoice_push, with nothing set up:")
    cast.stage.refused(refusal("a push first", lambda: cast.workspace.trigger("invoice_push")))
    cast.workspace.set_toggles(tax_rates=True, items=True)
    cast.stage.say("With Items on, but tax rates not synced yet, TriggerSync items:")
    cast.stage.refused(refusal("items first", lambda: cast.workspace.trigger("items")))


def sync_taxes(cast: Cast) -> None:
    """Sync tax rates, then map each that sales use to a tax code of the same rate."""
    cast.workspace.set_toggles(tax_rates=True)
    run(cast, "tax_rates")
    left = [found for found in cast.workspace.tax_mappings() if found.state in _OPEN]
    requests = [_settled(cast, mapping) for mapping in left]
    if requests:
        cast.workspace.client.mappings.BatchUpdateTaxMappings(
            BatchUpdateTaxMappingsRequest(parent=cast.workspace.connection, requests=requests)
        )
    cast.stage.table("Tax mappings", ("Tax type", "Rate", "State"), _shown(cast))
    step = cast.workspace.node("tax_mapping")
    cast.stage.done(f"Tax mapping is {'complete' if step.complete else 'not complete'}")


def _settled(cast: Cast, mapping: TaxMapping) -> UpdateTaxMappingRequest:
    chosen = TaxMapping(name=mapping.name)
    if mapping.active and mapping.applies_to_sales:
        chosen.tax_code = mapping.tax_code or _tax_code(cast, mapping)
    else:
        chosen.not_used = True
    return UpdateTaxMappingRequest(tax_mapping=chosen)


def _tax_code(cast: Cast, mapping: TaxMapping) -> str:
    """Return a tax code for this tax type, created with the same rate on first use."""
    id_ = re.sub(r"[^a-z0-9]+", "-", mapping.tax_type.lower()).strip("-")
    request = CreateTaxCodeRequest(
        parent=cast.workspace.name,
        tax_code_id=id_,
        tax_code=TaxCode(code=mapping.tax_type, display_name=mapping.title, rate=mapping.rate),
    )
    try:
        return cast.workspace.client.records.CreateTaxCode(request).tax_code.name
    except AlreadyExists as error:
        return error.resource


def _shown(cast: Cast) -> Iterable[tuple[str, str, str]]:
    for mapping in cast.workspace.tax_mappings():
        state = TaxMapping.State.Name(mapping.state).removeprefix("STATE_")
        yield f"{mapping.tax_type}  {mapping.title}", f"{mapping.rate} %", state


def sync_contacts_with_items(cast: Cast) -> None:
    """Sync both at once; neither waits for the other."""
    cast.workspace.set_options(base_price_sync=True)
    cast.stage.say("Base Price Sync is on, so products take their prices from Xero.")
    cast.workspace.set_toggles(contacts=True, items=True)
    run(cast, "contacts", "items")


def enable_invoices(cast: Cast) -> None:
    """Turn invoices on, and try to turn off what they need."""
    if not cast.workspace.node("invoice_push").enabled:
        cast.workspace.set_toggles(contacts=False)
        cast.stage.say("Contacts is off for a moment, to see what Invoices turns on.")
    answer = cast.workspace.set_toggles(invoices=True)
    also = ", ".join(answer.also_enabled) or "nothing, all of it was on"
    cast.stage.done(f"Invoices is on. Turned on with it: {also}")
    cast.stage.say("UpdateSettings contacts=off:")
    cast.stage.refused(
        refusal("turning a prerequisite off", lambda: cast.workspace.set_toggles(contacts=False))
    )


def show_chain(cast: Cast) -> None:
    """Print every node as it stands."""
    rows = [_row(node) for node in cast.workspace.modules().modules]
    cast.stage.table("The chain", ("Node", "On", "Complete", "Ready", "Locked by"), rows)


def _row(node: Node) -> tuple[str, ...]:
    flags = ("yes" if flag else "-" for flag in (node.enabled, node.complete, node.ready))
    return (node.title, *flags, ", ".join(node.locked_by) or "-")
