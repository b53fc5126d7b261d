"""Configuration by environment: the only reader of ``os.environ``.

Every variable is checked and every mistake named before anything starts. ``docs/configuration.md``
lists the variables; a test holds it against what is read here.
"""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from syncline_server.config import values
from syncline_server.config.reader import ConfigError, Reader
from syncline_server.config.settings import (
    Config,
    Exposure,
    LogFormat,
    OidcConfig,
    ProviderConfig,
    TlsConfig,
)
from syncline_server.config.values import key_words

__all__ = (
    "Config",
    "ConfigError",
    "Exposure",
    "LogFormat",
    "OidcConfig",
    "ProviderConfig",
    "TlsConfig",
    "is_sqlite",
    "key_words",
    "read_config",
    "silence_grpc",
)


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the environment.

    :param environ: variables by name; the process's own when None.
    :raises ConfigError: with every mistake at once.
    """
    reader = Reader(os.environ if environ is None else environ)
    folder = reader.get("DATA_FOLDER", Path, default=".data")
    keys_file = reader.get("ENCRYPTION_KEYS_FILE", values.path, default="")
    keys_command = reader.get("ENCRYPTION_KEYS_COMMAND", values.arguments, default="")
    config = Config(
        listen=reader.get("LISTEN", values.address, default="127.0.0.1:50051"),
        tls=reader.tls(),
        plaintext_anywhere=not reader.get("TLS", values.switch, default="on"),
        data_folder=folder,
        database_url=reader.get(
            "DATABASE_URL", values.database_url, default=f"sqlite:///{folder}/syncline.db"
        ),
        encryption_keys=reader.encryption_keys(keys_file, keys_command),
        encryption_keys_file=keys_file,
        encryption_keys_command=keys_command,
        redirect_uris=reader.get(
            "REDIRECT_URIS", values.web_addresses, default="http://localhost:8080/oauth/callback"
        ),
        providers=reader.providers(),
        disabled_plugins=reader.get("DISABLED_PLUGINS", values.words, default=""),
        workers=reader.get("WORKERS", values.whole, default="8"),
        takeover=reader.get("TAKEOVER_SECONDS", values.takeover, default="20"),
        rpc_threads=reader.get("RPC_THREADS", values.positive, default="16"),
        calls_per_minute=reader.get("CALLS_PER_MINUTE", values.whole, default="6000"),
        watch_streams=reader.get("WATCH_STREAMS", values.positive, default="5000"),
        watch_streams_per_caller=reader.get(
            "WATCH_STREAMS_PER_CALLER", values.positive, default="1000"
        ),
        full_read_interval=reader.get(
            "FULL_READ_INTERVAL_SECONDS", values.seconds, default="86400"
        ),
        parity_interval=reader.get("PARITY_INTERVAL_SECONDS", values.seconds, default="86400"),
        change_history=reader.get("CHANGE_HISTORY_SECONDS", values.seconds, default="604800"),
        run_history=reader.get("RUN_HISTORY_SECONDS", values.seconds, default="7776000"),
        webhook_history=reader.get("WEBHOOK_HISTORY_SECONDS", values.seconds, default="2678400"),
        audit_history=reader.get("AUDIT_HISTORY_SECONDS", values.seconds, default="0"),
        shutdown_grace=reader.get("SHUTDOWN_GRACE_SECONDS", values.seconds, default="10"),
        reflection=reader.get("REFLECTION", values.exposure, default="open"),
        health=reader.get("HEALTH", values.shown, default="open"),
        oidc=reader.oidc(),
        log_format=reader.get("LOG_FORMAT", values.log_format, default="console"),
        log_level=reader.get("LOG_LEVEL", values.level, default="info"),
    )
    if config.tls and config.plaintext_anywhere:
        reader.mistake("TLS", "is off, and SYNCLINE_TLS_CERTIFICATE_FILE is set")
    if not config.workers and is_sqlite(config):
        reader.mistake("WORKERS", "must be 1 or more on SQLite: no other process executes runs")
    reader.refuse_tracing()
    reader.refuse_mistakes()
    return config


def silence_grpc(environ: MutableMapping[str, str] = os.environ) -> None:
    """Have gRPC print nothing, unless an operator asks it to.

    It writes past every log a line of its own about each connection that a stranger breaks. What
    the server needs to know of gRPC's failures comes back from its calls.
    """
    if not environ.get("GRPC_VERBOSITY"):
        environ["GRPC_VERBOSITY"] = "NONE"


def is_sqlite(config: Config) -> bool:
    """Return whether everything happens in one process, on a database of its own."""
    return config.database_url.startswith("sqlite:")
