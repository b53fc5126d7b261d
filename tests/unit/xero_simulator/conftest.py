"""One signing key for all tests, a fresh simulator for each."""

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.oauth.keys import SigningKey


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def fresh(signing_key: SigningKey) -> SimulatorDriver:
    """Return a simulator that nobody has connected to."""
    return SimulatorDriver(signing_key)


@pytest.fixture
def xero(fresh: SimulatorDriver) -> SimulatorDriver:
    """Return a simulator with Harbour Goods Ltd connected."""
    fresh.connect("Harbour Goods Ltd")
    return fresh
