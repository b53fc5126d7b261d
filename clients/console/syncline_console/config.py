"""Settings of the console: the only reader of ``os.environ`` here.

``docs/configuration.md`` lists the variables; a test holds it against :data:`VARIABLES`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncline_client import Tls
from syncline_console import entrance
from syncline_console.entrance import Entrance, EntranceReader
from syncline_console.public_address import mistake_in

VARIABLES = {
    "SYNCLINE_CONSOLE_LISTEN": "127.0.0.1:8080",
    "SYNCLINE_CONSOLE_PUBLIC_URL": "",
    "SYNCLINE_CONSOLE_SERVER": "127.0.0.1:50051",
    "SYNCLINE_CONSOLE_TOKEN": "",
    "SYNCLINE_CONSOLE_TLS": "off",
    "SYNCLINE_CONSOLE_TLS_CA_FILE": "",
    "SYNCLINE_CONSOLE_TLS_CERTIFICATE_FILE": "",
    "SYNCLINE_CONSOLE_TLS_KEY_FILE": "",
    **entrance.VARIABLES,
}
"""Every variable with its default."""


class SettingsError(Exception):
    """The environment is not usable; the message names every mistake, one per line."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the console listens, and whose API it calls."""

    host: str
    port: int
    """0 takes any free one."""
    public_url: str
    """Scheme and host by which people reach it; empty is localhost at the port it listens on."""
    server: str
    """``host:port`` of the gRPC server."""
    token: str | None = field(repr=False)
    """Bearer token for every call; None sends none."""
    tls: Tls | None
    """How the server is called over TLS; None calls it in plaintext."""
    entrance: Entrance
    """How people sign in."""


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment.

    :param environ: variables by name; the process's own when None.
    :raises SettingsError: naming every mistake.
    """
    given = os.environ if environ is None else environ
    values = {name: given.get(name, "").strip() or unset for name, unset in VARIABLES.items()}
    tls, wrong = _tls(values)
    host, _, port = values["SYNCLINE_CONSOLE_LISTEN"].rpartition(":")
    host = host.strip("[]")
    reader = EntranceReader(values, host=host, port=port)
    read = reader.read()
    mistakes = _mistakes(values) + wrong + reader.mistakes
    if given.get("GRPC_TRACE"):
        mistakes.append("GRPC_TRACE: prints the console's access token; unset it")
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return Settings(
        host=host,
        port=int(port),
        public_url=values["SYNCLINE_CONSOLE_PUBLIC_URL"].rstrip("/"),
        server=values["SYNCLINE_CONSOLE_SERVER"],
        token=values["SYNCLINE_CONSOLE_TOKEN"] or None,
        tls=tls,
        entrance=read,
    )


def _tls(values: Mapping[str, str]) -> tuple[Tls | None, list[str]]:
    """Return how TLS is spoken, and what is wrong with it."""
    ca, certificate, key = (
        values[f"SYNCLINE_CONSOLE_TLS_{name}_FILE"] for name in ("CA", "CERTIFICATE", "KEY")
    )
    if values["SYNCLINE_CONSOLE_TLS"].lower() != "on":
        unused = ca or certificate or key
        return None, ["SYNCLINE_CONSOLE_TLS: must be on for its files"] if unused else []
    try:
        return Tls.from_files(ca=ca, certificate=certificate, key=key), []
    except OSError as error:
        return None, [f"SYNCLINE_CONSOLE_TLS: {error.filename} cannot be read: {error.strerror}"]
    except ValueError as error:
        return None, [f"SYNCLINE_CONSOLE_TLS: {error}"]


def _mistakes(values: Mapping[str, str]) -> list[str]:
    found = []
    for name in ("SYNCLINE_CONSOLE_LISTEN", "SYNCLINE_CONSOLE_SERVER"):
        host, _, port = values[name].rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port
            found.append(f"{name}: must be host:port, for example 127.0.0.1:8080")
    public = values["SYNCLINE_CONSOLE_PUBLIC_URL"]
    if public and mistake_in(public):
        found.append(f"SYNCLINE_CONSOLE_PUBLIC_URL: {mistake_in(public)}")
    if values["SYNCLINE_CONSOLE_TLS"].lower() not in ("on", "off"):
        found.append("SYNCLINE_CONSOLE_TLS: must be on or off")
    return found
