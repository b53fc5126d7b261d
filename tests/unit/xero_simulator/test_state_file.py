"""Keeping state over a restart."""

import json
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.oauth.grants import RefreshToken
from syncline_xero_simulator.oauth.keys import SigningKey
from syncline_xero_simulator.state_file import StateFileError, load_state, save_state


def _restarted(before: SimulatorDriver, path: Path) -> SimulatorDriver:
    save_state(before.simulator, path)
    after = SimulatorDriver(SigningKey.generate())
    load_state(after.simulator, path)
    after.token, after.refresh_token = before.token, before.refresh_token
    after.tenant_id = before.tenant_id
    return after


def test_connections_tokens_and_changes_survive(xero: SimulatorDriver, tmp_path: Path) -> None:
    """Old access and refresh tokens work; records are as they were left."""
    invoice = xero.put_invoice(InvoiceNumber="OV-1", Status="AUTHORISED")
    xero.control_organisation("POST", "invoices/OV-1/pay", {"amount": 2})
    xero.control_organisation("POST", "contacts", {"Name": "Kauri"})
    xero.control_organisation("POST", "tax-rates/OUTPUT2", {"name": "Renamed"})
    xero.control_organisation("POST", "profile", {"period_lock_date": "2026-01-31"})
    item = xero.get("Items", where="IsTrackedAsInventory==false")["Items"][0]["ItemID"]
    xero.call("DELETE", f"Items/{item}")
    xero.control("POST", "switches", {"strict_rotation": True})
    xero.control("POST", "clock", {"advance_seconds": 90})

    after = _restarted(xero, tmp_path / "state.json")

    assert xero.connections() == after.connections()
    for path in ("Contacts?page=1", "Items", "TaxRates", "Invoices?page=1", "Organisation"):
        collections = [
            {name: part for name, part in driver.get(path).items() if isinstance(part, list)}
            for driver in (xero, after)
        ]
        assert collections[0] == collections[1]
    assert after.get(f"Invoices/{invoice['InvoiceID']}")["Invoices"][0]["AmountPaid"] == 2
    assert after.clock.offset_seconds == 90
    assert after.simulator.parts.switches().strict_rotation
    assert after.refresh().status_code == 200


def test_a_reset_demo_stays_reset(xero: SimulatorDriver, tmp_path: Path) -> None:
    """The second life of an organisation is restored, not the first."""
    reset = xero.control_organisation("POST", "demo-reset")

    after = _restarted(xero, tmp_path / "state.json")

    assert reset["tenant_id"] in str(after.control("GET", "organisations"))


def test_the_file_is_for_its_owner_only(xero: SimulatorDriver, tmp_path: Path) -> None:
    """It holds a private key and tokens."""
    path = tmp_path / "state.json"
    save_state(xero.simulator, path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path] == list(tmp_path.iterdir())


def test_a_token_given_out_meanwhile_spoils_nothing(xero: SimulatorDriver, tmp_path: Path) -> None:
    """Somebody whose connection is open still may be answered while the state is written."""
    tokens = xero.simulator.parts.grants.tokens
    name, token = next(iter(tokens.items()))

    class Slow(RefreshToken):
        def __getattribute__(self, attribute: str) -> object:
            tokens["another"] = token
            return super().__getattribute__(attribute)

    tokens[name] = Slow(**{each.name: getattr(token, each.name) for each in fields(token)})

    assert _restarted(xero, tmp_path / "state.json").refresh().status_code == 200


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 1}', '{"version": 99}'])
def test_a_damaged_file_is_named_with_a_remedy(
    fresh: SimulatorDriver, tmp_path: Path, text: str
) -> None:
    """Nothing of it is taken in."""
    path = tmp_path / "state.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(StateFileError, match="move it away to start afresh"):
        load_state(fresh.simulator, path)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("tokens", [{"token": 5}]),
        ("connections", [{}]),
        ("key", {"kty": "RSA"}),
        ("switches", {"x": 1}),
    ],
)
def test_a_file_with_a_wrong_part_is_damaged(
    xero: SimulatorDriver, tmp_path: Path, member: str, value: object
) -> None:
    """Each part is checked against what it should be."""
    path = tmp_path / "state.json"
    save_state(xero.simulator, path)
    state = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**state, member: value}), encoding="utf-8")

    with pytest.raises(StateFileError):
        load_state(SimulatorDriver(xero.simulator.parts.key).simulator, path)
