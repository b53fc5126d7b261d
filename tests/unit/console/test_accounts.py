import stat
import threading
from io import StringIO
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from signing_in import PASSWORD, Accounting
from syncline_console import commands
from syncline_console.account_file import change, read_file
from syncline_console.accounts import AccountsUnreadable
from syncline_console.passwords import Busy, Passwords
from syncline_console.people import Role

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def accounting(tmp_path: Path) -> Accounting:
    """A file of accounts that is not there yet."""
    return Accounting(tmp_path / "accounts.json")


def run(file: Path, *arguments: str, typed: str = PASSWORD) -> int:
    """Run a command with a password on standard input."""
    environ = {"SYNCLINE_CONSOLE_ACCOUNTS_FILE": str(file)}
    return commands.run(["accounts", *arguments], environ, StringIO(f"{typed}\n"), QUICK)


class Comparing(Passwords):
    """Remembers what was compared with."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.compared: list[str] = []

    def _compared(self, password: str, kept: str) -> bool:
        self.compared.append(kept)
        return super()._compared(password, kept)


def test_unknown_names_cost_a_comparison() -> None:
    """Where there is no account a hash of the same cost is compared, and never fits."""
    passwords = Comparing()
    kept = passwords.hash("a password")

    assert not passwords.fits("wrong", kept)
    assert not passwords.fits("nobody's password", None)
    assert [each.split("$")[1:4] for each in passwords.compared] == [kept.split("$")[1:4]] * 2


def test_too_many_comparisons_are_turned_away() -> None:
    """Eight may wait at once; the ninth is told so, rather than hold a thread."""
    passwords = Comparing()
    for _ in range(8):
        passwords._waiting.acquire()

    with pytest.raises(Busy):
        passwords.fits("x", None)
    passwords._waiting.release()
    assert not passwords.fits("x", None)


def test_letters_are_the_same_however_they_are_typed() -> None:
    """A letter with its accent apart is that letter."""
    assert QUICK.fits("cafe\u0301 au lait au lait", QUICK.hash("caf\u00e9 au lait au lait"))


def test_an_account_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its file is its owner's alone and holds no password; listing shows who may what."""
    file = tmp_path / "accounts.json"

    assert (
        run(file, "add", "mia", "--workspace", "acme", "--role", "admin", "--title", "Mia P") == 0
    )
    assert run(file, "add", "ops", "--all-workspaces", "--role", "viewer") == 0
    assert run(file, "list") == 0

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    assert "$argon2id$" in file.read_text()
    out = capsys.readouterr().out
    assert out.splitlines()[2:] == ["mia\tMia P\tacme:admin", "ops\tops\t*:viewer"]
    assert "argon2" not in out


def test_an_account_lets_in(accounting: Accounting) -> None:
    """Name and password together find who it is, and nothing else does."""
    run(accounting.file, "add", "mia", "--workspace", "acme", "--role", "operator")

    account = accounting.accounts.check("mia", PASSWORD)
    assert account is not None
    assert account.person.role_in("acme") is Role.OPERATOR
    assert account.person.role_in("globex") is None
    assert accounting.accounts.check("mia", PASSWORD + "x") is None
    assert accounting.accounts.check("ben", PASSWORD) is None


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (("add", "mia", "--workspace", "acme", "--role", "admin"), "too short"),
        (("add", "mia", "--workspace", "acme", "--role", "admin"), ""),
        (("add", "mia", "--workspace", "acme", "--role", "admin"), "x" * 1001),
        (("add", "Mia Patel", "--workspace", "acme", "--role", "admin"), PASSWORD),
        (("add", "mia", "--workspace", "A C", "--role", "admin"), PASSWORD),
        (("add", "mia", "--title", "a\nb", "--workspace", "acme", "--role", "admin"), PASSWORD),
        (("remove", "mia"), ""),
        (("password", "mia"), PASSWORD),
        (("roles", "mia", "--workspace", "acme", "--role", "admin"), ""),
    ],
    ids=["short", "empty", "long", "name", "id", "title", "remove", "password", "roles"],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], typed: str
) -> None:
    """The reason is told, without the password, and nothing is written."""
    file = tmp_path / "accounts.json"

    assert run(file, *arguments, typed=typed) == 2

    assert not file.exists() or read_file(file) == {}
    told = capsys.readouterr().err
    assert told
    assert PASSWORD not in told


def test_a_name_is_taken_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Adding it again changes nothing."""
    file = tmp_path / "accounts.json"
    run(file, "add", "mia", "--workspace", "acme", "--role", "viewer")
    before = file.read_text()

    assert run(file, "add", "mia", "--all-workspaces", "--role", "admin") == 2

    assert file.read_text() == before
    assert "already" in capsys.readouterr().err


def test_every_change_makes_another_mark(accounting: Accounting) -> None:
    """Sessions hang on it: a new password, other roles, and an account of the same name again."""
    file, marks = accounting.file, set()
    add = ("add", "mia", "--workspace", "acme", "--role", "admin")
    for command in (
        add,
        ("password", "mia"),
        ("roles", "mia", "--workspace", "acme", "--role", "viewer"),
        ("roles", "mia", "--all-workspaces", "--role", "viewer"),
        ("remove", "mia"),
        add,
    ):
        assert run(file, *command) == 0
        account = accounting.accounts.find("mia")
        marks.add(account.mark if account else "")
    assert len(marks) == 6


def test_a_password_is_no_argument() -> None:
    """What is typed on a command line is seen by everybody on the machine."""
    with pytest.raises(SystemExit):
        commands.run(["accounts", "add", "mia", "--password", PASSWORD], {}, StringIO(), QUICK)


def test_no_file_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The command names the variable that is missing."""
    assert commands.run(["accounts", "list"], {}, StringIO(), QUICK) == 2
    assert "SYNCLINE_CONSOLE_ACCOUNTS_FILE" in capsys.readouterr().err


def test_two_changes_at_once_are_both_kept(accounting: Accounting) -> None:
    """One waits for the other, and neither is lost."""
    threads = [
        threading.Thread(target=accounting.put, args=(f"p{number}", Role.VIEWER, "acme"))
        for number in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(read_file(accounting.file)) == 8


def test_a_change_that_fails_leaves_the_file_alone(accounting: Accounting) -> None:
    """Nothing half-written is ever there, and nothing lies beside it."""
    accounting.put("mia", Role.VIEWER, "acme")
    before = accounting.file.read_text()

    def fail(_accounts: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change(accounting.file, fail)

    assert accounting.file.read_text() == before
    assert {each.name for each in accounting.file.parent.iterdir()} == {
        "accounts.json",
        ".accounts.json.lock",
    }


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"accounts": [{}]}', '{"accounts": 1}', "\ufffe"],
    ids=["empty", "list", "bare", "number", "odd"],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str) -> None:
    """A command says so instead of writing over it."""
    file = tmp_path / "accounts.json"
    file.write_text(text)

    with pytest.raises(AccountsUnreadable):
        read_file(file)
    assert run(file, "add", "mia", "--all-workspaces", "--role", "admin") == 2
    assert file.read_text() == text
