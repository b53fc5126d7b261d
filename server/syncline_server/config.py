"""Configuration by environment: the only reader of ``os.environ``.

Every variable is checked and every mistake named before anything starts. ``docs/configuration.md``
lists the variables; a test holds it against the table here.
"""

import ipaddress
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from syncline_server.core.addresses import is_confidential

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


class Exposure(StrEnum):
    """Who may ask the server about itself."""

    OPEN = "open"  # everybody who reaches it
    CALLERS = "callers"  # whoever has credentials
    OFF = "off"  # nobody


@dataclass(frozen=True, kw_only=True)
class OidcConfig:
    """Whose signed tokens are taken, and which of them."""

    issuer: str
    audience: str
    clients: tuple[str, ...]
    """Empty for any."""
    workspaces_claim: str
    jwks_uri: str
    """Where its keys are; empty to ask the issuer."""


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
class TlsConfig:
    """Where the files for TLS are."""

    certificate: Path
    key: Path
    client_authorities: Path | None
    """Authorities whose certificates clients must have; None asks them for none."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything an operator can set."""

    listen: str
    """host:port of the gRPC server; port 0 takes any free one."""
    tls: TlsConfig | None
    """None speaks plaintext."""
    plaintext_anywhere: bool
    """Whether plaintext may be spoken beyond loopback, too."""
    database_url: str = field(repr=False)
    data_folder: Path
    encryption_keys: tuple[str, ...] = field(repr=False)
    """32 bytes in URL-safe base64 each; the first encrypts, all decrypt. Empty with a command."""
    encryption_keys_file: Path | None
    """Where they are from, and others may be later."""
    encryption_keys_command: tuple[str, ...] = field(repr=False)
    """What prints them instead; the program and its arguments."""
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
    calls_per_minute: int
    """How many calls each caller may make; 0 is as many as they like."""
    watch_streams: int
    """How many streams may be open at once."""
    watch_streams_per_caller: int
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
    reflection: Exposure
    health: Exposure
    oidc: OidcConfig | None
    """The issuer of signed tokens; None where only our own are taken."""
    log_format: LogFormat
    log_level: str


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the environment.

    :param environ: variables by name; the process's own when None.
    :raises ConfigError: with every mistake at once.
    """
    reader = _Reader(os.environ if environ is None else environ)
    folder = reader.get("DATA_FOLDER", Path, default=".data")
    keys_file = reader.get("ENCRYPTION_KEYS_FILE", _path, default="")
    keys_command = reader.get("ENCRYPTION_KEYS_COMMAND", _arguments, default="")
    config = Config(
        listen=reader.get("LISTEN", _address, default="127.0.0.1:50051"),
        tls=reader.tls(),
        plaintext_anywhere=not reader.get("TLS", _switch, default="on"),
        data_folder=folder,
        database_url=reader.get(
            "DATABASE_URL", _database_url, default=f"sqlite:///{folder}/syncline.db"
        ),
        encryption_keys=reader.encryption_keys(keys_file, keys_command),
        encryption_keys_file=keys_file,
        encryption_keys_command=keys_command,
        redirect_uris=reader.get(
            "REDIRECT_URIS", _web_addresses, default="http://localhost:8080/oauth/callback"
        ),
        providers=reader.providers(),
        disabled_plugins=reader.get("DISABLED_PLUGINS", _words, default=""),
        workers=reader.get("WORKERS", _whole, default="8"),
        takeover=reader.get("TAKEOVER_SECONDS", _takeover, default="20"),
        rpc_threads=reader.get("RPC_THREADS", _positive, default="16"),
        calls_per_minute=reader.get("CALLS_PER_MINUTE", _whole, default="6000"),
        watch_streams=reader.get("WATCH_STREAMS", _positive, default="5000"),
        watch_streams_per_caller=reader.get("WATCH_STREAMS_PER_CALLER", _positive, default="1000"),
        full_read_interval=reader.get("FULL_READ_INTERVAL_SECONDS", _seconds, default="86400"),
        parity_interval=reader.get("PARITY_INTERVAL_SECONDS", _seconds, default="86400"),
        change_history=reader.get("CHANGE_HISTORY_SECONDS", _seconds, default="604800"),
        run_history=reader.get("RUN_HISTORY_SECONDS", _seconds, default="7776000"),
        webhook_history=reader.get("WEBHOOK_HISTORY_SECONDS", _seconds, default="2678400"),
        shutdown_grace=reader.get("SHUTDOWN_GRACE_SECONDS", _seconds, default="10"),
        reflection=reader.get("REFLECTION", _exposure, default="open"),
        health=reader.get("HEALTH", _shown, default="open"),
        oidc=reader.oidc(),
        log_format=reader.get("LOG_FORMAT", _log_format, default="console"),
        log_level=reader.get("LOG_LEVEL", _level, default="info"),
    )
    if config.tls and config.plaintext_anywhere:
        reader.mistake("TLS", "is off, and SYNCLINE_TLS_CERTIFICATE_FILE is set")
    if not config.workers and is_sqlite(config):
        reader.mistake("WORKERS", "must be 1 or more on SQLite: no other process executes runs")
    reader.refuse_tracing()
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

    def encryption_keys(self, file: Path | None, command: Sequence[str]) -> tuple[str, ...]:
        """Return the key ring, of the variable itself or a file; none where a command prints it."""
        keys = self.get("ENCRYPTION_KEYS", _words, default="")
        if sum(map(bool, (keys, file, command))) > 1:
            self.mistake("ENCRYPTION_KEYS", "only one of it, its _FILE and its _COMMAND may be set")
        if file:
            return self._keys_in(file)
        if not keys and not command:
            self.mistake(
                "ENCRYPTION_KEYS",
                "needed to store tokens; make a key with `syncline-server keys create`",
            )
        return keys

    def _keys_in(self, file: Path) -> tuple[str, ...]:
        try:
            keys = key_words(file.read_text())
        except (OSError, UnicodeDecodeError):
            self.mistake("ENCRYPTION_KEYS_FILE", f"{file} cannot be read")
            return ()
        if not keys:
            self.mistake("ENCRYPTION_KEYS_FILE", f"{file} holds no key")
        return keys

    def oidc(self) -> OidcConfig | None:
        """Return the issuer of signed tokens, if one is set."""
        config = OidcConfig(
            issuer=self.get("OIDC_ISSUER", _confidential, default=""),
            audience=self.get("OIDC_AUDIENCE", str, default=""),
            clients=self.get("OIDC_CLIENTS", _words, default=""),
            workspaces_claim=self.get("OIDC_WORKSPACES_CLAIM", str, default="syncline_workspaces"),
            jwks_uri=self.get("OIDC_JWKS_URI", _confidential, default=""),
        )
        if config.issuer and not config.audience:
            self.mistake("OIDC_AUDIENCE", "needed beside SYNCLINE_OIDC_ISSUER")
        if not config.issuer and (config.audience or config.clients or config.jwks_uri):
            self.mistake("OIDC_ISSUER", "needed beside the other variables of OIDC")
        return config if config.issuer else None

    def tls(self) -> TlsConfig | None:
        """Return where the files for TLS are, if there are any."""
        certificate, key, authorities = (
            self.get(f"TLS_{name}_FILE", str, default="")
            for name in ("CERTIFICATE", "KEY", "CLIENT_CA")
        )
        if bool(certificate) is not bool(key):
            self.mistake(f"TLS_{'KEY' if certificate else 'CERTIFICATE'}_FILE", "needed for TLS")
        elif authorities and not certificate:
            self.mistake("TLS_CLIENT_CA_FILE", f"needs {_PREFIX}TLS_CERTIFICATE_FILE beside it")
        if not certificate or not key:
            return None
        return TlsConfig(
            certificate=Path(certificate),
            key=Path(key),
            client_authorities=Path(authorities) if authorities else None,
        )

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

    def refuse_tracing(self) -> None:
        """Refuse what would have gRPC print every call's headers, credentials among them."""
        if self._environ.get("GRPC_TRACE"):
            self._mistakes.append("GRPC_TRACE: prints the credentials of callers; unset it")

    def refuse_mistakes(self) -> None:
        """Raise everything that was wrong, if anything was."""
        if self._mistakes:
            raise ConfigError(self._mistakes)


