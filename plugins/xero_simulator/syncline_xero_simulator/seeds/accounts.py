"""The seeded chart of accounts."""

from datetime import datetime

from syncline_xero_simulator.books.account import Account, AccountStatus
from syncline_xero_simulator.books.tax_rate import AccountClass
from syncline_xero_simulator.minting import derived_id
from syncline_xero_simulator.seeds.countries import CountryFacts


def seeded_accounts(seed: str, facts: CountryFacts, born: datetime) -> tuple[Account, ...]:
    """Return a small chart: sales, costs, an archived account and system ones."""
    sales, costs, none = facts.sales_tax, facts.purchase_tax, facts.no_tax
    rows = (
        ("090", "Business Bank Account", "BANK", AccountClass.ASSET, none, ""),
        ("200", "Sales", "REVENUE", AccountClass.REVENUE, sales, ""),
        ("205", "Wholesale Sales", "SALES", AccountClass.REVENUE, sales, ""),
        ("260", "Other Revenue", "OTHERINCOME", AccountClass.REVENUE, sales, ""),
        ("270", "Interest Income", "REVENUE", AccountClass.REVENUE, none, ""),
        ("310", "Cost of Goods Sold", "DIRECTCOSTS", AccountClass.EXPENSE, costs, ""),
        ("400", "Advertising", "OVERHEADS", AccountClass.EXPENSE, costs, ""),
        ("425", "Freight & Courier", "OVERHEADS", AccountClass.EXPENSE, costs, ""),
        ("610", "Accounts Receivable", "CURRENT", AccountClass.ASSET, none, "DEBTORS"),
        ("630", "Inventory", "INVENTORY", AccountClass.ASSET, none, ""),
        ("800", "Accounts Payable", "CURRLIAB", AccountClass.LIABILITY, none, "CREDITORS"),
        ("820", "GST", "CURRLIAB", AccountClass.LIABILITY, none, "GST"),
        ("860", "Rounding", "CURRLIAB", AccountClass.LIABILITY, none, "ROUNDING"),
    )
    chart = [
        Account(
            account_id=derived_id(seed, "account", code),
            code=code,
            name=name,
            type=kind,
            account_class=group,
            tax_type=tax,
            updated=born.replace(microsecond=0),
            system=system,
            takes_payments=kind == "BANK",
        )
        for code, name, kind, group, tax, system in rows
    ]
    return (*chart, _archived(seed, sales, born))


def _archived(seed: str, tax_type: str, born: datetime) -> Account:
    return Account(
        account_id=derived_id(seed, "account", "299"),
        code="299",
        name="Mail-order Sales (closed)",
        type="REVENUE",
        account_class=AccountClass.REVENUE,
        tax_type=tax_type,
        updated=born.replace(microsecond=0),
        status=AccountStatus.ARCHIVED,
    )
