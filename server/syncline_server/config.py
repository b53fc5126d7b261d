"""Configuration by environment: the only reader of ``os.environ``.

Every variable is checked and every mistake named before anything starts. ``docs/configuration.md``
lists the variables; a test holds it against the table here.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_PREFIX = "SYNCLINE_"
_CLIENT_ID = "_CLIENT_ID"
_WEBHOOK_KEY = "_WEBHOOK_KEY"
_LAST_PORT = 65_535
_SHORTEST_TAKEOVER = timedelta(seconds=2)


class ConfigError(Exception):
    """The environment is not usable; ``mistakes`` holds a sentence for each variable."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"  # for people
    JSON = "json"  # for machines


@dataclass(frozen=True, kw_only=True)
class ProviderConfig:
    """Our registration at one provider, and where it is."""

    client_id: str
    client_secret: str = field(repr=False)
    base_url: str = ""
    """Another origin for all its addresses, such as a simulator's; empty for the real one."""
    webhook_keys: tuple[str, ...] = field(default=(), repr=False)
    """Signing keys of its webhooks; several while one takes another's place."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything an operator can set."""

    listen: str
    """host:port of the gRPC server; port 0 takes any free one."""
    database_url: str = field(repr=False)
    data_folder: Path
    encryption_keys: tuple[str, ...] = field(repr=False)
    """Fernet keys; the first encrypts, all decrypt."""
    redirect_uris: tuple[str, ...]
    """Where a provider may send people back to, exactly."""
    providers: Mapping[str, ProviderConfig]
    disabled_plugins: tuple[str, ...]
    workers: int
    """How many runs execute at once in this process."""
    takeover: timedelta
    """After how much silence of a process of the fleet its runs are taken over."""
    rpc_threads: int
    """How many calls are handled at once."""
    full_read_interval: timedelta
    """How old a module's last full read may be when it runs."""
    parity_interval: timedelta
    """How often what is here is compared with the provider; 0 never by itself."""
    change_history: timedelta
    """How long the feed of changes reaches back; 0 for ever."""
    run_history: timedelta
    """How long a run is kept behind its end; 0 for ever."""
    webhook_history: timedelta
    """How long an event of a webhook is kept; 0 for ever."""
    shutdown_grace: timedelta
    """How long running calls may go on after a stop is asked for."""
    reflection: bool
    log_format: LogFormat
    log_level: str


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the environment.

    :param environ: variables by name; the process's own when None.
    :raises ConfigError: with every mistake at once.
    """
    reader = _Reader(os.environ if environ is None else environ)
    folder = reader.get("DATA_FOLDER", Path, default=".data")
    config = Config(
        listen=reader.get("LISTEN", _address, default="127.0.0.1:50051"),
        data_folder=folder,
        database_url=reader.get(
            "DATABASE_URL", _database_url, default=f"sqlite:///{folder}/syncline.db"
        ),
        encryption_keys=reader.encryption_keys(),
        redirect_uris=reader.get(
            "REDIRECT_URIS", _web_addresses, default="http://localhost:8080/oauth/callback"
        ),
        providers=reader.providers(),
        disabled_plugins=reader.get("DISABLED_PLUGINS", _words, default=""),
        workers=reader.get("WORKERS", _whole, default="8"),
        takeover=reader.get("TAKEOVER_SECONDS", _takeover, default="20"),
        rpc_threads=reader.get("RPC_THREADS", _positive, default="16"),
        full_read_interval=reader.get("FULL_READ_INTERVAL_SECONDS", _seconds, default="86400"),
        parity_interval=reader.get("PARITY_INTERVAL_SECONDS", _seconds, default="86400"),
        change_history=reader.get("CHANGE_HISTORY_SECONDS", _seconds, default="604800"),
        run_history=reader.get("RUN_HISTORY_SECONDS", _seconds, default="7776000"),
        webhook_history=reader.get("WEBHOOK_HISTORY_SECONDS", _seconds, default="2678400"),
        shutdown_grace=reader.get("SHUTDOWN_GRACE_SECONDS", _seconds, default="10"),
        reflection=reader.get("REFLECTION", _switch, default="on"),
        log_format=reader.get("LOG_FORMAT", _log_format, default="console"),
        log_level=reader.get("LOG_LEVEL", _level, default="info"),
    )
    if not config.workers and is_sqlite(config):
        reader.mistake("WORKERS", "must be 1 or more on SQLite: no other process executes runs")
    reader.refuse_mistakes()
    return config


def is_sqlite(config: Config) -> bool:
    """Return whether everything happens in one process, on a database of its own."""
    return config.database_url.startswith("sqlite:")


class _Reader:
    """Reads variables and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._mistakes: list[str] = []

    def get(self, name: str, parse: Callable[[str], T], default: str) -> T:
        """Return a variable's value, or its default's when it is unset or wrong."""
        try:
            return parse(self._environ.get(_PREFIX + name, "").strip() or default)
        except ValueError as error:
            self._mistakes.append(f"{_PREFIX}{name}: {error}")
            return parse(default)

    def encryption_keys(self) -> tuple[str, ...]:
        """Return the key ring, from the variable itself or the file another one names."""
        keys = self.get("ENCRYPTION_KEYS", _words, default="")
        file = self.get("ENCRYPTION_KEYS_FILE", str, default="")
        if file and not keys:
            return self._keys_in(Path(file))
        if not keys:
            self._mistakes.append(
                f"{_PREFIX}ENCRYPTION_KEYS: needed to store tokens; make a key with"
                " `syncline-server keys create`"
            )
        return keys

    def _keys_in(self, file: Path) -> tuple[str, ...]:
        try:
            keys = _words(file.read_text().replace("\n", ","))
        except (OSError, UnicodeDecodeError):
            self._mistakes.append(f"{_PREFIX}ENCRYPTION_KEYS_FILE: {file} cannot be read")
            return ()
        if not keys:
            self._mistakes.append(f"{_PREFIX}ENCRYPTION_KEYS_FILE: {file} holds no key")
        return keys

    def providers(self) -> dict[str, ProviderConfig]:
        """Return every provider whose client id is set, by provider name."""
        names = [
            name.removeprefix(_PREFIX).removesuffix(_CLIENT_ID)
            for name, value in self._environ.items()
            if name.startswith(_PREFIX) and name.endswith(_CLIENT_ID) and value.strip()
        ]
        for key, value in self._environ.items():
            owner = key.removeprefix(_PREFIX).removesuffix(_WEBHOOK_KEY)
            if key == f"{_PREFIX}{owner}{_WEBHOOK_KEY}" and value.strip() and owner not in names:
                self._mistakes.append(f"{key}: needs {_PREFIX}{owner}{_CLIENT_ID} beside it")
        return {name.lower(): self._provider(name) for name in sorted(names)}

    def _provider(self, name: str) -> ProviderConfig:
        secret = self.get(f"{name}_CLIENT_SECRET", str, default="")
        if not secret:
            self._mistakes.append(
                f"{_PREFIX}{name}_CLIENT_SECRET: needed beside {_PREFIX}{name}_CLIENT_ID"
            )
        return ProviderConfig(
            client_id=self.get(f"{name}{_CLIENT_ID}", str, default=""),
            client_secret=secret,
            base_url=self.get(f"{name}_BASE_URL", _origin, default=""),
            webhook_keys=self.get(f"{name}{_WEBHOOK_KEY}", _words, default=""),
        )

    def mistake(self, name: str, text: str) -> None:
        """Add what is wrong with variables that are right by themselves."""
        self._mistakes.append(f"{_PREFIX}{name}: {text}")

    def refuse_mistakes(self) -> None:
        """Raise everything that was wrong, if anything was."""
        if self._mistakes:
            raise ConfigError(self._mistakes)


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError("must be host:port")
    return text


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return text


