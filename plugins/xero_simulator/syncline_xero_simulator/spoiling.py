"""Successful answers as a fault leaves them."""

from typing import Any

from syncline_xero_simulator.faults import Fault, FaultKind
from syncline_xero_simulator.wire.json_text import read_json, write_json

_OVER_LARGE = 2 * 1024 * 1024
_HUGE = "x" * 100_000
_TEXTS = ("Name", "Code", "Reference", "EmailAddress")
_HTML = "<!DOCTYPE html><html><body><h1>Xero will be back shortly</h1></body></html>"
_XML = '<?xml version="1.0"?><Response><Status>OK</Status></Response>'
_IDS = ("ContactID", "ItemID", "InvoiceID", "TaxType")
_OTHER_CONTENT = {
    FaultKind.HTML_ANSWER: ("text/html; charset=utf-8", _HTML),
    FaultKind.XML_ANSWER: ("text/xml; charset=utf-8", _XML),
}


def spoiled(fault: Fault, body: str, page: int) -> str:
    """Return the JSON of a successful answer as the fault leaves it.

    :param page: the number of the page that was asked for.
    """
    match fault.kind:
        case FaultKind.TRUNCATED_JSON:
            return body[: len(body) * 2 // 3]
        case FaultKind.MALFORMED_JSON:
            return body.replace(":", "=", 1)
        case FaultKind.OVER_LARGE:
            return " " * _OVER_LARGE + body
        case FaultKind.HTML_ANSWER | FaultKind.XML_ANSWER:
            return _OTHER_CONTENT[fault.kind][1]
    try:
        answer = read_json(body)
    except ValueError:
        return body
    return write_json(_altered(fault, answer, page)) if isinstance(answer, dict) else body


def content_type(fault: Fault, usual: str) -> str:
    """Return the type of the content that the fault leaves."""
    return _OTHER_CONTENT.get(fault.kind, (usual, ""))[0]


def _altered(fault: Fault, answer: dict[str, Any], page: int) -> dict[str, Any]:
    if fault.kind is FaultKind.PATCH_ANSWER:
        return answer | dict(fault.fields)
    pagination = answer.get("pagination")
    for name, records in answer.items():
        if isinstance(records, list):
            answer[name] = _records(fault, records, page)
            if isinstance(pagination, dict):
                answer["pagination"] = _pagination(fault, pagination, page, len(records))
    return answer


def _records(fault: Fault, records: list[Any], page: int) -> list[Any]:
    match fault.kind:
        case FaultKind.EMPTY_PAGE:
            return []
        case FaultKind.DUPLICATE_IDS:
            return records + records
        case FaultKind.PATCH_FIELDS:
            return [{**record, **fault.fields} for record in records]
        case FaultKind.HUGE_STRINGS:
            return [_lengthened(record) for record in records]
        case FaultKind.ENDLESS_PAGES:
            return [_renumbered(record, page) for record in records]
    return records


def _lengthened(record: dict[str, Any]) -> dict[str, Any]:
    return record | {name: f"{record[name]}{_HUGE}" for name in _TEXTS if record.get(name)}


def _renumbered(record: dict[str, Any], page: int) -> dict[str, Any]:
    """Return the record under an id that no other page has."""
    own = {name: f"{page:08x}{str(record[name])[8:]}" for name in _IDS if name in record}
    return record | own


def _pagination(fault: Fault, told: dict[str, Any], page: int, size: int) -> dict[str, Any]:
    match fault.kind:
        case FaultKind.LYING_PAGINATION:
            more = {
                "pageCount": told["pageCount"] + 1,
                "itemCount": told["itemCount"] + told["pageSize"],
            }
        case FaultKind.SMALL_PAGINATION:
            more = {"pageCount": 1, "itemCount": 0}
        case FaultKind.REPEATED_PAGE | FaultKind.ENDLESS_PAGES:
            more = {"pageSize": size, "pageCount": page + 1, "itemCount": size * (page + 1)}
        case _:
            more = {}
    return told | more
