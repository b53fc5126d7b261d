import stat
from dataclasses import replace
from pathlib import Path

import pytest

from syncline_console.accounts import Accounts
from syncline_console.config import read_settings as read_console
from syncline_console.passwords import Passwords
from syncline_console.people import Role
from syncline_demo.config import read_settings
from syncline_demo.stack.admin import admin_of
from syncline_demo.stack.errors import StackError
from syncline_demo.stack.programs import local_admin, programs
from syncline_demo.stack.up import announcement


def test_the_account_is_made_once(tmp_path: Path) -> None:
    """A second start finds name and password of the first, which let an admin of everything in."""
    first = admin_of(tmp_path)
    assert first is not None
    assert admin_of(tmp_path) == first
    assert first.password not in repr(first)

    account = Accounts(tmp_path / "accounts.json", Passwords()).check(first.name, first.password)
    assert account is not None
    assert account.everywhere is Role.ADMIN


def test_its_secrets_are_the_owners_alone(tmp_path: Path) -> None:
    """Password, accounts and session keys are readable by nobody else."""
    settings = read_settings({"SYNCLINE_DATA_FOLDER": str(tmp_path)})
    programs(settings)

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert {modes[name] for name in ("admin.password", "accounts.json", "session.keys")} == {0o600}


def test_the_console_is_told_of_it(tmp_path: Path) -> None:
    """Its settings can be read, also beyond loopback, and people sign in by the folder's file."""
    environ = {
        "SYNCLINE_DATA_FOLDER": str(tmp_path),
        "SYNCLINE_CONSOLE_LISTEN": "0.0.0.0:8080",
    }
    console = {each.name: each for each in programs(read_settings(environ))}["console"]

    entrance = read_console(console.environment).entrance
    assert entrance.accounts_file == tmp_path / "accounts.json"
    assert len(entrance.session_keys) == 1


def test_the_greeting_says_how_to_sign_in(tmp_path: Path) -> None:
    """Whoever starts a stack reads where to go and as whom."""
    settings = read_settings({"SYNCLINE_DATA_FOLDER": str(tmp_path)})
    admin = local_admin(settings)
    assert admin is not None

    text = " ".join(announcement(settings).plain.split())
    assert f"Open http://localhost:8080 and sign in as admin with {admin.password}." in text


@pytest.mark.parametrize("name", ["ACCOUNTS_FILE", "OIDC_ISSUER"])
def test_another_sign_in_is_left_alone(tmp_path: Path, name: str) -> None:
    """Who has accounts or a company's sign-in gets no account that nobody asked for."""
    settings = read_settings({"SYNCLINE_DATA_FOLDER": str(tmp_path)})
    environ = {f"SYNCLINE_CONSOLE_{name}": "elsewhere"}

    elsewhere = replace(settings, environ=environ)
    console = {each.name: each for each in programs(elsewhere)}["console"]
    assert local_admin(elsewhere) is None
    assert console.environment.get("SYNCLINE_CONSOLE_ACCOUNTS_FILE", "elsewhere") == "elsewhere"
    assert not (tmp_path / "accounts.json").exists()


def test_a_removed_account_stays_removed(tmp_path: Path) -> None:
    """The next start does not bring it back, and greets without it."""
    admin_of(tmp_path)
    (tmp_path / "accounts.json").write_text('{"accounts": []}')

    assert admin_of(tmp_path) is None


@pytest.mark.parametrize("left", ["", "\n", "short"], ids=["empty", "blank", "short"])
def test_a_spoiled_password_makes_no_account(tmp_path: Path, left: str) -> None:
    """What was left of a file lets nobody in, and the start says what to do."""
    (tmp_path / "admin.password").write_text(left)

    with pytest.raises(StackError, match=r"admin\.password has no password .* Remove it"):
        admin_of(tmp_path)
    assert not (tmp_path / "accounts.json").exists()


@pytest.mark.parametrize("lost", ["account", "password"])
def test_others_can_sign_in_without_it(tmp_path: Path, lost: str) -> None:
    """The console keeps its accounts when the first one, or the file with its password, is gone."""
    admin_of(tmp_path)
    if lost == "account":
        (tmp_path / "accounts.json").write_text('{"accounts": []}')
    else:
        (tmp_path / "admin.password").unlink()
    settings = read_settings({"SYNCLINE_DATA_FOLDER": str(tmp_path)})

    console = {each.name: each for each in programs(settings)}["console"]

    assert local_admin(settings) is None
    assert read_console(console.environment).entrance.accounts_file == tmp_path / "accounts.json"


def test_a_spoiled_file_is_said(tmp_path: Path) -> None:
    """The stack does not start over accounts that it cannot read."""
    (tmp_path / "accounts.json").write_text("{")

    with pytest.raises(StackError, match="malformed"):
        admin_of(tmp_path)
