"""What runs have read from the fake provider, put straight into the tables of workspace acme."""

from decimal import Decimal

from syncline_console.routing import CONNECTION
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts, items, tax_rates
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from syncline_server.storage.tax_rates import TaxRateRow
from wiring import ACME, ORGANISATION, Wired

KAURI = Organisation(ACME.workspace, ACME.provider, ORGANISATION)
HERE = CONNECTION.format(workspace=ACME.workspace, provider=ACME.provider)
"""Where the console's pages of the connection begin."""


def rate(
    tax_type: str,
    percent: str = "15",
    state: MappingState = MappingState.UNMAPPED,
    **more: object,
) -> TaxRateRow:
    """Return a tax rate that can be used on sales."""
    values: dict[str, object] = {
        "name": tax_type.title(),
        "active": True,
        "applies_to_sales": True,
        "content_hash": "",
        **more,
    }
    return TaxRateRow(tax_type=tax_type, rate=Decimal(percent), state=state, **values)  # type: ignore[arg-type]  # a test's own words


def store_tax_rates(wired: Wired, *rows: TaxRateRow) -> None:
    """Have the organisation have these tax rates."""
    wired.connect()
    with wired.database.transaction():
        tax_rates.write(wired.database, KAURI, rows, wired.clock())


def store_contacts(wired: Wired, *rows: ContactRow) -> None:
    """Have the organisation have these contacts."""
    wired.connect()
    with wired.database.transaction():
        contacts.write(wired.database, KAURI, rows, wired.clock())


def store_items(wired: Wired, *rows: ItemRow) -> None:
    """Have the organisation have these items."""
    wired.connect()
    with wired.database.transaction():
        items.write(wired.database, KAURI, rows, wired.clock())
