"""What a change of a provider's tax rate means for its mapping."""

from decimal import Decimal

from syncline_sdk import TaxRate


def review_reason(before_rate: Decimal, *, was_usable: bool, now: TaxRate | None) -> str:
    """Return why a mapped tax type must be looked at again; empty when it need not.

    :param before_rate: the percentage it had when it was read last.
    :param was_usable: whether it could be used on sales then.
    :param now: what the provider has now; None when it is gone.
    """
    if now is None:
        return "It is gone at the provider." if was_usable else ""
    reasons = []
    if now.rate != before_rate:
        reasons.append(f"Its rate changed from {_percent(before_rate)} to {_percent(now.rate)}.")
    if was_usable and not now.active:
        reasons.append("It was archived at the provider.")
    elif was_usable and not now.applies_to_sales:
        reasons.append("It can no longer be used on sales.")
    return " ".join(reasons)


def _percent(rate: Decimal) -> str:
    return f"{rate.normalize():f} %"
