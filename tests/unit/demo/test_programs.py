from pathlib import Path

import pytest

from syncline_demo.config import read_settings
from syncline_demo.stack.child import Program
from syncline_demo.stack.programs import programs


def named(environ: dict[str, str]) -> dict[str, Program]:
    """Return the programs of an environment by name."""
    return {program.name: program for program in programs(read_settings(environ))}


def test_the_server_is_stopped_first(tmp_path: Path) -> None:
    """Its running calls may still need the others."""
    environ = {"SYNCLINE_DATA_FOLDER": str(tmp_path)}
    assert next(iter(named(environ))) == "server"


def test_the_server_is_pointed_at_the_simulator(tmp_path: Path) -> None:
    """Without credentials of a real app, Xero is the simulator."""
    environ = {
        "SYNCLINE_DATA_FOLDER": str(tmp_path),
        "SYNCLINE_SIMULATOR_LISTEN": "127.0.0.1:18091",
    }
    server = named(environ)["server"].environment
    assert server["SYNCLINE_XERO_BASE_URL"] == "http://127.0.0.1:18091"
    assert server["SYNCLINE_XERO_CLIENT_ID"]
    assert server["SYNCLINE_XERO_WEBHOOK_KEY"]
    assert Path(server["SYNCLINE_ENCRYPTION_KEYS_FILE"]).parent == tmp_path


def test_a_real_app_is_left_alone(tmp_path: Path) -> None:
    """Credentials that are given lead to the real Xero."""
    environ = {"SYNCLINE_DATA_FOLDER": str(tmp_path), "SYNCLINE_XERO_CLIENT_ID": "real"}
    server = named(environ)["server"].environment
    assert server["SYNCLINE_XERO_CLIENT_ID"] == "real"
    assert "SYNCLINE_XERO_BASE_URL" not in server
    assert "SYNCLINE_XERO_WEBHOOK_KEY" not in server


@pytest.mark.parametrize("suffix", ["", "_FILE", "_COMMAND"])
def test_keys_that_are_given_are_used(tmp_path: Path, suffix: str) -> None:
    """No key file is made beside them, however they are given."""
    given = {f"SYNCLINE_ENCRYPTION_KEYS{suffix}": "k"}
    found = named({"SYNCLINE_DATA_FOLDER": str(tmp_path), **given})["server"].environment
    assert {name: found[name] for name in found if "ENCRYPTION" in name} == given
    assert not (tmp_path / "encryption.key").exists()


def test_console_and_simulator_agree_on_the_redirect(tmp_path: Path) -> None:
    """What the server may send people to is what the simulator allows."""
    environ = {"SYNCLINE_DATA_FOLDER": str(tmp_path), "SYNCLINE_CONSOLE_LISTEN": "127.0.0.1:18080"}
    found = named(environ)
    redirect = found["server"].environment["SYNCLINE_REDIRECT_URIS"]
    assert redirect == "http://localhost:18080/oauth/callback"
    assert redirect in found["simulator"].arguments
    assert found["console"].environment["SYNCLINE_CONSOLE_PUBLIC_URL"] == "http://localhost:18080"