def _origin(text: str) -> str:
    if text and not _is_web_address(text):
        raise ValueError("must begin with http:// or https:// and a host")
    return text


def _web_addresses(text: str) -> tuple[str, ...]:
    words = _words(text)
    if not all(_is_web_address(word) for word in words):
        raise ValueError("must be addresses that begin with http:// or https:// and a host")
    return words


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # a malformed IPv6 host
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("must be a positive whole number")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("must be a whole number, 0 or more")
    return int(text)


def _takeover(text: str) -> timedelta:
    span = _seconds(text)
    if span < _SHORTEST_TAKEOVER:
        raise ValueError(f"must be at least {_SHORTEST_TAKEOVER.seconds} seconds")
    return span


def _seconds(text: str) -> timedelta:
    try:
        span = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        span = None
    if span is None or span < timedelta():
        raise ValueError("must be a number of seconds, 0 or more")
    return span


def _switch(text: str) -> bool:
    try:
        return {"on": True, "off": False}[text.lower()]
    except KeyError:
        raise ValueError("must be on or off") from None


def _log_format(text: str) -> LogFormat:
    try:
        return LogFormat(text.lower())
    except ValueError:
        raise ValueError("must be console or json") from None


def _level(text: str) -> str:
    if text.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("must be debug, info, warning or error")
    return text.lower()
