"""The audit trail over real processes: killed, racing, and looked at by commands."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

import audit_writer
import syncline_client
from auditing import appended, entries
from databases import opened
from local_stack import PATIENCE
from syncline.v1 import integration_pb2 as pb
from syncline_server.core.audit import NO_WORKSPACE, Stage
from syncline_server.core.tokens import Grant, TokenSet
from syncline_server.services import audit_export
from syncline_server.services.audit_checks import Checked, verify
from syncline_server.storage import audit, changes, grants
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database

pytestmark = pytest.mark.slow

Command = Callable[..., "subprocess.CompletedProcess[str]"]
WRITER = str(Path(audit_writer.__file__))
NAME = "workspaces/acme/connections/ledger"


def started(*arguments: str) -> "subprocess.Popen[str]":
    """Start a writer."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, WRITER, *arguments],
        env={"PYTHONPATH": str(Path(WRITER).parent), "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def command(database_url: str, tmp_path: Path) -> Command:
    """Runs a command of the server's beside the database."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "syncline_server", *arguments],
            env={
                "SYNCLINE_DATABASE_URL": database_url,
                "SYNCLINE_DATA_FOLDER": str(tmp_path / "data"),
                "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


def test_a_change_whose_answer_was_killed_has_its_entry(database_url: str) -> None:
    """Kill -9 between commit and answer: the caller hears nothing, and the trail has it."""
    with started("die", database_url) as writer:
        port = writer.stdout.readline().strip() if writer.stdout else ""
        with (
            syncline_client.connect(f"127.0.0.1:{port}", timeout=PATIENCE) as client,
            pytest.raises(syncline_client.SynclineError),
        ):
            client.integrations.Disconnect(pb.DisconnectRequest(name=NAME))
        assert writer.wait(PATIENCE) != 0
    database = opened(database_url)
    row = database.row("SELECT state FROM connections WHERE workspace = 'acme'")
    (entry,) = entries(database)

    assert row == {"state": "NOT_CONNECTED"}
    assert (entry.method, entry.stage, entry.code) == ("Disconnect", Stage.DONE, "OK")
    assert all(isinstance(each, Checked) for each in verify(database, {}))
    database.close()


def test_processes_and_threads_make_one_chain(database: Database, database_url: str) -> None:
    """Two processes of eight threads fork no chain, leave no gap and never lock each other out."""
    writers = [started("write", database_url, name) for name in ("a", "b")]
    ends = [writer.wait(PATIENCE) for writer in writers]
    for writer in writers:
        writer.communicate()

    total = len(writers) * audit_writer.THREADS * audit_writer.EACH
    assert ends == [0, 0]
    assert all(isinstance(each, Checked) for each in verify(database, {}))
    assert sum(head.number for head in audit.heads(database).values()) == total
    assert changes.history(database, "acme").last == total
    written = [*entries(database, "acme"), *entries(database, "globex")]
    subjects = {each.actor.subject for each in written}
    assert len(subjects) == total


def test_commands_verify_export_and_compare(
    database: Database, command: Command, tmp_path: Path
) -> None:
    """Heads that were printed hold the chain later; a broken one is named, with exit code 1."""
    made = command("tokens", "create", "--role", "service", "--title", "one").stdout
    appended(database, 3)
    heads, export = tmp_path / "heads", tmp_path / "acme.jsonl"
    verified = command("audit", "verify")
    heads.write_text(verified.stdout)
    export.write_text(command("audit", "export", "--workspace", "acme").stdout)
    (token,) = entries(database, NO_WORKSPACE)
    appended(database, 2)

    assert [line.split()[:2] for line in verified.stdout.splitlines()] == [
        ["-", "1"],
        ["acme", "3"],
    ]
    (secret,) = [line for line in made.splitlines() if line.startswith("secret:")]
    assert secret.split()[1] not in token.text()
    assert (token.method, token.code, token.actor.credentials) == ("tokens create", "OK", "COMMAND")
    assert command("audit", "verify", "--anchor", str(heads)).returncode == 0
    assert command("audit", "verify", "--file", str(export), "--anchor", str(heads)).returncode == 0
    assert command("audit", "export", "--workspace", "nobody").returncode == 2
    export.write_text(export.read_text().replace("Mia", "Eve"))
    broken = command("audit", "verify", "--file", str(export))
    assert (broken.returncode, broken.stderr.split(":")[0]) == (1, "acme")
    heads.write_text(heads.read_text().replace(" 3 ", " 2 "))
    assert command("audit", "verify", "--workspace", "acme", "--anchor", str(heads)).returncode == 1


def test_a_rotation_that_leaves_something_does_not_end_well(
    database: Database, command: Command
) -> None:
    """Secrets that no key of the ring opens are refused by the command, and told by the trail."""
    tokens = TokenSet(access="a", refresh="r", expire_time=audit_writer.now())
    person = Grant(
        id="p1", provider="xero", subject="p1", tokens=tokens, refresh_time=audit_writer.now()
    )
    with database.transaction():
        grants.put(database, Cipher([Fernet.generate_key().decode()]), person)

    done = command("keys", "rotate")

    (begun, ended) = entries(database, NO_WORKSPACE)
    assert done.returncode == 2
    assert (begun.stage, ended.stage, ended.code) == (Stage.BEGUN, Stage.ENDED, "INTERNAL")
    assert ("moved_secrets", "", "0") in ended.edits
    assert ("unreadable_secrets", "0", "1") in ended.edits


def test_a_file_is_verified_where_there_is_no_server(
    database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An export needs no configuration; a file that is not there is refused in a sentence."""
    appended(database, 2)
    export = tmp_path / "acme.jsonl"
    export.write_text("\n".join(audit_export.lines(database, "acme", None, None) or ()))

    assert bare("audit", "verify", "--file", str(export)) == 0
    assert capfd.readouterr().out.split()[:2] == ["acme", "2"]
    assert bare("audit", "verify", "--file", str(tmp_path / "none")) == 2
    said = capfd.readouterr().err
    assert said.startswith("syncline-server: ")
    assert "cannot be read (No such file or directory)" in said
    assert "Traceback" not in said


def bare(*arguments: str) -> int:
    """Run a command without any variable; return how it ended."""
    command = [sys.executable, "-m", "syncline_server", *arguments]
    return subprocess.run(command, env={}, timeout=PATIENCE, check=False).returncode  # noqa: S603 - our own command
