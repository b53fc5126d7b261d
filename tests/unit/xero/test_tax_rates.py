from decimal import Decimal

import pytest

from syncline_sdk import TaxRate
from syncline_sdk.testing import FakeRunContext, Script
from xero_answers import listed, module, run_context


def rate(tax_type: str | None, **members: object) -> dict[str, object]:
    """Return a tax rate as the list carries it."""
    return {
        "Name": "15% GST on Income",
        "TaxType": tax_type,
        "ReportTaxType": "OUTPUT",
        "CanApplyToRevenue": True,
        "DisplayTaxRate": 15.0,
        "EffectiveRate": 15.0,
        "Status": "ACTIVE",
        "TaxComponents": [{"Name": "GST", "Rate": 15.0, "IsCompound": False}],
    } | members


def pull(*rows: object) -> FakeRunContext:
    """Pull these tax rates and return the run's context."""
    ctx = run_context("tax_rates", Script(listed("TaxRates", rows)))
    module("tax_rates").run(ctx)
    return ctx


def test_a_tax_rate_becomes_a_neutral_record() -> None:
    """Key, name and effective percentage are taken; all is read in one call."""
    ctx = pull(rate("OUTPUT2", EffectiveRate="12.5000"))

    assert ctx.tax_rates.records == [
        TaxRate(tax_type="OUTPUT2", name="15% GST on Income", rate=Decimal("12.5000"))
    ]
    assert ctx.totals == [1]


def test_one_empty_answer_is_no_proof_that_all_are_gone() -> None:
    """The list is asked for once more; what comes then counts."""
    steps = (listed("TaxRates", []), listed("TaxRates", [rate("OUTPUT2")]))
    ctx = run_context("tax_rates", Script(*steps))

    module("tax_rates").run(ctx)

    assert [each.tax_type for each in ctx.tax_rates.records] == ["OUTPUT2"]


@pytest.mark.parametrize("status", ["DELETED", "ARCHIVED", "PENDING", "NEW_ONE", None])
def test_rates_no_longer_usable_are_kept_and_marked(status: str | None) -> None:
    """Old mappings still refer to them."""
    assert pull(rate("OLD", Status=status)).tax_rates.records[0].active is False


def test_rates_for_purchases_are_marked() -> None:
    """Only what can apply to revenue is for sales lines."""
    assert pull(rate("INPUT2", CanApplyToRevenue=False)).tax_rates.records[0].applies_to_sales is (
        False
    )


def test_bad_rates_become_issues_and_do_not_vanish() -> None:
    """A rate that cannot be read keeps its mapping."""
    ctx = pull(
        rate(None),
        rate("A", EffectiveRate=None),
        rate("B", EffectiveRate="high"),
        rate("C", EffectiveRate="NaN"),
        rate("D"),
    )

    assert [record.tax_type for record in ctx.tax_rates.records] == ["D"]
    assert {"A", "B", "C"} == set(ctx.tax_rates.unreadable)
    assert [issue.code for issue in ctx.issues] == ["XERO_RECORD_UNREADABLE"] * 4


def test_the_usable_one_of_two_rates_with_one_key_wins() -> None:
    """A deleted rate never hides the active one that took its key."""
    ctx = pull(rate("A", Name="Now"), rate("A", Name="Then", Status="DELETED"))

    assert [record.name for record in ctx.tax_rates.records] == ["Now"]
