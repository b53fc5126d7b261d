import pytest

from syncline_demo.config import SettingsError, read_settings


def test_nothing_set_gives_the_addresses_of_the_readme() -> None:
    """A newcomer sets nothing."""
    settings = read_settings({})
    assert str(settings.server) == "127.0.0.1:50051"
    assert settings.simulator.url == "http://127.0.0.1:8091"
    assert settings.redirect_uri == "http://localhost:8080/oauth/callback"
    assert str(settings.data_folder) == ".data"


def test_the_redirect_follows_the_console() -> None:
    """Another port for the console is another redirect address."""
    settings = read_settings({"SYNCLINE_CONSOLE_LISTEN": "127.0.0.1:18080"})
    assert settings.redirect_uri == "http://localhost:18080/oauth/callback"


def test_every_mistake_is_named() -> None:
    """One start tells everything that is wrong."""
    wrong = {"SYNCLINE_LISTEN": "50051", "SYNCLINE_SIMULATOR_LISTEN": "127.0.0.1:0"}
    with pytest.raises(SettingsError) as error:
        read_settings(wrong)
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == list(wrong)


def test_the_console_may_listen_beyond_loopback() -> None:
    """The stack gives it session keys, so that nobody has to set any."""
    assert str(read_settings({"SYNCLINE_CONSOLE_LISTEN": "0.0.0.0:8080"}).console) == "0.0.0.0:8080"


def test_secrets_are_not_shown() -> None:
    """Printing the settings gives neither the token nor the environment away."""
    shown = repr(read_settings({"SYNCLINE_DEMO_TOKEN": "t0ken", "OTHER": "s3cret"}))
    assert "t0ken" not in shown
    assert "s3cret" not in shown


def test_ipv6_addresses_are_written_with_brackets() -> None:
    """An address can be used as it is printed."""
    assert str(read_settings({"SYNCLINE_LISTEN": "[::1]:50051"}).server) == "[::1]:50051"
