from datetime import timedelta
from pathlib import Path

import pytest

from misconfigured import KEY, LEAST, mistakes
from syncline_server.config import (
    Exposure,
    LogFormat,
    OidcConfig,
    ProviderConfig,
    TlsConfig,
    read_config,
)


def test_everything_but_the_keys_has_a_default() -> None:
    """One variable is enough to start."""
    config = read_config(LEAST)

    assert config.listen == "127.0.0.1:50051"
    assert config.database_url == "sqlite:///.data/syncline.db"
    assert config.data_folder == Path(".data")
    assert config.encryption_keys == (KEY,)
    assert config.redirect_uris == ("http://localhost:8080/oauth/callback",)
    assert config.providers == {}
    assert config.disabled_plugins == ()
    assert (config.workers, config.rpc_threads) == (8, 16)
    assert (config.tls, config.plaintext_anywhere) == (None, False)
    assert config.calls_per_minute == 6000
    assert (config.watch_streams, config.watch_streams_per_caller) == (5000, 1000)
    assert config.takeover == timedelta(seconds=20)
    assert config.shutdown_grace == timedelta(seconds=10)
    assert config.reflection is config.health is Exposure.OPEN
    assert config.oidc is None
    assert (config.log_format, config.log_level) == (LogFormat.CONSOLE, "info")


def test_every_variable_is_read() -> None:
    """What is set is taken, with spaces and empty list elements left out."""
    config = read_config(
        {
            "SYNCLINE_ENCRYPTION_KEYS": f" {KEY} , old,",
            "SYNCLINE_LISTEN": "0.0.0.0:0",
            "SYNCLINE_DATA_FOLDER": "/data",
            "SYNCLINE_REDIRECT_URIS": "https://a/x,https://b/y",
            "SYNCLINE_XERO_CLIENT_ID": "id",
            "SYNCLINE_XERO_CLIENT_SECRET": "secret",
            "SYNCLINE_XERO_BASE_URL": "http://localhost:9000",
            "SYNCLINE_XERO_WEBHOOK_KEY": "new-key=, old-key",
            "SYNCLINE_DISABLED_PLUGINS": "a,b",
            "SYNCLINE_WORKERS": "1",
            "SYNCLINE_TAKEOVER_SECONDS": "2.5",
            "SYNCLINE_RPC_THREADS": "2",
            "SYNCLINE_CALLS_PER_MINUTE": "0",
            "SYNCLINE_WATCH_STREAMS": "4",
            "SYNCLINE_WATCH_STREAMS_PER_CALLER": "3",
            "SYNCLINE_TLS_CERTIFICATE_FILE": "/tls/server.pem",
            "SYNCLINE_TLS_KEY_FILE": "/tls/key.pem",
            "SYNCLINE_TLS_CLIENT_CA_FILE": "/tls/clients.pem",
            "SYNCLINE_SHUTDOWN_GRACE_SECONDS": "0.5",
            "SYNCLINE_REFLECTION": "OFF",
            "SYNCLINE_HEALTH": "Callers",
            "SYNCLINE_OIDC_ISSUER": "https://id.example/realms/acme",
            "SYNCLINE_OIDC_AUDIENCE": "syncline",
            "SYNCLINE_OIDC_CLIENTS": "console, erp",
            "SYNCLINE_OIDC_WORKSPACES_CLAIM": "https://example/workspaces",
            "SYNCLINE_OIDC_JWKS_URI": "http://127.0.0.1:8180/keys",
            "SYNCLINE_LOG_FORMAT": "json",
            "SYNCLINE_LOG_LEVEL": "Debug",
        }
    )

    assert config.encryption_keys == (KEY, "old")
    assert config.listen == "0.0.0.0:0"
    assert config.database_url == "sqlite:////data/syncline.db"
    assert config.redirect_uris == ("https://a/x", "https://b/y")
    assert config.providers == {
        "xero": ProviderConfig(
            client_id="id",
            client_secret="secret",
            base_url="http://localhost:9000",
            webhook_keys=("new-key=", "old-key"),
        )
    }
    assert config.disabled_plugins == ("a", "b")
    assert (config.workers, config.rpc_threads) == (1, 2)
    assert config.calls_per_minute == 0
    assert (config.watch_streams, config.watch_streams_per_caller) == (4, 3)
    assert config.tls == TlsConfig(
        certificate=Path("/tls/server.pem"),
        key=Path("/tls/key.pem"),
        client_authorities=Path("/tls/clients.pem"),
    )
    assert config.takeover == timedelta(seconds=2.5)
    assert config.shutdown_grace == timedelta(seconds=0.5)
    assert (config.reflection, config.health) == (Exposure.OFF, Exposure.CALLERS)
    assert config.oidc == OidcConfig(
        issuer="https://id.example/realms/acme",
        audience="syncline",
        clients=("console", "erp"),
        workspaces_claim="https://example/workspaces",
        jwks_uri="http://127.0.0.1:8180/keys",
    )
    assert (config.log_format, config.log_level) == (LogFormat.JSON, "debug")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LISTEN", "localhost"),
        ("LISTEN", ":50051"),
        ("LISTEN", "localhost:grpc"),
        ("LISTEN", "localhost:65536"),
        ("DATABASE_URL", "mysql://user:planted@host/name"),
        ("REDIRECT_URIS", "https://a/x, planted"),
        ("REDIRECT_URIS", "http://[planted"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("WORKERS", "²"),
        ("RPC_THREADS", "many"),
        ("TLS", "no"),
        ("CALLS_PER_MINUTE", "-1"),
        ("WATCH_STREAMS", "0"),
        ("WATCH_STREAMS_PER_CALLER", "all"),
        ("SHUTDOWN_GRACE_SECONDS", "-1"),
        ("SHUTDOWN_GRACE_SECONDS", "nan"),
        ("SHUTDOWN_GRACE_SECONDS", "inf"),
        ("SHUTDOWN_GRACE_SECONDS", "soon"),
        ("REFLECTION", "yes"),
        ("HEALTH", "off"),
        ("OIDC_ISSUER", "http://id.example"),
        ("OIDC_ISSUER", "https://planted@id.example"),
        ("OIDC_JWKS_URI", "file:///keys"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_wrong_value_is_named_with_what_would_be_right(name: str, value: str) -> None:
    """A variable that is wrong is named, without repeating what it held."""
    (mistake,) = mistakes({**LEAST, f"SYNCLINE_{name}": value})

    assert mistake.startswith(f"SYNCLINE_{name}: must ")
    assert "planted" not in mistake


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"TLS_CERTIFICATE_FILE": "c"}, "SYNCLINE_TLS_KEY_FILE: needed for TLS"),
        ({"TLS_KEY_FILE": "k"}, "SYNCLINE_TLS_CERTIFICATE_FILE: needed for TLS"),
        (
            {"TLS_CLIENT_CA_FILE": "a"},
            "SYNCLINE_TLS_CLIENT_CA_FILE: needs SYNCLINE_TLS_CERTIFICATE_FILE beside it",
        ),
        (
            {"TLS_CERTIFICATE_FILE": "c", "TLS_KEY_FILE": "k", "TLS": "off"},
            "SYNCLINE_TLS: is off, and SYNCLINE_TLS_CERTIFICATE_FILE is set",
        ),
    ],
    ids=["no-key", "no-certificate", "only-authorities", "off"],
)
def test_half_of_tls_is_named(given: dict[str, str], mistake: str) -> None:
    """Whoever meant to encrypt does not serve plaintext by a variable too few."""
    assert mistakes({**LEAST, **{f"SYNCLINE_{name}": at for name, at in given.items()}}) == [
        mistake
    ]


