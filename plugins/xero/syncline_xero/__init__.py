"""Xero for Syncline: the provider, five sync modules and the manual tax mapping step."""

from __future__ import annotations

from syncline_sdk import Plugin, hookimpl
from syncline_xero.contacts import contacts_module
from syncline_xero.invoice_pull import invoice_pull_module
from syncline_xero.invoice_push import invoice_push_module
from syncline_xero.items import items_module
from syncline_xero.provider import xero_provider
from syncline_xero.tax_mapping import tax_mapping_step
from syncline_xero.tax_rates import tax_rates_module

__all__ = ["syncline_plugin"]


@hookimpl
def syncline_plugin() -> Plugin:
    """Return everything this plugin adds."""
    return Plugin(
        providers=(xero_provider(),),
        modules=(
            tax_rates_module(),
            contacts_module(),
            items_module(),
            invoice_push_module(),
            invoice_pull_module(),
        ),
        steps=(tax_mapping_step(),),
    )
