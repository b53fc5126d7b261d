"""Where each issue of a run is settled, and what many of one kind are called."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from syncline.v1.run_pb2 import RecordKind, RunIssue
from syncline_console.advice import NOUNS
from syncline_console.templates import count

Path = Callable[..., str]
"""``Visit.path``."""

_CONTACT, _ITEM, _TAX_RATE, _INVOICE = (
    RecordKind.RECORD_KIND_CONTACT,
    RecordKind.RECORD_KIND_ITEM,
    RecordKind.RECORD_KIND_TAX_RATE,
    RecordKind.RECORD_KIND_INVOICE,
)
_LONGEST_QUERY: Final = 200
"""Characters that a search of the API takes."""
_PHRASES: Final = {
    "EXPORT_TAX_MAPPING_REQUIRED": ("needs a tax mapping", "need a tax mapping"),
    "EXPORT_ITEM_MAPPING_REQUIRED": ("needs an item mapping", "need an item mapping"),
    "EXPORT_CONTACT_MAPPING_REQUIRED": ("needs a contact mapping", "need a contact mapping"),
    "EXPORT_CONTACT_ARCHIVED": ("has an archived contact", "have an archived contact"),
    "EXPORT_CONTACT_VANISHED": ("has a contact that is gone", "have a contact that is gone"),
    "FREIGHT_NOT_FINALIZED": ("waits for its freight amount", "wait for their freight amounts"),
    "INVOICE_NOT_CONFIRMED": ("is not confirmed", "are not confirmed"),
    "INVOICE_UNKNOWN": ("is not known here", "are not known here"),
    "INVOICE_VOID": ("is void", "are void"),
    "BATCH_LIMIT_EXCEEDED": ("is beyond the 50 of one push", "are beyond the 50 of one push"),
    "INVOICE_REJECTED": ("was refused", "were refused"),
    "CONTACT_AMBIGUOUS": ("fits several customers", "fit several customers"),
    "ITEM_AMBIGUOUS": ("fits several products", "fit several products"),
    "CONTACT_MERGED": ("was merged into another", "were merged into others"),
    "TAX_TYPE_NOT_MAPPED": ("has an unmapped tax rate", "have an unmapped tax rate"),
    "_VANISHED": ("is gone at the provider", "are gone at the provider"),
    "_CODE_SHARED": ("shares its code with another", "share their code with another"),
}
"""By a part of the code, the more telling first; codes begin or end with the provider's name."""
_ADVICE: Final = {
    "EXPORT_CONTACT_VANISHED": (
        "Remove the contact's mapping and assign another contact to the customer; or bring the"
        " contact back there and sync contacts again."
    ),
    "LIST_COLLAPSED": (
        "Look whether they are really gone there. If they are not, sync again later. If they are,"
        " say so at that sync on the overview."
    ),
}
"""Where the API speaks of what only its callers have."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A link that leads to where something is done."""

    path: str
    label: str


def advice(code: str, given: str) -> str:
    """Return what to do about something, for a person in front of a page."""
    return next((text for part, text in _ADVICE.items() if part in code), given)


def of_issue(issue: RunIssue, path: Path, *, may_settle: bool) -> Way | None:
    """Return where an issue is settled; None when that is nowhere on these pages.

    :param path: gives addresses of the connection's pages.
    :param may_settle: whether the person may; else it is where they can look.
    """
    code, kind, record = issue.code, issue.record_kind, issue.record_id
    if code.endswith("_LIST_COLLAPSED"):
        return Way(path=f"{path()}#syncs", label="Go to the syncs")
    if kind == _INVOICE:
        return of_reason(code, path, may_settle=may_settle) or _invoice(record, path)
    if kind == _TAX_RATE or code == "TAX_TYPE_NOT_MAPPED":
        return _tax_mapping(path, may_settle=may_settle)
    if kind not in (_CONTACT, _ITEM) or not record:
        return None
    pages = "contacts" if kind == _CONTACT else "items"
    way = _mapping(pages, issue, path)
    return way if may_settle or way is None else _listed(pages, issue, path)


def _tax_mapping(path: Path, *, may_settle: bool) -> Way:
    return Way(
        path=path("tax-mapping"), label="Map tax rates" if may_settle else "Look at tax rates"
    )


def _listed(pages: str, issue: RunIssue, path: Path) -> Way:
    query = urlencode({"show": "all", "q": issue.record_name[:_LONGEST_QUERY]})
    return Way(path=f"{path(pages)}?{query}", label=f"Look at the {noun(issue.record_kind)}")


def _mapping(pages: str, issue: RunIssue, path: Path) -> Way | None:
    ours = "customer" if pages == "contacts" else "product"
    record = quote(issue.record_id, safe="")  # the provider's: nobody promises what is in it
    if issue.code.endswith(("_VANISHED", "_MERGED")):
        return Way(path=path(pages, record, "remove"), label="Remove the mapping")
    if issue.code.endswith(("_AMBIGUOUS", "_CODE_SHARED")):
        return Way(path=path(pages, record, "assign"), label=f"Choose the {ours}")
    return None


def _invoice(record: str, path: Path) -> Way | None:
    return Way(path=path("invoices", record), label="Look at the invoice") if record else None


def of_reason(code: str, path: Path, *, may_settle: bool) -> Way | None:
    """Return where what blocks an invoice is settled; None when that is not on these pages.

    :param may_settle: as for :func:`of_issue`.
    """
    if "EXPORT_TAX_" in code:
        return _tax_mapping(path, may_settle=may_settle)
    if "EXPORT_CONTACT_" in code:
        is_to_map = may_settle and code.endswith("_MAPPING_REQUIRED")
        label = "Map contacts" if is_to_map else "Look at contacts"
        return Way(path=path("contacts"), label=label)
    if "EXPORT_ITEM_" in code:
        return Way(path=path("items"), label="Map items" if may_settle else "Look at items")
    return None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Issues of one code."""

    code: str
    count: int
    text: str
    """``12 invoices need a tax mapping``."""
    way: Way | None
    """Where all of them are settled; None when each has a place of its own."""


def grouped(
    found: Iterable[tuple[str, "RecordKind"]], path: Path, *, may_settle: bool
) -> list[Group]:
    """Return what there is of each kind, the most first.

    :param found: code and record kind of each.
    :param may_settle: as for :func:`of_issue`.
    """
    return [
        Group(
            code=code,
            count=number,
            text=phrase(code, kind, number),
            way=_shared(code, path, may_settle=may_settle),
        )
        for (code, kind), number in Counter(found).most_common()
    ]


def _shared(code: str, path: Path, *, may_settle: bool) -> Way | None:
    if code == "TAX_TYPE_NOT_MAPPED":
        return _tax_mapping(path, may_settle=may_settle)
    return of_reason(code, path, may_settle=may_settle)


def noun(kind: "RecordKind") -> str:
    """Return what a kind of record is called."""
    return NOUNS.get(kind, "record")


def phrase(code: str, kind: "RecordKind", number: int) -> str:
    """Return a number of records with what is wrong with them."""
    records = count(number, noun(kind))
    said = next((said for part, said in _PHRASES.items() if part in code), None)
    return f"{records} {said[number != 1] if said else _spoken(code)}"


def _spoken(code: str) -> str:
    return f"with “{code.replace('_', ' ').capitalize()}”"
