"""/TaxRates, /Accounts, /Currencies, /BrandingThemes, /Organisation, /Payments."""

from syncline_xero_simulator.accounting.batches import Noun, write_all
from syncline_xero_simulator.accounting.call import Call
from syncline_xero_simulator.accounting.lists import Source, select
from syncline_xero_simulator.books.tax_rate import TaxRate
from syncline_xero_simulator.query.paging import read_page
from syncline_xero_simulator.query.tables import (
    account_fields,
    currency_fields,
    payment_fields,
    tax_rate_fields,
)
from syncline_xero_simulator.rules.tax_rates import write_tax_rate
from syncline_xero_simulator.wire.envelope import Listing, Pagination, rendered
from syncline_xero_simulator.wire.invoice_json import payment_json
from syncline_xero_simulator.wire.problems import not_found
from syncline_xero_simulator.wire.settings_json import (
    account_json,
    actions_json,
    currency_json,
    organisation_json,
    tax_rate_json,
    theme_json,
)


def list_tax_rates(call: Call, _key: str) -> Listing:
    """List tax rates of all statuses; there are no pages and no If-Modified-Since."""
    source = Source(
        records=call.books.tax_rates.values,
        table=tax_rate_fields(),
        key=lambda rate: rate.tax_type,
    )
    return _tax_rates(select(call, source))


def get_tax_rate(call: Call, key: str) -> Listing:
    """Return one tax rate by its type."""
    rate = call.books.tax_rates.get(key)
    if rate is None:
        raise not_found()
    return _tax_rates([rate])


def write_tax_rates(call: Call, _key: str) -> Listing:
    """Create (PUT) or update (POST) one tax rate; further elements are ignored."""
    noun: Noun[TaxRate] = Noun(
        collection="TaxRates",
        id_name="TaxType",
        write=lambda element: write_tax_rate(call.books, element, call.mode),
        show=tax_rate_json,
        saved=lambda _: None,
        error_flag="HasValidationErrors",
    )
    return write_all(call, noun, call.elements("TaxRates")[:1])


def list_accounts(call: Call, _key: str) -> Listing:
    """List the chart of accounts, archived ones too."""
    source = Source(
        records=call.books.accounts.values,
        table=account_fields(),
        key=lambda account: account.code,
        updated=lambda account: account.updated,
    )
    shown = rendered(account_json(account) for account in select(call, source))
    return Listing(collection="Accounts", records=shown)


def get_account(call: Call, key: str) -> Listing:
    """Return one account by its id."""
    account = call.books.accounts.get(key.lower())
    if account is None:
        raise not_found()
    return Listing(collection="Accounts", records=rendered([account_json(account)]))


def list_currencies(call: Call, _key: str) -> Listing:
    """List the currencies the organisation uses."""
    source = Source(
        records=lambda: call.books.currencies,
        table=currency_fields(),
        key=lambda currency: currency.code,
    )
    shown = rendered(currency_json(currency) for currency in select(call, source))
    return Listing(collection="Currencies", records=shown)


def list_themes(call: Call, _key: str) -> Listing:
    """List branding themes."""
    shown = rendered(theme_json(theme) for theme in call.books.branding_themes)
    return Listing(collection="BrandingThemes", records=shown)


def get_organisation(call: Call, _key: str) -> Listing:
    """Return the organisation of the call."""
    shown = rendered([organisation_json(call.books.profile)])
    return Listing(collection="Organisations", records=shown)


def get_actions(call: Call, key: str) -> Listing:
    """Return what the organisation allows."""
    if key.lower() != "actions":
        raise not_found()
    return Listing(collection="Actions", records=rendered(actions_json(call.books.profile)))


def list_payments(call: Call, _key: str) -> Listing:
    """List payments of all invoices."""
    books = call.books
    source = Source(
        records=lambda: [
            (invoice, payment)
            for invoice in books.invoices.values()
            for payment in invoice.payments
        ],
        table=payment_fields(),
        key=lambda pair: pair[1].payment_id,
        updated=lambda pair: pair[1].updated,
    )
    pairs = select(call, source)
    pagination: Pagination | None = None
    page = read_page(call.query.get("page"), call.query.get("pageSize"))
    if page is not None:
        pairs, pagination = page.cut(pairs)
    shown = rendered(payment_json(books, invoice, payment) for invoice, payment in pairs)
    return Listing(collection="Payments", records=shown, pagination=pagination)


def get_payment(call: Call, key: str) -> Listing:
    """Return one payment by its id."""
    for invoice in call.books.invoices.values():
        for payment in invoice.payments:
            if payment.payment_id == key.lower():
                shown = payment_json(call.books, invoice, payment)
                return Listing(collection="Payments", records=rendered([shown]))
    raise not_found()


def _tax_rates(rates: list[TaxRate]) -> Listing:
    return Listing(collection="TaxRates", records=rendered(tax_rate_json(rate) for rate in rates))
