"""A whole seeded organisation."""

from datetime import datetime, timedelta

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.currency import BrandingTheme, Currency
from syncline_xero_simulator.books.profile import Profile
from syncline_xero_simulator.config import OrganisationSpec
from syncline_xero_simulator.minting import derived_id
from syncline_xero_simulator.seeds.accounts import seeded_accounts
from syncline_xero_simulator.seeds.contacts import seeded_contacts
from syncline_xero_simulator.seeds.countries import CountryFacts, country_facts
from syncline_xero_simulator.seeds.invoices import seeded_invoices
from syncline_xero_simulator.seeds.items import seeded_items

_FOREIGN = Currency(code="EUR", description="Euro")


def seeded_books(spec: OrganisationSpec, seed: int, born: datetime, life: int = 0) -> Books:
    """Return the books of `spec`; `life` counts how often a demo organisation was reset."""
    root = f"{seed}/{spec.name}/{life}"
    facts = country_facts(spec.country)
    books = Books(spec=spec, born=born, profile=_profile(spec, root, facts, born), life=life)
    books.contacts.seed(seeded_contacts(root, spec.contacts, facts, born))
    books.items.seed(seeded_items(root, spec.items, facts, born))
    books.tax_rates.seed(facts.tax_rates)
    books.accounts.seed(seeded_accounts(root, facts, born))
    books.currencies = (Currency(code=facts.currency, description=facts.currency_name), _FOREIGN)
    books.branding_themes = _themes(root, born)
    books.invoices.seed(seeded_invoices(root, spec.invoices, books, born))
    books.next_invoice_number = spec.invoices + 1
    return books


def _profile(spec: OrganisationSpec, root: str, facts: CountryFacts, born: datetime) -> Profile:
    return Profile(
        tenant_id=derived_id(root, "tenant"),
        name=spec.name,
        country=spec.country,
        base_currency=facts.currency,
        timezone=facts.timezone,
        zone=facts.zone,
        created=born.replace(microsecond=0) - timedelta(days=900),
        short_code=f"!{derived_id(root, 'code')[:5]}",
        is_demo=spec.demo,
    )


def _themes(root: str, born: datetime) -> tuple[BrandingTheme, ...]:
    return tuple(
        BrandingTheme(
            theme_id=derived_id(root, "theme", order),
            name=name,
            sort_order=order,
            created=born.replace(microsecond=0),
        )
        for order, name in enumerate(("Standard", "Wholesale"))
    )
