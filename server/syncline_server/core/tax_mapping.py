"""Settling tax types: what a person may decide, judged by the outcome of all of it together."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.mappings import TaxMapping
from syncline_server.core.matching import key
from syncline_server.core.model import MappingState
from syncline_server.core.records import TaxCode

TAX_CODE = "tax_code"
NOT_USED = "not_used"


@dataclass(frozen=True, kw_only=True)
class TaxDecision:
    """What a person decides about one tax type."""

    tax_type: str
    fields: frozenset[str]
    """Which of ``tax_code`` and ``not_used`` are set."""
    tax_code: str = ""
    """Resource name; empty clears it."""
    not_used: bool = False
    confirm_rate_mismatch: bool = False
    etag: str = ""


def decided(mapping: TaxMapping, decision: TaxDecision, tax_code_id: str | None) -> TaxMapping:
    """Return a mapping as a decision leaves it, whether that is allowed or not.

    :param tax_code_id: the id in the decision's tax code, when it names one.
    """
    if TAX_CODE in decision.fields and tax_code_id:
        return _as(mapping, MappingState.MAPPED, tax_code_id)
    if NOT_USED in decision.fields and decision.not_used:
        return _as(mapping, MappingState.NOT_USED)
    cleared = {
        TAX_CODE: mapping.tax_code_id is not None,
        NOT_USED: mapping.state is MappingState.NOT_USED,
    }
    if any(cleared[field] for field in decision.fields):
        return _as(mapping, MappingState.UNMAPPED)
    return mapping


def blockers(
    outcome: Mapping[str, TaxMapping],
    decisions: Sequence[TaxDecision],
    tax_codes: Mapping[str, TaxCode],
) -> list[Blocker]:
    """Return what stands in the way of an outcome, in the order of the decisions.

    :param outcome: all tax types of the organisation as they would be, by tax type.
    :param tax_codes: those the decisions name, by id.
    """
    holders = Counter(mapping.tax_code_id for mapping in outcome.values() if _holds(mapping))
    found = []
    for decision in decisions:
        mapping = outcome[decision.tax_type]
        code = tax_codes.get(mapping.tax_code_id or "")
        if code:
            found += _judge(mapping, code, decision, taken=holders[code.id] > 1)
    return found


def with_suggestions(
    mappings: Iterable[TaxMapping], tax_codes: Collection[TaxCode], taken: Collection[str]
) -> list[TaxMapping]:
    """Return mappings with a tax code suggested where exactly one free one offers itself.

    Of the same rate; where several have it, of the same rate and name. Never applied by itself.

    :param taken: ids of the tax codes that stand for a tax type already.
    """
    free = [code for code in tax_codes if code.active and code.id not in taken]
    return [replace(mapping, suggestion_id=_suggestion(mapping, free)) for mapping in mappings]


def taken_codes(mappings: Iterable[TaxMapping]) -> set[str]:
    """Return the ids of the tax codes that stand for a tax type the provider still offers."""
    return {mapping.tax_code_id for mapping in mappings if mapping.tax_code_id and _holds(mapping)}


def _as(mapping: TaxMapping, state: MappingState, tax_code_id: str | None = None) -> TaxMapping:
    return replace(mapping, state=state, tax_code_id=tax_code_id, review_reason="")


def _holds(mapping: TaxMapping) -> bool:
    return mapping.tax_code_id is not None and mapping.active


def _judge(
    mapping: TaxMapping, code: TaxCode, decision: TaxDecision, *, taken: bool
) -> list[Blocker]:
    name = f"{mapping.organisation.connection}/taxMappings/{mapping.tax_type}"

    def blocker(reason: Reason, description: str) -> Blocker:
        return Blocker(reason=reason, subject=name, title=mapping.title, description=description)

    found = []
    if not mapping.active or not mapping.applies_to_sales:
        why = "does not apply to sales" if mapping.active else "is archived"
        text = f"{mapping.title} {why}: set it not used, or leave it unmapped."
        found.append(blocker(Reason.MAPPING_NOT_APPLICABLE, text))
    if taken:
        text = f"Another tax type is mapped to {code.code}: unmap that, or choose another tax code."
        found.append(blocker(Reason.TAX_CODE_TAKEN, text))
    if code.rate != mapping.rate and not decision.confirm_rate_mismatch:
        text = (
            f"{mapping.title} is {_percent(mapping.rate)} and {code.code} is {_percent(code.rate)}:"
            " choose another tax code, or confirm the mismatch."
        )
        found.append(blocker(Reason.TAX_RATE_MISMATCH, text))
    return found


def _suggestion(mapping: TaxMapping, free: Sequence[TaxCode]) -> str | None:
    open_for_one = mapping.active and mapping.applies_to_sales
    if mapping.state is not MappingState.UNMAPPED or not open_for_one:
        return None
    fitting = [code for code in free if code.rate == mapping.rate]
    if len(fitting) > 1:
        words = {key(mapping.title), key(mapping.tax_type)}
        fitting = [code for code in fitting if words & {key(code.display_name), key(code.code)}]
    return fitting[0].id if len(fitting) == 1 else None


def _percent(rate: Decimal) -> str:
    return f"{rate.normalize():f} %"