@pytest.mark.parametrize("origin", ["localhost:8091", "ftp://localhost", "http://", "/"])
def test_another_origin_of_a_provider_is_a_web_address(origin: str) -> None:
    """What no client could call is named at the start, not when somebody connects."""
    registered = {"SYNCLINE_XERO_CLIENT_ID": "id", "SYNCLINE_XERO_CLIENT_SECRET": "secret"}

    (mistake,) = mistakes({**LEAST, **registered, "SYNCLINE_XERO_BASE_URL": origin})

    assert mistake.startswith("SYNCLINE_XERO_BASE_URL: must ")


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:8091",
        "http://127.1.2.3",
        "http://[::1]:8091",
        "http://localhost:8091/",
        "https://gateway.internal",
        "https://10.0.0.1:8443",
    ],
)
def test_provider_may_be_moved_to_this_machine_or_anywhere_over_tls(origin: str) -> None:
    """A simulator beside the server needs no certificate; a gateway does."""
    registered = {"SYNCLINE_XERO_CLIENT_ID": "id", "SYNCLINE_XERO_CLIENT_SECRET": "secret"}

    config = read_config({**LEAST, **registered, "SYNCLINE_XERO_BASE_URL": origin})

    assert config.providers["xero"].base_url == origin


@pytest.mark.parametrize(
    ("origin", "advice"),
    [
        ("http://gateway.internal", "give the host a certificate"),
        ("http://10.0.0.1", "give the host a certificate"),
        ("http://0.0.0.0", "give the host a certificate"),
        ("http://localhost.evil.example", "give the host a certificate"),
        ("http://127.0.0.1.evil.example", "give the host a certificate"),
        ("https://planted:planted@host", "without path, query or credentials"),
        ("https://host/planted", "without path, query or credentials"),
        ("https://host?planted", "without path, query or credentials"),
        ("https://host#planted", "without path, query or credentials"),
    ],
)
def test_no_token_travels_unencrypted_beyond_this_machine(origin: str, advice: str) -> None:
    """A plain address elsewhere is a mistake with its remedy, and so is more than an origin."""
    registered = {"SYNCLINE_XERO_CLIENT_ID": "id", "SYNCLINE_XERO_CLIENT_SECRET": "secret"}

    (mistake,) = mistakes({**LEAST, **registered, "SYNCLINE_XERO_BASE_URL": origin})

    assert mistake.startswith("SYNCLINE_XERO_BASE_URL: must ")
    assert advice in mistake
    assert "planted" not in mistake


