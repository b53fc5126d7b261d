"""What a country brings: tax rates, currency, places (developer.xero.com, types: tax rates)."""

from dataclasses import dataclass
from decimal import Decimal

from syncline_xero_simulator.books.tax_rate import (
    AccountClass,
    TaxComponent,
    TaxRate,
    TaxRateStatus,
)
from syncline_xero_simulator.config import Country

_INCOME = (
    AccountClass.ASSET,
    AccountClass.EQUITY,
    AccountClass.LIABILITY,
    AccountClass.REVENUE,
)
_SPENDING = (
    AccountClass.ASSET,
    AccountClass.EQUITY,
    AccountClass.EXPENSE,
    AccountClass.LIABILITY,
)
_ANY = tuple(AccountClass)
_LIABILITY = (AccountClass.LIABILITY,)
_ZERO_RATED = (AccountClass.LIABILITY, AccountClass.REVENUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryFacts:
    """Facts of one country that the seeds need."""

    currency: str
    currency_name: str
    timezone: str
    zone: str
    phone_code: str
    country_name: str
    cities: tuple[tuple[str, str, str], ...]
    """City, region, postal code."""
    sales_tax: str
    purchase_tax: str
    no_tax: str
    tax_rates: tuple[TaxRate, ...]


def _rate(
    tax_type: str, percent: str, name: str, applies: tuple[AccountClass, ...], report: str = ""
) -> TaxRate:
    return TaxRate(
        tax_type=tax_type,
        name=name,
        components=(TaxComponent(name="GST", rate=Decimal(percent)),),
        applies_to=applies,
        report_tax_type=report or tax_type,
    )


def _system(tax_type: str, name: str, applies: tuple[AccountClass, ...]) -> TaxRate:
    return TaxRate(
        tax_type=tax_type,
        name=name,
        components=(TaxComponent(name="GST", rate=Decimal(0)),),
        applies_to=applies,
        report_tax_type=tax_type,
        is_system=True,
    )


def _retired(tax_type: str, percent: str, name: str, status: TaxRateStatus) -> TaxRate:
    return TaxRate(
        tax_type=tax_type,
        name=name,
        components=(TaxComponent(name="Tax", rate=Decimal(percent)),),
        applies_to=_INCOME,
        report_tax_type="OUTPUT",
        status=status,
    )


_RETIRED = (
    _retired("TAX001", "12.5", "12.5% Old rate", TaxRateStatus.ARCHIVED),
    _retired("TAX002", "7", "7% Trial rate", TaxRateStatus.DELETED),
    _retired("TAX003", "5", "5% Announced rate", TaxRateStatus.PENDING),
)
_COMPOUND = TaxRate(
    tax_type="TAX004",
    name="Levy and tax",
    components=(
        TaxComponent(name="Levy", rate=Decimal(5)),
        TaxComponent(name="Tax on levy", rate=Decimal(10), is_compound=True),
    ),
    applies_to=_INCOME,
    report_tax_type="OUTPUT",
)

_NZ = CountryFacts(
    currency="NZD",
    currency_name="New Zealand Dollar",
    timezone="NEWZEALANDSTANDARDTIME",
    zone="Pacific/Auckland",
    phone_code="64",
    country_name="New Zealand",
    cities=(
        ("Nelson", "Tasman", "7010"),
        ("Auckland", "Auckland", "1010"),
        ("Wellington", "Wellington", "6011"),
        ("Dunedin", "Otago", "9016"),
        ("Tauranga", "Bay of Plenty", "3110"),
    ),
    sales_tax="OUTPUT2",
    purchase_tax="INPUT2",
    no_tax="NONE",
    tax_rates=(
        _rate("INPUT2", "15", "15% GST on Expenses", _SPENDING, "INPUT"),
        _system("NONE", "No GST", _ANY),
        _rate("OUTPUT2", "15", "15% GST on Income", _INCOME, "OUTPUT"),
        _rate("ZERORATED", "0", "Zero Rated", _ZERO_RATED, "ZERORATEDOUTPUT"),
        _system("GSTONIMPORTS", "GST on Imports", _LIABILITY),
        *_RETIRED,
        _COMPOUND,
    ),
)
_AU = CountryFacts(
    currency="AUD",
    currency_name="Australian Dollar",
    timezone="AUSEASTERNSTANDARDTIME",
    zone="Australia/Sydney",
    phone_code="61",
    country_name="Australia",
    cities=(
        ("Sydney", "NSW", "2000"),
        ("Melbourne", "VIC", "3000"),
        ("Hobart", "TAS", "7000"),
        ("Brisbane", "QLD", "4000"),
        ("Fremantle", "WA", "6160"),
    ),
    sales_tax="OUTPUT",
    purchase_tax="INPUT",
    no_tax="BASEXCLUDED",
    tax_rates=(
        _system("BASEXCLUDED", "BAS Excluded", _ANY),
        _rate("INPUT", "10", "GST on Expenses", _SPENDING),
        _rate("OUTPUT", "10", "GST on Income", _INCOME),
        _rate("EXEMPTOUTPUT", "0", "GST Free Income", _INCOME),
        _system("EXEMPTEXPENSES", "GST Free Expenses", _SPENDING),
        _rate("CAPEXINPUT", "10", "GST on Capital", _SPENDING),
        _rate("EXEMPTEXPORT", "0", "GST Free Exports", _INCOME),
        _rate("INPUTTAXED", "0", "Input Taxed", _ANY),
        _system("GSTONIMPORTS", "GST on Imports", _LIABILITY),
        *_RETIRED,
        _COMPOUND,
    ),
)
_UK = CountryFacts(
    currency="GBP",
    currency_name="British Pound",
    timezone="GMTSTANDARDTIME",
    zone="Europe/London",
    phone_code="44",
    country_name="United Kingdom",
    cities=(("Leeds", "Yorkshire", "LS1 4AP"), ("Bristol", "Avon", "BS1 5TR")),
    sales_tax="OUTPUT2",
    purchase_tax="INPUT2",
    no_tax="NONE",
    tax_rates=(
        _rate("OUTPUT2", "20", "20% (VAT on Income)", _INCOME, "OUTPUT"),
        _rate("INPUT2", "20", "20% (VAT on Expenses)", _SPENDING, "INPUT"),
        _rate("RROUTPUT", "5", "5% (VAT on Income)", _INCOME, "OUTPUT"),
        _rate("RRINPUT", "5", "5% (VAT on Expenses)", _SPENDING, "INPUT"),
        _rate("ZERORATEDOUTPUT", "0", "Zero Rated Income", _INCOME),
        _rate("ZERORATEDINPUT", "0", "Zero Rated Expenses", _SPENDING),
        _rate("EXEMPTOUTPUT", "0", "Exempt Income", _INCOME),
        _rate("EXEMPTINPUT", "0", "Exempt Expenses", _SPENDING),
        _system("NONE", "No VAT", _ANY),
        *_RETIRED,
    ),
)
_US = CountryFacts(
    currency="USD",
    currency_name="United States Dollar",
    timezone="EASTERNSTANDARDTIME",
    zone="America/New_York",
    phone_code="1",
    country_name="United States",
    cities=(("Portland", "ME", "04101"), ("Albany", "NY", "12207")),
    sales_tax="OUTPUT",
    purchase_tax="INPUT",
    no_tax="NONE",
    tax_rates=(
        _rate("OUTPUT", "0", "Tax on Sales", _INCOME),
        _rate("INPUT", "0", "Tax on Purchases", _SPENDING),
        _system("NONE", "Tax Exempt", _ANY),
        _system("GSTONIMPORTS", "Sales Tax on Imports", _LIABILITY),
        *_RETIRED,
        _COMPOUND,
    ),
)


def country_facts(country: Country) -> CountryFacts:
    """Return the facts of `country`."""
    return {Country.NZ: _NZ, Country.AU: _AU, Country.UK: _UK, Country.US: _US}[country]
