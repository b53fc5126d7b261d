import pytest

from syncline_console.config import SettingsError, read_settings


def test_nothing_set_gives_the_local_defaults() -> None:
    """The console finds a local server without any setting."""
    settings = read_settings({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.server, settings.token, settings.tls) == ("127.0.0.1:50051", None, False)


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


def test_what_prints_the_token_is_refused() -> None:
    """GRPC's own tracing shows the headers of every call."""
    with pytest.raises(SettingsError, match="GRPC_TRACE: prints the console's access token"):
        read_settings({"GRPC_TRACE": "all"})
