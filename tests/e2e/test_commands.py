"""What an operator types beside the server, and what it says when it cannot."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditing import appended
from commanding import KEY, said
from databases import opened
from identity_provider import listening
from local_stack import PATIENCE, local_environment
from syncline_server.storage.schema import migrate

pytestmark = pytest.mark.slow


def test_a_token_that_may_not_be_is_refused_with_every_reason(tmp_path: Path) -> None:
    """An operator reads what is wrong with the token, not just where."""
    code, text = said(tmp_path, "tokens", "create", "--role", "admin", "--title", "x" * 101)

    assert code == 2
    assert "title: must have 1 to 100 characters" in text
    assert "workspaces: only the role SERVICE may span all" in text


def test_a_token_without_a_title_gets_one(tmp_path: Path) -> None:
    """The title tells role and workspaces, as people write them."""
    said(tmp_path, "tokens", "create", "--role", "operator", "--workspace", "a", "--workspace", "b")

    code, text = said(tmp_path, "tokens", "list")

    assert code == 0
    assert text.rstrip().endswith("operator of a, b")


def test_a_certificate_takes_the_place_of_a_secret(tmp_path: Path) -> None:
    """A name is registered, listed and revoked like a token, and no secret is shown."""
    name = "spiffe://acme/erp"
    new = ("tokens", "create", "--certificate", name, "--role", "service", "--workspace", "acme")

    code, text = said(tmp_path, *new)
    again = said(tmp_path, *new)
    listed = said(tmp_path, "tokens", "list")[1]

    assert code == 0
    assert "secret" not in text.replace("need no secret", "")
    assert again[0] == 2
    assert "revoke that first" in again[1]
    assert f"good  {name}" in listed
    token_id = listed.split()[0]
    assert said(tmp_path, "tokens", "revoke", token_id)[0] == 0
    assert f"revoked  {name}" in said(tmp_path, "tokens", "list")[1]


def test_the_trail_tells_what_opens_a_token_and_until_when(tmp_path: Path) -> None:
    """The certificate's name and the end are in the entry of a token that is made."""
    name = "spiffe://acme/erp"
    said(tmp_path, "tokens", "create", "--certificate", name, "--role", "service", "--expires=9d")

    told = said(tmp_path, "audit", "export")[1]

    assert f'["certificate","","{name}"]' in told
    assert '["expire_time","","2' in told


def test_an_export_to_a_name_that_is_taken_is_no_act(tmp_path: Path) -> None:
    """Nothing of the workspace was read, so its trail tells of nothing."""
    taken = tmp_path / "taken.zip"
    taken.touch()

    refused = said(tmp_path, "workspaces", "export", "acme", "--out", str(taken))

    assert (refused[0], "nothing is overwritten" in refused[1]) == (2, True)
    told = said(tmp_path, "audit", "export", "--workspace", "acme")
    assert told == (
        2,
        "syncline-server: There is no audit entry of workspaces/acme in this time.\n",
    )


def test_verifying_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """A workspace that is spelt wrong does not pass for one that is in order."""
    said(tmp_path, "tokens", "create", "--role", "service")

    assert said(tmp_path, "audit", "verify")[0] == 0
    missing = said(tmp_path, "audit", "verify", "--workspace", "akme")
    assert missing == (2, "syncline-server: There is no audit entry of workspaces/akme.\n")
    both = said(tmp_path, "audit", "verify", "--workspace", "acme", "--file", "x")
    assert (both[0], "not allowed with argument" in both[1]) == (2, True)


