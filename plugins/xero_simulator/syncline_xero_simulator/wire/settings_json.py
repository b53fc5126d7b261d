"""Tax rates, accounts, currencies, branding themes and the organisation as JSON."""

from typing import Any

from syncline_xero_simulator.books.account import Account
from syncline_xero_simulator.books.currency import BrandingTheme, Currency
from syncline_xero_simulator.books.profile import ACTIONS, Profile
from syncline_xero_simulator.books.tax_rate import AccountClass, TaxRate
from syncline_xero_simulator.wire.dates import bare_instant, calendar, instant
from syncline_xero_simulator.wire.numbers import percent

_APPLIES = {
    "CanApplyToAssets": AccountClass.ASSET,
    "CanApplyToEquity": AccountClass.EQUITY,
    "CanApplyToExpenses": AccountClass.EXPENSE,
    "CanApplyToLiabilities": AccountClass.LIABILITY,
    "CanApplyToRevenue": AccountClass.REVENUE,
}


def tax_rate_json(rate: TaxRate) -> dict[str, Any]:
    """Return a tax rate."""
    return {
        "Name": rate.name,
        "TaxType": rate.tax_type,
        **({"ReportTaxType": rate.report_tax_type} if rate.report_tax_type else {}),
        **{member: kind in rate.applies_to for member, kind in _APPLIES.items()},
        "DisplayTaxRate": percent(rate.display_rate),
        "EffectiveRate": percent(rate.effective_rate),
        "Status": rate.status,
        "TaxComponents": [
            {
                "Name": part.name,
                "Rate": percent(part.rate),
                "IsCompound": part.is_compound,
                "IsNonRecoverable": part.is_non_recoverable,
            }
            for part in rate.components
        ],
    }


def account_json(account: Account) -> dict[str, Any]:
    """Return an account."""
    optional = {"Description": account.description, "SystemAccount": account.system}
    return {
        "AccountID": account.account_id,
        "Code": account.code,
        "Name": account.name,
        "Status": account.status,
        "Type": account.type,
        "TaxType": account.tax_type,
        "Class": account.account_class,
        **{name: value for name, value in optional.items() if value},
        "EnablePaymentsToAccount": account.takes_payments,
        "ShowInExpenseClaims": False,
        "ReportingCode": "",
        "HasAttachments": False,
        "AddToWatchlist": False,
        "UpdatedDateUTC": instant(account.updated),
    }


def currency_json(currency: Currency) -> dict[str, Any]:
    """Return a currency."""
    return {"Code": currency.code, "Description": currency.description}


def theme_json(theme: BrandingTheme) -> dict[str, Any]:
    """Return a branding theme."""
    return {
        "BrandingThemeID": theme.theme_id,
        "Name": theme.name,
        "SortOrder": theme.sort_order,
        "CreatedDateUTC": instant(theme.created),
    }


def organisation_json(profile: Profile) -> dict[str, Any]:
    """Return an organisation."""
    locks = {
        "PeriodLockDate": profile.period_lock_day,
        "EndOfYearLockDate": profile.year_lock_day,
    }
    return {
        "OrganisationID": profile.tenant_id,
        "Name": profile.name,
        "LegalName": profile.name,
        "PaysTax": True,
        "Version": profile.country if profile.country in ("AU", "NZ", "US") else "UK",
        "OrganisationType": "COMPANY",
        "BaseCurrency": profile.base_currency,
        "CountryCode": profile.country,
        "IsDemoCompany": profile.is_demo,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "DefaultSalesTax": "Remember previous",
        "DefaultPurchasesTax": "Remember previous",
        **{name: calendar(day) for name, day in locks.items() if day is not None},
        "CreatedDateUTC": bare_instant(profile.created),
        "Timezone": profile.timezone,
        "OrganisationEntityType": "COMPANY",
        "ShortCode": profile.short_code,
        "Class": "DEMO" if profile.is_demo else "PREMIUM",
        "Edition": "BUSINESS",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }


def action_json(name: str, profile: Profile) -> dict[str, str]:
    """Return whether the organisation allows one action."""
    forbidden = name in profile.forbidden_actions
    return {"Name": name, "Status": "NOT-ALLOWED" if forbidden else "ALLOWED"}


def actions_json(profile: Profile) -> list[dict[str, str]]:
    """Return all actions."""
    return [action_json(name, profile) for name in ACTIONS]
