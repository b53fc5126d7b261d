"""An HTTP Xero to run and test against: OAuth, records, limits, faults, a clock."""

from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.config import (
    Allowances,
    AppRegistration,
    Country,
    OrganisationSpec,
    SimulatorConfig,
    User,
)
from syncline_xero_simulator.oauth.keys import SigningKey
from syncline_xero_simulator.server import SimulatorServer
from syncline_xero_simulator.simulator import Simulator, build_simulator
from syncline_xero_simulator.switches import Switches

__all__ = [
    "Allowances",
    "AppRegistration",
    "Country",
    "OrganisationSpec",
    "SigningKey",
    "Simulator",
    "SimulatorClock",
    "SimulatorConfig",
    "SimulatorServer",
    "Switches",
    "User",
    "build_simulator",
]