@pytest.mark.parametrize("entries", [1, 200])
def test_whoever_has_read_enough_ends_a_command_quietly(tmp_path: Path, entries: int) -> None:
    """``audit export | head`` prints no traceback, however much was to come."""
    folder = tmp_path / "data"
    folder.mkdir()
    database = opened(f"sqlite:///{folder}/syncline.db")
    migrate(database)
    appended(database, entries)
    database.close()
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "syncline_server", "audit", "export", "--workspace", "acme"]
    environ = local_environment(folder, SYNCLINE_ENCRYPTION_KEYS=KEY)

    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environ, stdout=writer, stderr=subprocess.PIPE, timeout=PATIENCE, check=False
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "there are no credentials, so 0.0.0.0:50051 would be open to everybody"),
        (
            {"SYNCLINE_OIDC_ISSUER": "http://127.0.0.1:1", "SYNCLINE_OIDC_AUDIENCE": "syncline"},
            "0.0.0.0:50051 would be served in plaintext",
        ),
    ],
    ids=["credentials", "plaintext"],
)
@pytest.mark.parametrize("migrated", [False, True])
def test_check_refuses_what_serve_refuses(
    tmp_path: Path, settings: dict[str, str], reason: str, *, migrated: bool
) -> None:
    """An address that a server would not listen on does not pass, on a new database neither."""
    if migrated:
        assert said(tmp_path, "migrate")[0] == 0

    code, text = said(tmp_path, "check", SYNCLINE_LISTEN="0.0.0.0:50051", **settings)

    assert (code, reason in text) == (2, True)


def test_an_empty_name_makes_no_secret_instead(tmp_path: Path) -> None:
    """A variable that is not set in a shell does not turn a certificate into a secret."""
    code, text = said(tmp_path, "tokens", "create", "--role", "service", "--certificate", "")

    assert code == 2
    assert "--certificate: needs a name" in text


def test_a_span_beyond_all_time_is_refused(tmp_path: Path) -> None:
    """What no calendar holds is a wrong argument and no crash."""
    new = ("tokens", "create", "--role", "service", "--expires", "9" * 20 + "d")

    code, text = said(tmp_path, *new)

    assert code == 2
    assert "--expires: must be a number and d, h or m" in text


def test_a_time_that_is_none_is_refused_with_an_example(tmp_path: Path) -> None:
    """An operator reads how times are written."""
    code, text = said(tmp_path, "audit", "export", "--since", "yesterday")

    assert code == 2
    assert "--since: must be like 2026-11-26" in text


def test_check_asks_the_issuer_for_its_keys(tmp_path: Path) -> None:
    """An operator learns before anybody calls whether tokens can be verified."""
    with listening(lambda: datetime.now(UTC)) as provider:
        settings = {"SYNCLINE_OIDC_ISSUER": provider.issuer, "SYNCLINE_OIDC_AUDIENCE": "syncline"}
        good = said(tmp_path, "check", **settings)
        provider.down = True
        bad = said(tmp_path, "check", **settings)

    assert (good[0], bad[0]) == (0, 0)
    assert f"issuer {provider.issuer}: signing keys: first" in good[1]
    assert "no token of it can be verified now: it answered with status 404" in bad[1]


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("migrate",),
        ("serve",),
        ("worker",),
        ("tokens", "list"),
        ("workspaces", "erase", "acme", "--yes", "acme"),
    ],
)
def test_a_database_out_of_reach_is_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    """No traceback, and no password of the URL."""
    url = "postgresql://me:planted-password@127.0.0.1:1/name"

    code, text = said(tmp_path, *command, SYNCLINE_DATABASE_URL=url)

    assert code == 2
    assert text == (
        "syncline-server: the database cannot be reached: is it running, and does"
        " SYNCLINE_DATABASE_URL lead to it?\n"
    )


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "a worker needs PostgreSQL in SYNCLINE_DATABASE_URL"),
        (
            {"SYNCLINE_WORKERS": "0", "SYNCLINE_DATABASE_URL": "postgresql://127.0.0.1:1/name"},
            "SYNCLINE_WORKERS is 0, so a worker would have nothing to do",
        ),
    ],
    ids=["sqlite", "no-workers"],
)
def test_a_worker_without_a_place_is_refused(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    """It says why there is nothing for it to do, and ends with code 2."""
    code, text = said(tmp_path, "worker", **settings)

    assert code == 2
    assert reason in text
    assert "Traceback" not in text
