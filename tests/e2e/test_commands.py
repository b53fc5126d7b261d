"""What an operator types beside the server, and what it says when it cannot."""

import subprocess
import sys
from pathlib import Path

import pytest

from local_stack import PATIENCE, local_environment

pytestmark = pytest.mark.slow
KEY = "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg="


def said(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Return how a command ended, and everything it printed."""
    environ = local_environment(folder, **{"SYNCLINE_ENCRYPTION_KEYS": KEY, **settings})
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncline_server", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout


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
