from pathlib import Path

import pytest

from syncline_console.config import SettingsError, read_settings
from trusting import Trusted

KEY = "planted-session-key-of-enough-characters"
SECRET = "planted-client-secret"


def private(file: Path, text: str) -> str:
    """Write a file that is its owner's alone; return its path."""
    file.write_text(text)
    file.chmod(0o600)
    return str(file)


def company(folder: Path, **changed: str) -> dict[str, str]:
    """Return variables of a sign-in by a company."""
    usual = {
        "ISSUER": "https://id.example/realms/acme",
        "CLIENT_ID": "syncline-console",
        "CLIENT_SECRET_FILE": private(folder / "secret", f"{SECRET}\n"),
    }
    return {f"SYNCLINE_CONSOLE_OIDC_{name}": value for name, value in {**usual, **changed}.items()}


def wrong(environ: dict[str, str]) -> list[str]:
    """Return the variables that are complained of."""
    with pytest.raises(SettingsError) as error:
        read_settings(environ)
    return [line.partition(":")[0] for line in str(error.value).splitlines()]


def test_nothing_set_lets_nobody_in() -> None:
    """There are neither accounts nor a company, and sessions have their usual ends."""
    entrance = read_settings({}).entrance

    assert (entrance.accounts_file, entrance.company, entrance.session_keys) == (None, None, ())
    assert (entrance.hours, entrance.idle_minutes) == (8, 60)


def test_a_company_is_read(tmp_path: Path) -> None:
    """Its secret comes from a file and is not shown; the way back is below the public address."""
    public = {"SYNCLINE_CONSOLE_PUBLIC_URL": "https://console.example/"}
    settings = read_settings({**company(tmp_path), **public})

    found = settings.entrance.company
    assert found is not None
    assert (found.client_secret, found.public_url) == (SECRET, "https://console.example")
    assert found.workspaces_claim == "syncline_workspaces"
    assert SECRET not in repr(settings)


def test_keys_are_read(tmp_path: Path) -> None:
    """One a line, the newest first, and not shown."""
    file = private(tmp_path / "keys", f"{KEY}\n{KEY}2\n")
    settings = read_settings({"SYNCLINE_CONSOLE_SESSION_KEYS_FILE": file})

    assert settings.entrance.session_keys == (KEY, f"{KEY}2")
    assert KEY not in repr(settings)


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "192.0.2.7:8080", "[::]:8080", "console:80"])
def test_beyond_loopback_keys_are_needed(tmp_path: Path, listen: str) -> None:
    """Replicas have to read each other's sessions, and a restart must not end them."""
    environ = {"SYNCLINE_CONSOLE_LISTEN": listen}
    assert wrong(environ) == ["SYNCLINE_CONSOLE_SESSION_KEYS_FILE"]

    file = private(tmp_path / "keys", KEY)
    assert read_settings({**environ, "SYNCLINE_CONSOLE_SESSION_KEYS_FILE": file})


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"ISSUER": "http://id.example"}, "OIDC_ISSUER"),
        ({"ISSUER": ""}, "OIDC_ISSUER"),
        ({"CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"CLIENT_SECRET_FILE": ""}, "OIDC_CLIENT_SECRET_FILE"),
        ({"CLIENT_SECRET_FILE": "/nowhere/secret"}, "OIDC_CLIENT_SECRET_FILE"),
        ({"SCOPES": "profile"}, "OIDC_SCOPES"),
        ({"CA_FILE": "/nowhere/ca.pem"}, "OIDC_CA_FILE"),
        ({"CA_FILE": __file__}, "OIDC_CA_FILE"),
    ],
    ids=[
        "plaintext",
        "no-issuer",
        "no-client",
        "no-secret",
        "no-file",
        "no-openid",
        "no-ca",
        "odd-ca",
    ],
)
def test_a_company_is_whole(tmp_path: Path, changed: dict[str, str], name: str) -> None:
    """What is missing or not safe stops the start."""
    assert wrong(company(tmp_path, **changed)) == [f"SYNCLINE_CONSOLE_{name}"]


@pytest.mark.parametrize("url", ["http://console.example", "https://console.example/a", "console"])
def test_the_public_address_is_a_host(tmp_path: Path, url: str) -> None:
    """Sessions go over https, and the console is at the root of its host."""
    environ = {**company(tmp_path), "SYNCLINE_CONSOLE_PUBLIC_URL": url}

    assert wrong(environ) == ["SYNCLINE_CONSOLE_PUBLIC_URL"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_HOURS", "0"),
        ("SESSION_HOURS", "9"),
        ("SESSION_HOURS", "1.5"),
        ("SESSION_IDLE_MINUTES", "-1"),
        ("SESSION_IDLE_MINUTES", "481"),
    ],
)
def test_sessions_end(name: str, value: str) -> None:
    """No session lasts longer than a working day."""
    assert wrong({f"SYNCLINE_CONSOLE_{name}": value}) == [f"SYNCLINE_CONSOLE_{name}"]


@pytest.mark.parametrize("text", ["", "short", f"{KEY}\nshort"], ids=["empty", "short", "second"])
def test_keys_are_long(tmp_path: Path, text: str) -> None:
    """What could be guessed signs nothing."""
    file = private(tmp_path / "keys", text)

    assert wrong({"SYNCLINE_CONSOLE_SESSION_KEYS_FILE": file}) == [
        "SYNCLINE_CONSOLE_SESSION_KEYS_FILE"
    ]


def test_secrets_of_everybody_are_refused(tmp_path: Path) -> None:
    """A file that others may read holds no secret."""
    file = private(tmp_path / "keys", KEY)
    Path(file).chmod(0o644)

    assert wrong({"SYNCLINE_CONSOLE_SESSION_KEYS_FILE": file}) == [
        "SYNCLINE_CONSOLE_SESSION_KEYS_FILE"
    ]


def test_authorities_of_the_issuer_are_read(tmp_path: Path) -> None:
    """A company's own authority can be trusted, for its issuer alone."""
    authority = Trusted(folder=tmp_path).authority_file

    found = read_settings(company(tmp_path, CA_FILE=str(authority))).entrance.company
    assert found is not None
    assert found.authorities is not None
    assert len(found.authorities.get_ca_certs()) == 1
