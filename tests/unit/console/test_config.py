from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from syncline_client import Tls
from syncline_console.config import SettingsError, read_settings
from trusting import Trusted, certificate_of, key_of


def test_nothing_set_gives_the_local_defaults() -> None:
    """The console finds a local server without any setting."""
    settings = read_settings({})
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "")
    assert (settings.server, settings.token, settings.tls) == ("127.0.0.1:50051", None, None)


def test_every_mistake_is_named() -> None:
    """One start tells everything that is wrong."""
    with pytest.raises(SettingsError) as error:
        read_settings(
            {
                "SYNCLINE_CONSOLE_LISTEN": "8080",
                "SYNCLINE_CONSOLE_PUBLIC_URL": "http://books.example",
                "SYNCLINE_CONSOLE_SERVER": "somewhere",
                "SYNCLINE_CONSOLE_TLS": "maybe",
            }
        )
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == [
        "SYNCLINE_CONSOLE_LISTEN",
        "SYNCLINE_CONSOLE_SERVER",
        "SYNCLINE_CONSOLE_PUBLIC_URL",
        "SYNCLINE_CONSOLE_TLS",
    ]


def test_the_token_is_not_shown() -> None:
    """Printing the settings gives no secret away."""
    settings = read_settings({"SYNCLINE_CONSOLE_TOKEN": "t0ken"})
    assert settings.token == "t0ken"
    assert "t0ken" not in repr(settings)


def test_public_address_is_read_without_its_last_slash() -> None:
    """Paths are put behind it."""
    settings = read_settings({"SYNCLINE_CONSOLE_PUBLIC_URL": "https://books.example/"})
    assert settings.public_url == "https://books.example"


def test_ipv6_addresses_are_read() -> None:
    """Brackets belong to the address's writing, not to the host."""
    settings = read_settings({"SYNCLINE_CONSOLE_LISTEN": "[::1]:0"})
    assert (settings.host, settings.port) == ("::1", 0)


def test_files_for_tls_are_read(tmp_path: Path) -> None:
    """The console trusts the authority it is given, and shows its own certificate."""
    trusted = Trusted(folder=tmp_path)
    trusted.renew()
    own = trusted.files
    tls = read_settings(
        {
            "SYNCLINE_CONSOLE_TLS": "on",
            "SYNCLINE_CONSOLE_TLS_CA_FILE": str(trusted.authority_file),
            "SYNCLINE_CONSOLE_TLS_CERTIFICATE_FILE": str(own.certificate),
            "SYNCLINE_CONSOLE_TLS_KEY_FILE": str(own.key),
        }
    ).tls
    assert tls == Tls(
        root_certificates=trusted.authority_pem,
        certificate=own.certificate.read_bytes(),
        key=own.key.read_bytes(),
    )
    assert "PRIVATE KEY" not in repr(tls)


def locked(pem: bytes) -> bytes:
    """Return a private key that a password opens."""
    key = load_pem_private_key(pem, None)
    how = BestAvailableEncryption(b"planted")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


@pytest.mark.parametrize(
    ("tls", "files", "told"),
    [
        ("off", {"CA": "here"}, "must be on for its files"),
        ("on", {"CA": "gone"}, "gone cannot be read: No such file or directory"),
        ("on", {"CERTIFICATE": "here"}, "a certificate needs its key"),
        ("on", {"CA": "here"}, "here holds no certificate in PEM"),
        ("on", {"CA": "noise"}, "noise holds no certificate in PEM"),
        ("on", {"CERTIFICATE": "noise", "KEY": "here"}, "are not a certificate and its key"),
        ("on", {"CERTIFICATE": "own", "KEY": "foreign"}, "are not a certificate and its key"),
        ("on", {"CERTIFICATE": "own", "KEY": "locked"}, "are not a certificate and its key"),
    ],
)
def test_tls_that_cannot_be_spoken_is_named(
    tmp_path: Path, tls: str, files: dict[str, str], told: str
) -> None:
    """What would fail with the first call stops the start."""
    (tmp_path / "here").touch()
    (tmp_path / "noise").write_bytes(bytes(range(256)))
    own, foreign = (Trusted(folder=tmp_path).issue() for _ in range(2))
    (tmp_path / "own").write_bytes(certificate_of(own))
    (tmp_path / "foreign").write_bytes(key_of(foreign))
    (tmp_path / "locked").write_bytes(locked(key_of(own)))
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
