"""Faults through the control API."""

from collections.abc import Mapping
from typing import Any

from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.faults import Fault, FaultKind
from syncline_xero_simulator.wire.inbound import Element

_MEMBERS = ("kind", "method", "path", "body", "organisation", "count", "skip", "seconds", "fields")

_LONGEST = 86_400


def list_faults(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """List the faults still on order."""
    return {"faults": [_shown(fault) for fault in desk.parts.faults.all()]}


def add_fault(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Order a fault: `kind`, and for whom: `method`, part of `path`, of the `body`, `organisation`.

    `count` calls are hit (default 1, null: all) after `skip` passed; `seconds` is the delay or
    Retry-After; `fields` are what patch-fields sets on every record, patch-answer on the answer.
    """
    only(body, *_MEMBERS)
    fields = body.child("fields")
    seconds = body.number("seconds")
    if seconds is not None and not 0 <= seconds <= _LONGEST:
        raise ControlError(f"seconds must be from 0 to {_LONGEST}")
    tenant_id = ""
    if body.has("organisation"):
        tenant_id = desk.organisation(body.text("organisation")).profile.tenant_id
    fault = Fault(
        fault_id=0,
        kind=_kind(body),
        method=body.text("method").upper(),
        path=body.text("path"),
        body=body.text("body"),
        tenant_id=tenant_id,
        count=_count(body),
        skip=_whole(body, "skip", 0),
        seconds=None if seconds is None else float(seconds),
        fields=dict(fields.data) if fields else {},
    )
    return _shown(desk.parts.faults.add(fault))


def remove_fault(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Cancel one fault."""
    only(body)
    number = values["fault"]
    if not number.isdigit() or not desk.parts.faults.remove(int(number)):
        raise ControlError(f"there is no fault {number}", 404)
    return {"removed": int(number)}


def clear_faults(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Cancel all faults."""
    only(body)
    desk.parts.faults.clear()
    return list_faults(desk, body, values)


def _kind(body: Element) -> FaultKind:
    try:
        kind = FaultKind(required(body, "kind"))
    except ValueError as error:
        raise ControlError(f"kind must be one of {', '.join(FaultKind)}") from error
    if kind is FaultKind.HOLD and (body.has("count") or body.has("seconds")):
        raise ControlError("hold takes no count and no seconds: it lasts until it is cancelled")
    return kind


def _count(body: Element) -> int | None:
    if "count" in body.data and body.data["count"] is None:
        return None
    count = _whole(body, "count", 1)
    if count < 1:
        raise ControlError("count must be 1 or more, or null")
    return count


def _whole(body: Element, name: str, otherwise: int) -> int:
    value = body.number(name)
    if value is None:
        return otherwise
    if value != int(value) or value < 0:
        raise ControlError(f"{name} must be a whole number, 0 or more")
    return int(value)


def _shown(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.fault_id,
        "kind": fault.kind,
        "method": fault.method,
        "path": fault.path,
        "body": fault.body,
        "tenant_id": fault.tenant_id,
        "count": fault.count,
        "skip": fault.skip,
    }


def routes() -> list[Route]:
    """Return the routes of this noun."""
    return [
        Route(method="GET", path="/simulator/faults", handler=list_faults),
        Route(method="POST", path="/simulator/faults", handler=add_fault),
        Route(method="DELETE", path="/simulator/faults", handler=clear_faults),
        Route(method="DELETE", path="/simulator/faults/<fault>", handler=remove_fault),
    ]
