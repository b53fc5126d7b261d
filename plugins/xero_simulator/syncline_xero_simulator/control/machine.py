"""The simulator itself through the control API: status, clock, switches, limits, counters."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from syncline_xero_simulator.config import Allowances
from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only
from syncline_xero_simulator.wire.inbound import Element


def get_status(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """Tell what runs here: app, users, organisations, time."""
    config = desk.config
    return {
        "product": "Xero simulator",
        "url": config.public_url,
        "now": desk.now().isoformat(),
        "app": {
            "client_id": config.app.client_id,
            "redirect_uris": list(config.app.redirect_uris),
        },
        "users": [user.email for user in config.users],
        "organisations": [
            {"name": books.profile.name, "tenant_id": books.profile.tenant_id}
            for books in desk.parts.organisations.all()
        ],
        "faults": len(desk.parts.faults.all()),
        "webhooks": desk.parts.webhooks.subscription.state,
    }


def get_clock(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """Tell the simulator's time and how far it is ahead of real time."""
    return {"now": desk.now().isoformat(), "offset_seconds": desk.parts.clock.offset_seconds}


def advance_clock(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Move the clock forwards by `advance_seconds` (negative: back)."""
    only(body, "advance_seconds")
    seconds = body.number("advance_seconds")
    if seconds is None:
        raise ControlError("advance_seconds is missing")
    try:
        desk.parts.clock.advance(float(seconds))
    except OverflowError as error:
        raise ControlError("advance_seconds is too large") from error
    return get_clock(desk, body, values)


def get_switches(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """Show every switch with its value."""
    return desk.parts.switches().describe()


def change_switches(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Set switches: `{"strict_rotation": true}`; the others stay."""
    try:
        desk.parts.switches.switches = desk.parts.switches().change(body.data)
    except ValueError as error:
        raise ControlError(str(error)) from error
    return desk.parts.switches().describe()


def get_limits(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """Show how many calls are allowed."""
    return asdict(desk.parts.limits.allowances)


def change_limits(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Set `minute`, `day`, `concurrent`, `app_minute`; `reset`: true forgets what was used."""
    names = tuple(asdict(Allowances()))
    only(body, *names, "reset")
    wanted = {name: body.number(name) for name in names if body.has(name)}
    bad = [name for name, value in wanted.items() if value is None or value != int(value)]
    if bad or any(value is not None and value < 0 for value in wanted.values()):
        raise ControlError("limits must be whole numbers, 0 or more")
    counts = {name: int(value) for name, value in wanted.items() if value is not None}
    desk.parts.limits.allowances = replace(desk.parts.limits.allowances, **counts)
    if body.flag("reset"):
        desk.parts.limits.reset()
    return asdict(desk.parts.limits.allowances)


def get_counters(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """Tell what clients called: per tenant and endpoint, per window, at once."""
    return desk.parts.counters.report()


def reset_counters(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Count from zero again."""
    only(body)
    desk.parts.counters.reset()
    return desk.parts.counters.report()


def routes() -> list[Route]:
    """Return the routes of the machine."""
    return [
        Route(method="GET", path="/simulator/status", handler=get_status),
        Route(method="GET", path="/simulator/clock", handler=get_clock),
        Route(method="POST", path="/simulator/clock", handler=advance_clock),
        Route(method="GET", path="/simulator/switches", handler=get_switches),
        Route(method="POST", path="/simulator/switches", handler=change_switches),
        Route(method="GET", path="/simulator/limits", handler=get_limits),
        Route(method="POST", path="/simulator/limits", handler=change_limits),
        Route(method="GET", path="/simulator/counters", handler=get_counters),
        Route(method="DELETE", path="/simulator/counters", handler=reset_counters),
    ]
