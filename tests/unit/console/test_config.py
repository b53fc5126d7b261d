from pathlib import Path

import pytest

from syncline_client import Tls
from syncline_console.config import SettingsError, read_settings


def test_nothing_set_gives_the_local_defaults() -> None:
    """The console finds a local server without any setting."""
    settings = read_settings({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.server, settings.token, settings.tls) == ("127.0.0.1:50051", None, None)


def test_every_mistake_is_named() -> None:
    """One start tells everything that is wrong."""
    with pytest.raises(SettingsError) as error:
        read_settings(
            {
                "SYNCLINE_CONSOLE_LISTEN": "8080",
                "SYNCLINE_CONSOLE_SERVER": "somewhere",
                "SYNCLINE_CONSOLE_TLS": "maybe",
            }
        )
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == [
        "SYNCLINE_CONSOLE_LISTEN",
        "SYNCLINE_CONSOLE_SERVER",
        "SYNCLINE_CONSOLE_TLS",
    ]


def test_the_token_is_not_shown() -> None:
    """Printing the settings gives no secret away."""
    settings = read_settings({"SYNCLINE_CONSOLE_TOKEN": "t0ken"})
    assert settings.token == "t0ken"
    assert "t0ken" not in repr(settings)


def test_ipv6_addresses_are_read() -> None:
    """Brackets belong to the address's writing, not to the host."""
    settings = read_settings({"SYNCLINE_CONSOLE_LISTEN": "[::1]:0"})
    assert (settings.host, settings.port) == ("::1", 0)


def test_files_for_tls_are_read(tmp_path: Path) -> None:
    """The console trusts the authority it is given, and shows its own certificate."""
    for name in ("ca", "certificate", "key"):
        (tmp_path / name).write_text(name)
    files = {
        f"SYNCLINE_CONSOLE_TLS_{name.upper()}_FILE": str(tmp_path / name)
        for name in ("ca", "certificate", "key")
    }
    tls = read_settings({"SYNCLINE_CONSOLE_TLS": "on", **files}).tls
    assert tls == Tls(root_certificates=b"ca", certificate=b"certificate", key=b"key")
    assert "key" not in repr(tls).replace("certificate", "")


@pytest.mark.parametrize(
    ("tls", "files", "told"),
    [
        ("off", {"CA": "here"}, "must be on for its files"),
        ("on", {"CA": "gone"}, "gone cannot be read: No such file or directory"),
        ("on", {"CERTIFICATE": "here"}, "a certificate needs its key"),
    ],
)
def test_tls_that_cannot_be_spoken_is_named(
    tmp_path: Path, tls: str, files: dict[str, str], told: str
) -> None:
    """What would fail with the first call stops the start."""
    (tmp_path / "here").touch()
    variables = {
        f"SYNCLINE_CONSOLE_TLS_{name}_FILE": str(tmp_path / file) for name, file in files.items()
    }
    with pytest.raises(SettingsError, match=r"^SYNCLINE_CONSOLE_TLS: ") as error:
        read_settings({"SYNCLINE_CONSOLE_TLS": tls, **variables})
    assert told in str(error.value)


def test_what_prints_the_token_is_refused() -> None:
    """GRPC's own tracing shows the headers of every call."""
    with pytest.raises(SettingsError, match="GRPC_TRACE: prints the console's access token"):
        read_settings({"GRPC_TRACE": "all"})
