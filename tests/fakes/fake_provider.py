"""A provider with the product's own chain: the ledger's OAuth, and modules that do as scripted."""

from collections.abc import Callable
from datetime import timedelta

from ledger import ledger_provider
from syncline_sdk import (
    Direction,
    ManualStep,
    ModuleSpec,
    Option,
    OptionKind,
    OwnedField,
    Plugin,
    RecordKind,
    RunContext,
    Setting,
    Toggle,
)
from syncline_server.core.catalogue import Catalogue
from syncline_server.registry import Source, catalogue

FAKE = "ledger"
CUSTOMER_FIELDS = ("name", "code", "email", "active", "address")
PRODUCT_FIELDS = ("sku", "name", "tax_code", "stock_quantity", "default_price")

_CONTACTS = Toggle(name="contacts", title="Sync Contacts")
_TAX_RATES = Toggle(name="tax_rates", title="Sync Tax Rates")
_ITEMS = Toggle(name="items", title="Sync Items")
_INVOICES = Toggle(name="invoices", title="Sync Invoices")
_MINUTE = timedelta(seconds=60)
_NAMED = Option(
    name="invoices", title="Invoices", kind=OptionKind.TEXT_LIST, default=(), max_length=50
)


class Scripts:
    """What each module does when it runs; nothing unless a test says so. ``ran`` counts runs."""

    def __init__(self) -> None:
        self.work: dict[str, Callable[[RunContext], None]] = {}
        self.ran: list[str] = []

    def run(self, ctx: RunContext) -> None:
        """Do what was scripted for the module of this run."""
        self.ran.append(ctx.run.module)
        work = self.work.get(ctx.run.module)
        if work is not None:
            work(ctx)


def fake_catalogue(scripts: Scripts | None = None) -> Catalogue:
    """Return what is installed when the fake provider is."""
    return catalogue([Source("fake-provider", fake_plugin(scripts or Scripts()))])


def fake_plugin(scripts: Scripts) -> Plugin:
    """Return the provider with its chain."""
    return Plugin(
        providers=(ledger_provider(),),
        modules=(
            _tax_rates(scripts),
            _contacts(scripts),
            _items(scripts),
            _invoice_push(scripts),
            _invoice_pull(scripts),
        ),
        steps=(
            ManualStep(
                provider=FAKE,
                name="tax_mapping",
                title="Tax Mapping",
                settles=RecordKind.TAX_RATE,
                requires=("tax_rates",),
            ),
        ),
    )


def _tax_rates(scripts: Scripts) -> ModuleSpec:
    return ModuleSpec(
        provider=FAKE,
        name="tax_rates",
        title="Tax Rates",
        direction=Direction.PULL,
        kind=RecordKind.TAX_RATE,
        toggle=_TAX_RATES,
        cooldown=_MINUTE,
        run=scripts.run,
        options=(Option(name="page_length", title="Page length", kind=OptionKind.INTEGER),),
    )


def _contacts(scripts: Scripts) -> ModuleSpec:
    return ModuleSpec(
        provider=FAKE,
        name="contacts",
        title="Contacts",
        direction=Direction.PULL,
        kind=RecordKind.CONTACT,
        toggle=_CONTACTS,
        cooldown=_MINUTE,
        run=scripts.run,
        after=("tax_mapping",),
        settings=(
            Setting(
                name="phone_field",
                title="Phone",
                kind=OptionKind.CHOICE,
                default="DEFAULT",
                choices=("DEFAULT", "MOBILE", "NONE"),
                full_read_on_change=True,
            ),
        ),
        owned=(
            *(OwnedField(name=each) for each in CUSTOMER_FIELDS),
            OwnedField(name="phone", setting="phone_field", unless="NONE"),
        ),
    )


def _items(scripts: Scripts) -> ModuleSpec:
    return ModuleSpec(
        provider=FAKE,
        name="items",
        title="Items",
        direction=Direction.PULL,
        kind=RecordKind.ITEM,
        toggle=_ITEMS,
        cooldown=_MINUTE,
        run=scripts.run,
        requires=("tax_mapping",),
        settings=(
            Setting(
                name="base_price_sync",
                title="Base Price Sync",
                kind=OptionKind.BOOLEAN,
                default=False,
            ),
            Setting(name="stock_limit", title="Stock limit", kind=OptionKind.INTEGER, default=10),
        ),
        owned=tuple(OwnedField(name=each) for each in PRODUCT_FIELDS),
    )


def _invoice_push(scripts: Scripts) -> ModuleSpec:
    return ModuleSpec(
        provider=FAKE,
        name="invoice_push",
        title="Invoice Push",
        direction=Direction.PUSH,
        kind=RecordKind.INVOICE,
        toggle=_INVOICES,
        cooldown=timedelta(seconds=5),
        run=scripts.run,
        requires=("contacts", "items", "tax_mapping"),
        options=(_NAMED,),
    )


def _invoice_pull(scripts: Scripts) -> ModuleSpec:
    return ModuleSpec(
        provider=FAKE,
        name="invoice_pull",
        title="Invoice Pull",
        direction=Direction.PULL,
        kind=RecordKind.INVOICE,
        toggle=_INVOICES,
        cooldown=timedelta(seconds=10),
        run=scripts.run,
        requires=("contacts", "items", "tax_mapping"),
        options=(
            Option(
                name="window",
                title="Window",
                kind=OptionKind.CHOICE,
                default="SINCE_LAST",
                choices=("SINCE_LAST", "SINCE_TIME", "ALL_LINKED"),
            ),
            Option(name="since", title="Since", kind=OptionKind.TIMESTAMP),
            _NAMED,
        ),
    )
