"""When a list that should be complete is not believed: most of what is known is missing in it."""

from typing import Final

from syncline_sdk import Issue, RecordKind

_SEVERAL: Final = 3
"""From so many known records on, a list without any of them is not believed."""
_MANY: Final = 10
"""From so many on, one without half of them is not."""
_NOUNS: Final = {
    RecordKind.CONTACT: "contacts",
    RecordKind.ITEM: "items",
    RecordKind.TAX_RATE: "tax rates",
    RecordKind.INVOICE: "linked invoices",
}


def is_collapse(known: int, kept: int) -> bool:
    """Return whether a list has lost too much to be true.

    :param known: how many records are known here.
    :param kept: how many of those it holds.
    """
    if kept == 0:
        return known >= _SEVERAL
    return known >= _MANY and kept * 2 < known


def collapse_issue(provider: str, kind: RecordKind, known: int, kept: int) -> Issue:
    """Return what a person is told of such a list; it concerns no record in particular.

    :param provider: its name, for the code.
    """
    noun = _NOUNS[kind]
    return Issue(
        code=f"{provider.upper()}_LIST_COLLAPSED",
        message=f"The provider listed {kept} of the {known} {noun} that are known here. "
        "None was taken for gone, and the next run reads everything again.",
        action=f"Look at the {noun} at the provider. If the others are gone there, sync once with "
        "accept_collapse; if they are not, sync again later.",
        kind=kind,
        record_id="",
        record_name="",
    )
