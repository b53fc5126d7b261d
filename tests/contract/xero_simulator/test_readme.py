"""The README against the code."""

from dataclasses import fields
from pathlib import Path

from syncline_xero_simulator import Switches
from syncline_xero_simulator.control.routes import control_routes
from syncline_xero_simulator.faults import FaultKind

_README = Path(__file__).parents[3] / "plugins" / "xero_simulator" / "README.md"


def test_every_control_route_is_described() -> None:
    """The table holds each route with the words of its documentation."""
    text = _README.read_text(encoding="utf-8")
    missing = [
        route
        for route in control_routes()
        if f"| {route.method} | `{route.path}` | {route.text} |" not in text
    ]

    assert missing == []


def test_every_switch_and_fault_is_described() -> None:
    """Each switch has its row with its default, each kind of fault its name."""
    text = _README.read_text(encoding="utf-8")
    values = Switches().describe()
    shown = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in values.items()
    }

    assert [
        one.name
        for one in fields(Switches)
        if f"| `{one.name}` | `{shown[one.name]}` |" not in text
    ] == []
    assert [kind for kind in FaultKind if f"`{kind}`" not in text] == []
