"""The manual step ``tax_mapping``: a person says which tax type stands for which tax code."""

from __future__ import annotations

from syncline_sdk import ManualStep, RecordKind
from syncline_xero.provider import PROVIDER_NAME


def tax_mapping_step() -> ManualStep:
    """Return the manual step ``tax_mapping``."""
    return ManualStep(
        provider=PROVIDER_NAME,
        name="tax_mapping",
        title="Tax Mapping",
        settles=RecordKind.TAX_RATE,
        requires=("tax_rates",),
    )