def test_a_server_may_leave_runs_to_others_where_there_are_others() -> None:
    """No workers of its own is for PostgreSQL, and refused on SQLite with the reason."""
    fleet = {**LEAST, "SYNCLINE_DATABASE_URL": "postgresql://host/name", "SYNCLINE_WORKERS": "0"}
    assert read_config(fleet).workers == 0

    (mistake,) = mistakes({**LEAST, "SYNCLINE_WORKERS": "0"})
    assert mistake == (
        "SYNCLINE_WORKERS: must be 1 or more on SQLite: no other process executes runs"
    )


@pytest.mark.parametrize("text", ["1.9", "-5", "soon"])
def test_a_takeover_too_soon_is_refused(text: str) -> None:
    """A busy process must have the time to give a sign of life."""
    (mistake,) = mistakes({**LEAST, "SYNCLINE_TAKEOVER_SECONDS": text})

    assert mistake.startswith("SYNCLINE_TAKEOVER_SECONDS: must be ")


def test_all_mistakes_are_told_at_once() -> None:
    """An operator mends everything in one go."""
    found = mistakes(
        {
            "SYNCLINE_LISTEN": "x",
            "SYNCLINE_WORKERS": "x",
            "SYNCLINE_XERO_CLIENT_ID": "id",
            "SYNCLINE_LOG_LEVEL": "x",
        }
    )

    assert [mistake.partition(":")[0] for mistake in found] == [
        "SYNCLINE_LISTEN",
        "SYNCLINE_ENCRYPTION_KEYS",
        "SYNCLINE_XERO_CLIENT_SECRET",
        "SYNCLINE_WORKERS",
        "SYNCLINE_LOG_LEVEL",
    ]


def test_empty_client_id_is_unset() -> None:
    """A compose file that passes empty variables configures no provider."""
    environ = {**LEAST, "SYNCLINE_XERO_CLIENT_ID": "", "SYNCLINE_XERO_CLIENT_SECRET": ""}

    assert read_config(environ).providers == {}


def test_the_consoles_variables_configure_no_provider() -> None:
    """One environment starts server and console, also where people sign in by their company."""
    company = {"SYNCLINE_CONSOLE_OIDC_CLIENT_ID": "id", "SYNCLINE_CONSOLE_OIDC_WEBHOOK_KEY": "key"}

    assert read_config({**LEAST, **company}).providers == {}


def test_a_webhook_key_without_its_app_is_a_mistake() -> None:
    """It would verify webhooks of an app that nobody can connect with."""
    (mistake,) = mistakes({**LEAST, "SYNCLINE_XERO_WEBHOOK_KEY": "planted"})

    assert mistake.startswith("SYNCLINE_XERO_WEBHOOK_KEY: needs SYNCLINE_XERO_CLIENT_ID")
    assert "planted" not in mistake


def test_secrets_are_in_no_representation() -> None:
    """Printing the configuration shows no password, key or client secret."""
    config = read_config(
        {
            **LEAST,
            "SYNCLINE_DATABASE_URL": "postgresql://user:planted-password@host/name",
            "SYNCLINE_XERO_CLIENT_ID": "id",
            "SYNCLINE_XERO_CLIENT_SECRET": "planted-secret",
            "SYNCLINE_XERO_WEBHOOK_KEY": "planted-key",
        }
    )

    assert "planted" not in repr(config) + str(config)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("on", Exposure.OPEN),
        ("open", Exposure.OPEN),
        ("callers", Exposure.CALLERS),
        ("off", Exposure.OFF),
    ],
)
def test_reflection_has_an_older_word(word: str, meant: Exposure) -> None:
    """``on`` means what ``open`` does, as it always did."""
    assert read_config({**LEAST, "SYNCLINE_REFLECTION": word}).reflection is meant


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"ISSUER": "https://id.example"}, "AUDIENCE"),
        ({"AUDIENCE": "syncline"}, "ISSUER"),
        ({"JWKS_URI": "https://id.example/keys"}, "ISSUER"),
        ({"CLIENTS": "console"}, "ISSUER"),
    ],
)
def test_an_issuer_needs_its_audience(given: dict[str, str], lacking: str) -> None:
    """Tokens that are made out to anybody are never taken, nor is half a setting overlooked."""
    environ = {f"SYNCLINE_OIDC_{name}": value for name, value in given.items()}

    (mistake,) = mistakes({**LEAST, **environ})

    assert mistake.startswith(f"SYNCLINE_OIDC_{lacking}: needed beside ")


def test_what_prints_credentials_is_refused() -> None:
    """GRPC's own tracing shows the headers of every call."""
    (mistake,) = mistakes({**LEAST, "GRPC_TRACE": "all"})

    assert mistake == "GRPC_TRACE: prints the credentials of callers; unset it"