def key_words(text: str) -> tuple[str, ...]:
    """Return the keys of a text: one a line, or separated by commas."""
    return _words(text.replace("\n", ","))


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError("must be host:port")
    return text


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return text


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _origin(text: str) -> str:
    if not text:
        return text
    if not _is_web_address(text):
        raise ValueError("must begin with http:// or https:// and a host")
    parts = urlsplit(text)
    if "@" in parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must be http(s)://host[:port], without path, query or credentials")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError(
            "must begin with https:// unless the host is this machine, such as 127.0.0.1: give the"
            " host a certificate, or forward a local port to it"
        )
    return text


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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


def _arguments(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise ValueError("must be a program and its arguments, quoted as in a shell") from None


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


def _exposure(text: str) -> Exposure:
    try:
        return {"on": Exposure.OPEN, **{each.value: each for each in Exposure}}[text.lower()]
    except KeyError:
        raise ValueError("must be open, callers or off") from None


def _shown(text: str) -> Exposure:
    if text.lower() not in (Exposure.OPEN, Exposure.CALLERS):
        raise ValueError("must be open or callers")
    return Exposure(text.lower())


def _confidential(text: str) -> str:
    if text and not is_confidential(text):
        raise ValueError("must begin with https:// and a host (http:// on loopback)")
    return text


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
