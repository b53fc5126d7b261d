"""Settings of the demo: the only reader of ``os.environ`` here.

``docs/configuration.md`` lists the variables; a test holds it against :data:`VARIABLES`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from syncline_client import Tls
from syncline_console import config as console

VARIABLES = {
    "SYNCLINE_LISTEN": "127.0.0.1:50051",
    "SYNCLINE_SIMULATOR_LISTEN": "127.0.0.1:8091",
    "SYNCLINE_CONSOLE_LISTEN": "127.0.0.1:8080",
    "SYNCLINE_DATA_FOLDER": ".data",
    "SYNCLINE_DEMO_TOKEN": "",
}
"""Every variable with its default."""

_ADDRESSES = ("SYNCLINE_LISTEN", "SYNCLINE_SIMULATOR_LISTEN", "SYNCLINE_CONSOLE_LISTEN")
_LAST_PORT = 65535


class SettingsError(Exception):
    """The environment is not usable; the message names every mistake, one per line."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where something listens, and the variable that says so."""

    variable: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as the start of an HTTP URL."""
        return f"http://{self}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the local stack is and keeps its data."""

    server: Address
    simulator: Address
    console: Address
    data_folder: Path
    token: str | None = field(repr=False)
    """Bearer token of the story's calls; None sends none."""
    tls: Tls | None
    """How the server is called over TLS, as the console calls it; None calls it in plaintext."""
    environ: Mapping[str, str] = field(repr=False)
    """The whole environment, for the processes that are started."""

    @property
    def public_url(self) -> str:
        """Where people open the console. Xero allows plain HTTP for localhost only."""
        return f"http://localhost:{self.console.port}"

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to."""
        return f"{self.public_url}/oauth/callback"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment.

    :param environ: variables by name; the process's own when None.
    :raises SettingsError: naming every mistake.
    """
    given = os.environ if environ is None else environ
    values = {name: given.get(name, "").strip() or unset for name, unset in VARIABLES.items()}
    mistakes = [
        f"{name}: must be host:port with a port from 1 to {_LAST_PORT}, for example"
        f" {VARIABLES[name]}"
        for name in _ADDRESSES
        if not _is_address(values[name])
    ]
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    try:
        # Where the console listens is judged by itself, once it has the stack's session keys.
        tls = console.read_settings({**given, "SYNCLINE_CONSOLE_LISTEN": "127.0.0.1:0"}).tls
    except console.SettingsError as error:
        raise SettingsError(str(error)) from error
    return Settings(
        server=_address("SYNCLINE_LISTEN", values),
        simulator=_address("SYNCLINE_SIMULATOR_LISTEN", values),
        console=_address("SYNCLINE_CONSOLE_LISTEN", values),
        data_folder=Path(values["SYNCLINE_DATA_FOLDER"]),
        token=values["SYNCLINE_DEMO_TOKEN"] or None,
        tls=tls,
        environ=dict(given),
    )


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) <= _LAST_PORT


def _address(variable: str, values: Mapping[str, str]) -> Address:
    host, _, port = values[variable].rpartition(":")
    return Address(variable=variable, host=host.strip("[]"), port=int(port))
