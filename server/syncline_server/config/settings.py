"""Everything an operator can set, as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


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
    audit_history: timedelta
    """How long an entry of the audit trail is kept; 0 for ever."""
    shutdown_grace: timedelta
    """How long running calls may go on after a stop is asked for."""
    reflection: Exposure
    health: Exposure
    oidc: OidcConfig | None
    """The issuer of signed tokens; None where only our own are taken."""
    log_format: LogFormat
    log_level: str
