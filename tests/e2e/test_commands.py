"""What an operator types beside the server, and what it says when it cannot."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from commanding import said
from identity_provider import listening

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


def test_an_empty_name_makes_no_secret_instead(tmp_path: Path) -> None:
    """A variable that is not set in a shell does not turn a certificate into a secret."""
    code, text = said(tmp_path, "tokens", "create", "--role", "service", "--certificate", "")

    assert code == 2
    assert "--certificate: invalid certificate value" in text


def test_a_span_beyond_all_time_is_refused(tmp_path: Path) -> None:
    """What no calendar holds is a wrong argument and no crash."""
    new = ("tokens", "create", "--role", "service", "--expires", "9" * 20 + "d")

    code, text = said(tmp_path, *new)

    assert code == 2
    assert "--expires: invalid span value" in text


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
